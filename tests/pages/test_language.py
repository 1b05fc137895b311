from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from markupsafe import Markup

from signalbox.pages import times, words
from signalbox.pages.document import Sum
from signalbox.pages.language import LANGUAGES, language, matched, names, picked
from signalbox.pages.rendering import tell
from tests.pages.test_words import golden

GOLDEN = golden("languages")
NOW = datetime.fromisoformat(GOLDEN["now"])
PARTS = ("moments", "untils", "lasted", "spans", "numbers", "percents", "counts", "days", "sums", "listed")


def said(code: str, part: str, row: list[Any]) -> list[Any]:
    """The words of a golden row, as they are said here."""
    spoken = language(code)
    match part:
        case "moments":
            moment = datetime.fromisoformat(row[0])
            return [times.written(spoken, moment, NOW, ZoneInfo(row[1])), times.ago(spoken, moment, NOW)]
        case "untils":
            return [times.until(spoken, datetime.fromisoformat(row[0]), NOW)]
        case "lasted":
            return [times.lasted(spoken, timedelta(seconds=row[0]))]
        case "spans":
            return [times.span(spoken, timedelta(seconds=row[0]))]
        case "numbers":
            return [spoken.number(row[0])]
        case "percents":
            return [spoken.percent(row[0])]
        case "counts":
            return [spoken.count(row[0], row[1])]
        case "days":
            return [times.named_day(spoken, row[0], NOW, ZoneInfo("UTC"))]
        case "sums":
            return [words.sum_words(spoken, Sum.model_validate(row[0]), row[1])]
        case _:
            return [spoken.listed(row[0], row[1])]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_both_sides_say_the_same_in_every_language(code: str, part: str) -> None:
    rows = GOLDEN["languages"][code][part]
    assert [said(code, part, row) for row in rows] == [row[-len(said(code, part, row)) :] for row in rows]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("de", "de"), ("de-AT", "de"), ("DE-ch-1996", "de"), ("pt", "pt-BR"), ("pt-PT", "pt-BR"), ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"), ("zh-Hans-SG", "zh-Hans"), ("zh-TW", None), ("zh-Hant", None), ("en-US", "en"),
        ("sw", None), ("", None),
    ],
)  # fmt: skip
def test_a_tag_finds_the_language_that_suits_it(wanted: str, found: str | None) -> None:
    assert matched(wanted) == found


@pytest.mark.parametrize(
    ("accepted", "found"),
    [
        ("", "en"), ("de", "de"), ("sw, hu;q=0.8, de;q=0.9", "de"), ("fr;q=0, es;q=0.1", "es"), ("*", "en"),
        ("sw;q=1, *;q=0.5", "en"), ("ja-JP,ja;q=0.9,en;q=0.8", "ja"), ("de;q=nonsense, fr;q=0.2", "de"),
        (";;;,,,q=1", "en"), ("x" * 10_000, "en"),
    ],
)  # fmt: skip
def test_the_language_that_a_reader_accepts_most_is_picked(accepted: str, found: str) -> None:
    assert picked(accepted) == found


def test_readers_who_ask_for_none_that_there_is_get_what_the_owner_said() -> None:
    assert picked("sw", "hu") == "hu"
    assert picked("*", "hu") == "hu"


def test_only_arabic_is_read_from_the_right() -> None:
    assert [code for code in LANGUAGES if language(code).direction == "rtl"] == ["ar"]


def test_languages_are_called_what_they_call_themselves() -> None:
    assert dict(names())["de"] == "Deutsch"
    assert dict(names())["pt-BR"] == "Português"
    assert len(names()) == len(LANGUAGES)


def test_an_owners_words_stand_instead_of_ours() -> None:
    spoken = language("en").with_words({"banner.operational": "All good"})
    assert spoken.say("banner.operational") == "All good"
    assert '"banner.operational":"All good"' in spoken.shared_json()
    assert language("en").say("banner.operational") == "All systems operational"


def test_a_key_that_nobody_knows_is_a_bug() -> None:
    with pytest.raises(KeyError):
        language("en").say("banner.nonsense")
    with pytest.raises(KeyError, match="use count"):
        language("en").say("banner.no-data")


def test_what_fills_a_hole_is_text_unless_it_is_markup() -> None:
    spoken = language("en")
    assert tell(spoken, "age.from", time="<b>") == "Data from &lt;b&gt;"
    assert tell(spoken, "age.from", time=Markup("<b>now</b>")) == "Data from <b>now</b>"
