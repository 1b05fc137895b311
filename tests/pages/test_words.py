from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signalbox.pages import waterline, words
from signalbox.pages.document import Group, Headline, Item, Span, State, Sum
from signalbox.pages.language import language

GOLDEN = Path(__file__).parents[2] / "web/shared/golden"
ENGLISH = language("en")


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def item(minutes: str = "u" * 60, state: State = State.OPERATIONAL) -> Item:
    return Item(
        id="x", name="X", state=state, interval_s=60, checked_at=None, signals=60, uptime="100.00", minutes=minutes,
        latency=[None] * 60,
    )  # fmt: skip


GOLDEN_NOW = "2026-11-24T03:00:00+00:00"
"""The moment at which the golden headlines are said."""


@pytest.mark.parametrize("case", golden("headlines"))
def test_the_banner_is_worded_as_the_browser_words_it(case: dict[str, Any]) -> None:
    said = Headline.model_validate(case["headline"])
    assert words.headline(ENGLISH, said) == case["words"]
    assert words.detail(ENGLISH, said, case["downtime"], datetime.fromisoformat(GOLDEN_NOW)) == case["detail"]
    assert words.tab(ENGLISH, case["title"], said) == case["tab"]


def test_states_have_the_words_they_have_in_the_browser() -> None:
    assert {state.value: ENGLISH.say(f"state.{state.value}") for state in State} == golden("states")


@pytest.mark.parametrize("case", golden("downtime"))
def test_downtime_is_listed_as_the_browser_lists_it(case: dict[str, Any]) -> None:
    first = datetime.fromisoformat(case["first"])
    assert words.downtime_summary(ENGLISH, case["minutes"]) == case["summary"]
    assert words.downtime_list(ENGLISH, case["minutes"], first, ZoneInfo(case["zone"])) == case["list"]
    assert words.bar_label(ENGLISH, case["minutes"]) == case["label"]


@pytest.mark.parametrize("case", golden("waterline"))
def test_bars_are_drawn_as_the_browser_draws_them(case: dict[str, Any]) -> None:
    drawn = [list(path) for path in waterline.paths(case["minutes"], case["latency"])]
    assert drawn == case["paths"]


def test_ticks_stand_at_the_quarters_of_an_hour() -> None:
    ticks = waterline.ticks(datetime.fromisoformat("2026-11-24T02:01:00+00:00"))
    assert [tick.words for tick in ticks] == [":15", ":30", ":45", ":00"]
    assert ticks[0] == ("23.33", ":15", "")
    assert ticks[-1] == ("98.33", ":00", "at-end")


def test_ticks_of_a_day_stand_at_each_sixth_hour_of_the_zone() -> None:
    first = datetime.fromisoformat("2026-11-23T03:20:00+00:00")
    ticks = waterline.hour_ticks(first, 86_400, ZoneInfo("Europe/Budapest"))
    assert [tick.words for tick in ticks] == ["06:00", "12:00", "18:00", "00:00"]
    assert ticks[0] == ("6.94", "06:00", "")


def test_a_group_is_summed_up_in_words() -> None:
    fine, down, quiet = item(), item(state=State.MAJOR), item(state=State.NO_DATA)

    def said(*items: Item) -> str:
        return words.group_sum(ENGLISH, Group(name="G", state=State.OPERATIONAL, items=list(items)))

    assert said(fine) == "1 service, all operational"
    assert said(fine, down, quiet) == "3 services, 1 not operational"
    assert said(fine, quiet) == "2 services, 1 without data"


def test_the_bar_of_a_group_shows_the_worst_of_each_minute() -> None:
    bars = [item("u" * 58 + "g."), item("u" * 57 + "x.."), item("p" + "u" * 59)]
    assert words.worst_minutes(bars) == "p" + "u" * 56 + "xgu"


def test_an_uptime_shows_its_sum() -> None:
    known = Sum(
        known_s=7_776_000, down_s=15_120, degraded_s=0, maintenance_s=21_600, unknown_s=7_200, paused_s=0, unwatched_s=0
    )
    assert words.sum_words(ENGLISH, known, "98.40") == (
        "4 h 12 min down of 2,160 h; 6 h maintenance excluded; 2 h without data excluded; 98.40% of the time observed"
    )
    assert words.sum_words(ENGLISH, known.model_copy(update={"down_s": 0, "unknown_s": 0}), "100.00") == (
        "Never down in 2,160 h; 6 h maintenance excluded"
    )


def test_a_stretch_of_downtime_is_told_with_its_reason() -> None:
    zone = ZoneInfo("UTC")
    over = Span(start="2026-11-24T14:02:00Z", end="2026-11-24T14:31:00Z", what="down", reason="timeout")
    assert words.span(ENGLISH, over, zone) == "14:02–14:31 (29 min) down: no answer in time"
    lasting = Span(start="2026-11-24T14:02:00Z", end=None, what="maintenance", reason="")
    assert words.span(ENGLISH, lasting, zone) == "since 14:02, Maintenance"
