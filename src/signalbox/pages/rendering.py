"""How does a view become HTML? Through the templates of `templates/`, which escape whatever they are given.

What is safe HTML already (`incidents/markdown.py` made it, or a template) comes as `Markup`. A name that a template
does not know is a bug and raises.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from signalbox.pages.language import Language

FOLDER: Final = Path(__file__).parent / "templates"


def render(template: str, language: Language, /, **values: object) -> Markup:
    """The HTML of a template. In it, `say` and `count` are the language's."""
    found = _environment().get_template(template)
    return Markup(found.render(language=language, say=language.say, count=language.count, **values))  # noqa: S704 - escaped


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
