"""What people write: in which spellings, and what they are told when it is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from signalbox.db.configured import as_document
from signalbox.maintenance.specs import MaintenanceSpec, What
from signalbox.maintenance.windows import windows
from tests.maintenance.test_windows import at

ONCE: dict[str, Any] = {"title": "Database upgrade", "monitors": ["db"], "start": "2026-11-30 22:00", "for": "1h"}
AGAIN: dict[str, Any] = {**ONCE, "rrule": "FREQ=WEEKLY", "timezone": "Europe/Budapest"}


@dataclass(frozen=True)
class Watched:
    id: str = "db"
    group: str | None = None
    tags: tuple[str, ...] = ()


def spec(**more: Any) -> MaintenanceSpec:
    return MaintenanceSpec.model_validate({**ONCE, **more})


def test_what_is_written_comes_back_as_it_was() -> None:
    for written in (ONCE, AGAIN):
        made = MaintenanceSpec.model_validate(written)
        document = as_document(made)
        assert (made.id, document["for"], document["start"]) == ("database-upgrade", 3_600.0, "2026-11-30T22:00:00")
        assert MaintenanceSpec.model_validate(document) == made


def test_two_spellings_of_one_moment_are_the_same() -> None:
    spellings = ["2026-11-30 22:00", "2026-11-30T22:00:00", " 2026-11-30 22:00:00 "]
    assert len({spec(start=one).start for one in spellings}) == 1
    assert spec(start="2026-11-30 22:00 +0100").start == spec(start="2026-11-30t22:00+01:00").start
    assert spec(rrule="freq=weekly; byday=MO").rrule == "FREQ=WEEKLY;BYDAY=MO"


def test_an_end_is_local_time_as_the_start_is() -> None:
    made = MaintenanceSpec.model_validate({
        "title": "x", "all": True, "start": "2026-10-25 00:00", "end": "2026-10-25 06:00", "timezone": "Europe/Budapest"
    })  # fmt: skip
    assert windows(made.schedule, 0, at("2030-01-01")) == [(at("2026-10-24 22:00"), at("2026-10-25 05:00"))]


def test_work_touches_what_it_names() -> None:
    assert What(monitors=("db",)).covers(Watched())
    assert not What(monitors=("api",)).covers(Watched())
    assert What(groups=("Core",)).covers(Watched(group="Core"))
    assert not What(groups=("Core",)).covers(Watched())
    assert What(tags=("a", "b")).covers(Watched(tags=("b",)))
    assert What(all=True).covers(Watched())
    assert What(pages=("main",)).covers(Watched())
    assert What(pages=("main",)).covers(Watched(), {"main", "other"})
    assert not What(pages=("main",)).covers(Watched(), {"other"})
    assert not What(monitors=("api",)).covers(Watched(), {"main"})


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"monitors": []}, "", "does not say what the work touches: add `monitors:"),
    ({"all": True}, "", "`all: true` is everything"),
    ({"for": None}, "", "does not say when it ends: add `for: 1h`"),
    ({"end": "2026-11-30 23:00"}, "", "leave one out"),
    ({"for": None, "end": "2026-11-30 21:00"}, "", "`end` is not after `start` in UTC"),
    ({"for": None, "end": "2029-11-30 21:00"}, "", "more than 366 days"),
    ({"for": "0s"}, "for", "at least 1s"),
    ({"for": "soon"}, "for", "write a duration such as"),
    ({"for": "400d"}, "for", "at most 366d"),
    ({"start": "tomorrow"}, "start", "write a day and a time such as 2026-12-24 22:00"),
    ({"start": "2026-11-30"}, "start", "write a day and a time such as 2026-12-24 22:00"),
    ({"start": "2026-02-30 10:00"}, "start", "write a day and a time such as 2026-12-24 22:00"),
    ({"start": "1999-12-31 10:00"}, "start", "write a year from 2000 to 2199"),
    ({"timezone": "Europe/Budapset"}, "timezone", 'did you mean "Europe/Budapest"'),
    ({"title": "a\nb"}, "title", "one line of text"),
    ({"text": "a\0b"}, "text", r"U\+0000"),
    ({"rrule": "FREQ=SECONDLY"}, "rrule", "hourly at most"),
    ({"rrule": "FREQ=DAILY", "for": None}, "", "does not say how long a window is: add `for: 1h`"),
    ({"rrule": "FREQ=DAILY", "for": None, "end": "2026-11-30 23:00"}, "", "`end` is for work that comes once"),
    ({"rrule": "FREQ=DAILY", "for": "32d"}, "", "`for`: work that comes again lasts at most 31d"),
    ({"rrule": "FREQ=DAILY", "start": "2026-11-30 22:00Z"}, "", "local time without an offset"),
    ({"rrule": "FREQ=DAILY;UNTIL=20251231"}, "", "`rrule`: this never happens"),
    ({"rrule": "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"}, "", "`rrule`: this never happens"),
    ({"expected": "chaos"}, "expected", "'none', 'brief' or 'down'"),
    ({"announce": ["100d"]}, "announce.0", "at most 90d before"),
    ({"until": "x"}, "until", "Extra inputs"),
]


@pytest.mark.parametrize(("more", "where", "words"), WRONG)
def test_what_is_wrong_is_said_with_what_to_write(more: dict[str, Any], where: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        spec(**more)
    assert {".".join(map(str, one["loc"])) for one in caught.value.errors()} == {where}


def test_what_the_guide_shows_can_be_written() -> None:
    guide = Path(__file__).parents[2] / "docs/guide/maintenance.md"
    (shown,) = re.findall(r"```yaml\n(.*?)```", guide.read_text(encoding="utf-8"), flags=re.DOTALL)
    entries = yaml.load(shown, Loader=yaml.BaseLoader)["maintenance"]
    assert [MaintenanceSpec.model_validate(entry).id for entry in entries] == ["database-upgrade", "backups"]
