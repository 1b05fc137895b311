"""How does a view become HTML? Through the templates of `templates/`, which escape whatever they are given.

What is safe HTML already (`incidents/markdown.py` made it, or a template) comes as `Markup`. A name that a template
does not know is a bug and raises.
"""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from signalbox.pages.filters import FILTERS
from signalbox.pages.language import Language, parted

FOLDER: Final = Path(__file__).parent / "templates"


def render(template: str, language: Language, /, **values: object) -> Markup:
    """The HTML of a template. In it, `say` and `count` are the language's; `tell` is `say` with HTML in the holes."""
    found = _environment().get_template(template)
    spoken = {"language": language, "say": language.say, "count": language.count, "tell": partial(tell, language)}
    return Markup(found.render(**spoken, **values))  # noqa: S704 - the template escapes


def tell(language: Language, key: str, /, **values: object) -> Markup:
    """A text with HTML in its holes: what is `Markup` stays, all else is escaped."""
    words, names = parted(language.raw(key))
    filled = (Markup("{}{}").format(word, values[name]) for word, name in zip(words, names, strict=False))
    return Markup().join(filled) + words[-1]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    return environment
