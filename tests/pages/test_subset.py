from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from signalbox.clock import MICROS
from signalbox.pages.document import State
from signalbox.pages.state import Service, headline, stale_after
from tests.pages.examples import NOW

GOLDEN = Path(__file__).parents[2] / "web/shared/golden/subset.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["when"] for case in CASES])
def test_a_chosen_set_is_judged_as_the_browser_judges_it(case: dict[str, Any]) -> None:
    services = [
        Service(name, State(state), None if age is None else NOW - age * MICROS, paused)
        for name, state, age, _, paused in case["services"]
    ]
    stale = stale_after(every for *_, every, paused in case["services"] if not paused)
    said = headline(services, stale, NOW, case.get("incidents", ()))
    assert said.model_dump(mode="json", exclude_none=True) == case["says"]
