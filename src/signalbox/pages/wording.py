"""Which words of a page may its owner say otherwise, and how? Any text of a catalogue's `shared` part, with the holes
that it has; one text for all numbers where there are plural forms."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator

from signalbox.pages import language
from signalbox.pages.language import holes

_MOST = 300  # characters of a text


def known(code: str) -> str:
    """The language as it is called here; ValueError if there is none."""
    found = language.matched(code)
    if found is None:
        raise ValueError(f'there is no language "{code}"; there are {", ".join(language.available())}')
    return found


def checked(words: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The words by the languages as they are called here. ValueError names what cannot be said, and what can."""
    shared, _ = language.catalogue(language.LANGUAGES[0])
    for own in words.values():
        for key, text in own.items():
            _check(key, text, shared)
    return {known(code): dict(own) for code, own in words.items()}


def _check(key: str, text: str, shared: language.Catalogue) -> None:
    if key not in shared:
        close = difflib.get_close_matches(key, shared, 3, 0.5)
        advice = f"did you mean {' or '.join(close)}?" if close else "docs/guide/languages.md tells where they are"
        raise ValueError(f'the page has no text "{key}"; {advice}')
    wanted = holes(shared[key])
    if holes(text) != wanted:
        said = " and ".join(f"{{{name}}}" for name in sorted(wanted)) or "no names in braces"
        raise ValueError(f'the text of "{key}" must hold {said}, as the page\'s own does')
    if not 0 < len(text) <= _MOST:
        raise ValueError(f'the text of "{key}" must have 1 to {_MOST} characters')


Code = Annotated[str, AfterValidator(known)]
"""A pydantic field type: a language that there is."""

Wording = Annotated[dict[str, dict[str, str]], AfterValidator(checked)]
"""A pydantic field type: texts by language and key."""
