"""Every language says the same: the same keys, the same holes, the plural forms that it has, and in its own words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from signalbox.pages import language
from signalbox.pages.language import LANGUAGES, Text, catalogue, holes

FOLDER = Path(language.__file__).parent / "catalogues"
OTHERS = LANGUAGES[1:]
PARTS = ("shared", "server")
CHOSEN = {"weekday", "day", "month", "m", "year"}  # parts of a date, of which a language takes those it writes
NUMBERS = 100_000  # whole numbers up to here are said: their plural forms must be there, and no others
BUDGET = 5_000  # bytes of the shared part, compressed
SAME = {
    "cell.reason", "bar.named", "list.comma", "list.semicolon", "list.sentence", "list.dot", "length.seconds",
    "length.minutes", "length.hours", "length.hours-only", "length.days", "zoom.60m", "zoom.24h", "page.description",
    "day.title", "day.line", "monitor.milliseconds", "monitor.half", "monitor.most", "monitor.nearly-all",
    "date.day", "date.day-time", "date.year", "date.year-time", "moment.title",
}  # fmt: skip
"""May read as in English: signs, units and patterns."""

ALIKE = {
    ("fr", "group.services"),
    ("fr", "group.label"),
    ("fr", "span.minutes"),
    ("fr", "span.maintenance"),
    ("fr", "cell.m"),
    ("fr", "history.service"),
    ("fr", "monitor.phases"),
    ("es", "monitor.percentiles"),
    ("fr", "receipt.part.maintenance"),
    ("fr", "receipt.counted.maintenance"),
}
"""Words that a language has in common with English."""


def texts(code: str, part: str) -> dict[str, Text]:
    return dict(catalogue(code)[PARTS.index(part)])


def forms(text: Text) -> Iterator[str]:
    yield from [text] if isinstance(text, str) else text.values()


@pytest.mark.parametrize("part", PARTS)
def test_every_language_has_every_text_and_no_other(part: str) -> None:
    english = texts("en", part).keys()
    lacks = {code: sorted(english - texts(code, part).keys()) for code in OTHERS}
    strange = {code: sorted(texts(code, part).keys() - english) for code in OTHERS}
    assert {code: keys for code, keys in lacks.items() if keys} == {}
    assert {code: keys for code, keys in strange.items() if keys} == {}


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_has_the_holes_of_the_english_one(code: str) -> None:
    for part in PARTS:
        english = texts("en", part)
        for key, text in texts(code, part).items():
            wanted, found = holes(english[key]), holes(text)
            if key.startswith("date."):
                wanted, found = wanted - CHOSEN, found - CHOSEN
            assert found - {"n"} == wanted - {"n"}, f"{code}: {key}"
            assert "n" in found or "n" not in wanted or not isinstance(text, str), f"{code}: {key}"
            assert "n" not in found or isinstance(english[key], dict) or "n" in wanted, f"{code}: {key}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_plural_forms_are_those_that_the_language_has(code: str) -> None:
    plural = language.language(code).locale.plural_form
    needed = {plural(number) for number in range(NUMBERS)}
    for part in PARTS:
        for key, text in texts(code, part).items():
            if not isinstance(text, str):
                assert set(text) == needed, f"{code}: {key}"
                assert all(holes(form) - {"n"} == holes(text) - {"n"} for form in text.values()), f"{code}: {key}"
                assert "n" not in holes(text) or "n" in holes(text["other"]), f"{code}: {key}"


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_was_left_by_accident(code: str) -> None:
    english = {**texts("en", "shared"), **texts("en", "server")}
    left = [
        key
        for part in PARTS
        for key, text in texts(code, part).items()
        if key not in SAME and (code, key) not in ALIKE and set(forms(text)) & set(forms(english[key]))
    ]
    assert left == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_texts_are_plain_and_neat(code: str) -> None:
    for part in PARTS:
        for key, text in texts(code, part).items():
            for form in forms(text):
                assert form, f"{code}: {key}"
                assert not re.search(r"[<>]|&\w+;|  |\n|[{][^a-z]|'", form), f"{code}: {key}: {form}"
                assert form.strip() == form or key.startswith("list."), f"{code}: {key}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_key_stands_twice_in_a_file(code: str) -> None:
    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in found]
        assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]
        return dict(found)

    read = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"), object_pairs_hook=pairs)
    assert list(read) == list(PARTS)
    assert not read["shared"].keys() & read["server"].keys()


def test_every_language_has_a_catalogue() -> None:
    assert language.available() == LANGUAGES
