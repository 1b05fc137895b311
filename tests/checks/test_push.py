"""A job's heartbeats: when the next is due, and what it means that one came, failed, or did not come."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from signalbox.checks.base import Told
from signalbox.checks.manual import ManualCheck
from signalbox.checks.push import CATCH_UP, PushCheck
from signalbox.clock import MICROS, to_datetime, to_micros
from signalbox.signals import Reason, Verdict

TOKEN = "Zr8wq0vYtB3nKx5LmHc7Ud1EfJg6Ps2A"
START = 1_800_000_000 * MICROS
UP, DOWN, UNKNOWN = Verdict.UP, Verdict.DOWN, Verdict.UNKNOWN


def push(**options: Any) -> PushCheck:
    """A push check."""
    return PushCheck.model_validate({"kind": "push", "token": TOKEN, **options})


MINUTELY = push(interval="60s", grace="10s")


def told(at: float = 0, verdict: Verdict = UP, **more: Any) -> Told:
    """What was told so many seconds after the start."""
    heard = START + round(at * MICROS) if verdict is UP else None
    return Told(START + round(at * MICROS), verdict, **{"heard": heard, **more})


def stands(check: PushCheck, what: Told | None, seconds: float) -> tuple[Verdict, Reason]:
    """How it stands so many seconds after the start."""
    outcome = check.answer(what, START, START + round(seconds * MICROS))
    return outcome.verdict, outcome.reason


def test_a_new_one_waits_for_its_first_heartbeat_without_an_alarm() -> None:
    assert stands(MINUTELY, None, 0) == (UNKNOWN, Reason.MISSED)
    assert stands(MINUTELY, None, 10**7) == (UNKNOWN, Reason.MISSED)


def test_it_is_down_from_its_deadline_on() -> None:
    assert MINUTELY.turns(told()) == START + 70 * MICROS
    assert stands(MINUTELY, told(), 69.999_999) == (UP, Reason.OK)
    assert stands(MINUTELY, told(), 70) == (DOWN, Reason.SILENT)
    message = MINUTELY.answer(told(), START, START + 70 * MICROS).message
    assert message == "no heartbeat since 2027-01-15T08:00:00Z; one was due by 2027-01-15T08:01:10Z"


def test_what_is_not_known_yet_is_no_silence() -> None:
    assert stands(MINUTELY, told(as_of=START + 69 * MICROS), 70.5) == (UP, Reason.OK)
    assert stands(MINUTELY, told(as_of=START + 69 * MICROS), 200) == (UNKNOWN, Reason.MISSED)


def test_a_failure_stays_until_a_good_one_comes() -> None:
    failed = told(5, DOWN, reason=Reason.STATUS, message="exit status 3", heard=START)
    assert stands(MINUTELY, failed, 5) == stands(MINUTELY, failed, 500) == (DOWN, Reason.STATUS)
    assert MINUTELY.turns(failed) is None
    assert MINUTELY.answer(failed, START, START + 6 * MICROS).message == "exit status 3"


def test_a_run_that_does_not_end_is_down() -> None:
    running = told(started=START + 20 * MICROS)
    assert MINUTELY.turns(running) == START + 30 * MICROS
    assert stands(MINUTELY, running, 29) == (UP, Reason.OK)
    assert stands(MINUTELY, running, 30) == (DOWN, Reason.TIMEOUT)
    first = told(20, UNKNOWN, started=START + 20 * MICROS)
    assert stands(MINUTELY, first, 29) == (UNKNOWN, Reason.MISSED)
    assert stands(MINUTELY, first, 31) == (DOWN, Reason.TIMEOUT)


def test_after_a_pause_the_deadline_counts_from_its_end() -> None:
    for before in (told(), told(1, DOWN, heard=START)):
        resumed = before._replace(resumed=START + 500 * MICROS)
        assert stands(MINUTELY, resumed, 501) == (UNKNOWN, Reason.MISSED)
        assert MINUTELY.turns(resumed) == START + 570 * MICROS
        assert stands(MINUTELY, resumed, 570) == (DOWN, Reason.SILENT)


def test_where_nobody_listened_senders_may_try_again_before_there_is_an_alarm() -> None:
    deaf = told(deaf=(START + 50 * MICROS, START + 100 * MICROS))
    assert stands(MINUTELY, deaf, 69) == (UP, Reason.OK)
    assert stands(MINUTELY, deaf, 101) == (UNKNOWN, Reason.MISSED)
    end = 100 + CATCH_UP
    assert MINUTELY.turns(deaf) == START + round(end * MICROS)
    assert stands(MINUTELY, deaf, end) == (DOWN, Reason.SILENT)
    often = push(interval="2s", grace="1s")
    assert often.turns(deaf._replace(deaf=(START, START + 100 * MICROS))) == START + 103 * MICROS


def test_what_was_late_before_nobody_listened_is_late() -> None:
    assert stands(MINUTELY, told(deaf=(START + 71 * MICROS, START + 90 * MICROS)), 91) == (DOWN, Reason.SILENT)


def test_what_was_heard_after_it_makes_deaf_time_nobody_s_business() -> None:
    later = told(95, deaf=(START + 50 * MICROS, START + 90 * MICROS))
    assert MINUTELY.turns(later) == START + 165 * MICROS


@pytest.mark.parametrize(
    ("interval", "grace"), [("1d", 3_600), ("1h", 720), ("1m", 12), ("10s", 5), ("1s", 5), (None, 3_600)]
)
def test_grace_follows_the_interval(interval: str | None, grace: float) -> None:
    assert push(interval=interval).leeway == grace


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("cron", "heard", "due"),
    [
        ("30 2 * * *", "2026-03-27T02:31+01:00", "2026-03-28T02:30+01:00"),
        ("30 2 * * *", "2026-03-28T02:31+01:00", "2026-03-29T03:00+02:00"),  # there is no 02:30: made up for at 03:00
        ("30 2 * * *", "2026-03-29T03:01+02:00", "2026-03-30T02:30+02:00"),
        ("30 2 * * *", "2026-10-24T02:31+02:00", "2026-10-25T02:30+02:00"),
        ("30 2 * * *", "2026-10-25T02:31+02:00", "2026-10-26T02:30+01:00"),  # the second 02:30 is none
        ("*/30 * * * *", "2026-10-25T02:31+02:00", "2026-10-25T02:00+01:00"),  # what runs often runs on
        ("0 12 * * 1-5", "2026-11-27T12:01+01:00", "2026-11-30T12:00+01:00"),
        ("0 0 29 2 *", "2026-01-01T00:00+01:00", "2028-02-29T00:00+01:00"),
    ],
)
def test_cron_follows_the_zone_s_clock(cron: str, heard: str, due: str) -> None:
    check = push(cron=cron, timezone="Europe/Berlin", grace="10m")
    deadline = check.deadline(to_micros(datetime.fromisoformat(heard)))
    assert deadline == to_micros(datetime.fromisoformat(due)) + 600 * MICROS


@given(st.integers(0, 10 * 365 * 86_400), st.sampled_from(["30 2 * * *", "*/7 1-3 * * *", "0 3 1 * *", "5 4 * * 0"]))
def test_a_turn_of_cron_always_comes_later_and_stands_in_the_expression(seconds: int, cron: str) -> None:
    check = push(cron=cron, timezone="Europe/Berlin", grace="1s")
    heard = START + seconds * MICROS
    due = check.deadline(heard) - MICROS
    assert due > heard
    local = to_datetime(due).astimezone(BERLIN)
    assert local.second == 0
    assert local.hour in {1, 2, 3, 4}


def test_its_duration_comes_along() -> None:
    outcome = MINUTELY.answer(told(took=123.5), START, START + MICROS)
    assert (outcome.total, outcome.available) == (123.5, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"token": "short"}, "10 to 128"),
        ({"token": "sp ace" * 5}, "10 to 128"),
        ({"more_tokens": ["tooshort"]}, "10 to 128"),
        ({"interval": "1h", "cron": "* * * * *"}, "either  interval:  or  cron:"),
        ({"interval": "500ms"}, "1s to 366d"),
        ({"grace": "0s"}, "1s to 366d"),
        ({"cron": "61 * * * *"}, "not a cron expression"),
        ({"cron": "0 0 31 2 *"}, "not a cron expression"),
        ({"cron": "* * * * *", "timezone": "Mars"}, "no such time zone"),
        ({"slug": "Not a slug"}, "match pattern"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        push(**options)


def test_nothing_that_people_see_holds_the_token() -> None:
    check = push(more_tokens=[TOKEN[::-1]], interval="1h")
    assert check.target == "push:1h"
    assert push(cron="5 4 * * *").target == "push:5 4 * * *"
    for token in check.tokens:
        assert token not in f"{check!r} {check.target} {check.answer(told(), START, START + 10**12).message}"


def test_a_manual_one_is_as_somebody_said() -> None:
    check = ManualCheck()
    assert check.answer(None, START, START).verdict is UNKNOWN
    outcome = check.answer(Told(START, DOWN, Reason.STATUS, "The ferry is in the dock"), START, START + 10**15)
    assert (outcome.verdict, outcome.message, outcome.available) == (DOWN, "The ferry is in the dock", False)
    assert check.turns(Told(START, UP)) is None
    assert ManualCheck(about="The ferry").target == "manual:The ferry"
