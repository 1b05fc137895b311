from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signalbox.pages import telling, times
from signalbox.pages.document import Incident, Maintenance, Past
from tests.pages.test_words import ENGLISH, golden

TIMES, TOLD = golden("times"), golden("telling")
NOW = datetime.fromisoformat(TIMES["now"])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("case", TIMES["moments"])
def test_a_moment_is_written_as_the_browser_writes_it(case: dict[str, Any]) -> None:
    assert times.written(ENGLISH, at(case["moment"]), NOW, ZoneInfo(case["zone"])) == case["written"]
    assert times.ago(ENGLISH, at(case["moment"]), NOW) == case["ago"]


@pytest.mark.parametrize(("seconds", "words"), TIMES["lasted"])
def test_a_length_of_time_is_worded_as_the_browser_words_it(seconds: int, words: str) -> None:
    assert times.lasted(ENGLISH, timedelta(seconds=seconds)) == words


@pytest.mark.parametrize("case", TIMES["between"])
def test_a_stretch_of_time_names_its_day_once(case: dict[str, Any]) -> None:
    assert times.between(ENGLISH, at(case["start"]), at(case["end"]), NOW, ZoneInfo(case["zone"])) == case["words"]


@pytest.mark.parametrize("case", TIMES["days"])
def test_a_day_is_named_by_the_zone_of_the_page(case: dict[str, Any]) -> None:
    assert times.named_day(ENGLISH, case["day"], NOW, ZoneInfo(case["zone"])) == case["words"]


@pytest.mark.parametrize("case", TOLD["incidents"])
def test_an_incident_is_told_as_the_browser_tells_it(case: dict[str, Any]) -> None:
    incident, zone = Incident.model_validate(case["incident"]), ZoneInfo(case["zone"])
    assert telling.affects(ENGLISH, incident.affected) == case["affects"]
    assert telling.promise(ENGLISH, incident, NOW, zone) == (case["promise"], case["overdue"])
    assert telling.course(ENGLISH, incident, NOW, zone) == case["course"]


@pytest.mark.parametrize("case", TOLD["works"])
def test_announced_work_is_told_as_the_browser_tells_it(case: dict[str, Any]) -> None:
    work = Maintenance.model_validate(case["work"])
    assert telling.progress(ENGLISH, work, NOW) == case["progress"]
    assert telling.when(ENGLISH, work, NOW, ZoneInfo(case["zone"])) == case["when"]
    assert telling.touches(ENGLISH, work) == case["touches"]


@pytest.mark.parametrize("case", TOLD["pasts"])
def test_the_past_days_are_summed_up_as_the_browser_does(case: dict[str, Any]) -> None:
    past = Past.model_validate(case["past"])
    assert (telling.quiet(ENGLISH, past), telling.more(ENGLISH, past)) == (case["quiet"], case["more"])


@pytest.mark.parametrize(("number", "words"), TOLD["earlier"])
def test_older_updates_are_counted(number: int, words: str) -> None:
    assert telling.earlier(ENGLISH, number) == words
