from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signalbox.pages import waterline, words
from signalbox.pages.document import Group, Headline, Item, State

GOLDEN = Path(__file__).parents[2] / "web/shared/golden"


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
    assert words.headline(said) == case["words"]
    assert words.detail(said, case["downtime"], datetime.fromisoformat(GOLDEN_NOW)) == case["detail"]
    assert words.tab(case["title"], said) == case["tab"]


def test_states_have_the_words_they_have_in_the_browser() -> None:
    assert {state.value: word for state, word in words.STATES.items()} == golden("states")


@pytest.mark.parametrize("case", golden("downtime"))
def test_downtime_is_listed_as_the_browser_lists_it(case: dict[str, Any]) -> None:
    first = datetime.fromisoformat(case["first"])
    assert words.downtime_summary(case["minutes"]) == case["summary"]
    assert words.downtime_list(case["minutes"], first, ZoneInfo(case["zone"])) == case["list"]
    assert words.bar_label(case["minutes"]) == case["label"]


@pytest.mark.parametrize("case", golden("waterline"))
def test_bars_are_drawn_as_the_browser_draws_them(case: dict[str, Any]) -> None:
    drawn = [list(path) for path in waterline.paths(case["minutes"], case["latency"])]
    assert drawn == case["paths"]


def test_ticks_stand_at_the_quarters_of_an_hour() -> None:
    ticks = waterline.ticks(datetime.fromisoformat("2026-11-24T02:01:00+00:00"))
    assert ticks.count("<text") == 4
    assert '<text x="23.33%" y="12">:15</text>' in ticks
    assert '<text class="at-end" x="98.33%" y="12">:00</text>' in ticks


def test_a_group_is_summed_up_in_words() -> None:
    fine, down, quiet = item(), item(state=State.MAJOR), item(state=State.NO_DATA)

    def said(*items: Item) -> str:
        return words.group_sum(Group(name="G", state=State.OPERATIONAL, items=list(items)))

    assert said(fine) == "1 service, all operational"
    assert said(fine, down, quiet) == "3 services, 1 not operational"
    assert said(fine, quiet) == "2 services, 1 without data"


def test_the_bar_of_a_group_shows_the_worst_of_each_minute() -> None:
    bars = [item("u" * 58 + "g."), item("u" * 57 + "x.."), item("p" + "u" * 59)]
    assert words.worst_minutes(bars) == "p" + "u" * 56 + "xgu"
