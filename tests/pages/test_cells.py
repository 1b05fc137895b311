from __future__ import annotations

from typing import Any

import pytest

from signalbox.pages import cells
from signalbox.pages.cells import Bar
from signalbox.pages.document import Item, Mark, State
from tests.pages.test_words import golden

GOLDEN = golden("cells")


@pytest.mark.parametrize("case", GOLDEN["bars"], ids=lambda case: case["what"])
def test_bars_of_days_are_drawn_as_the_browser_draws_them(case: dict[str, Any]) -> None:
    marks = [Mark.model_validate(mark) for mark in case["marks"]]
    drawn = cells.paths(Bar(case["bar"], marks, case["slow"], case["step_s"], case["part"]))
    assert [list(path) for path in drawn] == case["paths"]


@pytest.mark.parametrize("case", GOLDEN["groups"], ids=lambda case: case["what"])
def test_the_bar_of_a_group_is_combined_as_in_the_browser(case: dict[str, Any]) -> None:
    bar, marks = cells.combined([item(**part) for part in case["parts"]])
    assert bar == case["bar"]
    assert [mark.model_dump() for mark in marks] == case["marks"]


def item(**fields: Any) -> Item:
    return Item(
        id="x", name="X", state=State.OPERATIONAL, interval_s=60, checked_at=None, signals=0, uptime=None, **fields
    )
