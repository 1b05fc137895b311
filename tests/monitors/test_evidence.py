"""Evidence of failed checks is kept where something came of them, bounded, and forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from signalbox.checks.evidence import LONGEST, MOST, Entry, Evidence
from signalbox.db import Database
from signalbox.monitors import evidence
from signalbox.signals import Signal, Verdict
from tests.monitors.test_judge import START
from tests.monitors.test_judge import signal as heard


def seen(body: str = "<h1>Oops</h1>") -> Evidence:
    """What a failed check saw."""
    found = Evidence()
    found.note("addresses", "192.0.2.7")
    found.note("body", body)
    return found


def failed(number: int, **more: Any) -> Signal:
    return heard(number, Verdict.DOWN)._replace(**more)


def test_what_was_seen_is_kept_and_kept_once(database: Database) -> None:
    signal = failed(3, message="the server answered 503")
    for _ in range(2):  # a slice that is settled again
        with database.begin() as session:
            evidence.keep(session, [(signal, seen())])
    with database.read() as session:
        (kept,) = evidence.of(session, signal.monitor)
    assert kept.moment == signal.moment
    assert kept.message == "the server answered 503"
    assert kept.entries == (Entry("addresses", "192.0.2.7"), Entry("body", "<h1>Oops</h1>"))


def test_the_newest_come_first_and_can_be_paged(database: Database) -> None:
    signals = [failed(number) for number in range(5)]
    with database.begin() as session:
        evidence.keep(session, [(signal, seen()) for signal in signals])
    with database.read() as session:
        first = evidence.of(session, "m", limit=2)
        rest = evidence.of(session, "m", before=first[-1].moment)
        between = evidence.moments(session, "m", signals[1].moment, signals[3].moment)
    assert [one.moment for one in [*first, *rest]] == [signal.moment for signal in reversed(signals)]
    assert list(between) == [signals[1].moment, signals[2].moment]


def test_what_is_old_is_forgotten_and_what_is_too_much(database: Database) -> None:
    signals = [failed(number) for number in range(evidence.MOST + 10)]
    with database.begin() as session:
        evidence.keep(session, [(signal, seen()) for signal in signals])
        evidence.keep(session, [(failed(0, monitor="other"), seen())])
        evidence.forget(session, START)
    with database.read() as session:
        kept = evidence.of(session, "m", limit=1_000)
        assert [one.moment for one in kept] == [signal.moment for signal in reversed(signals[10:])]
        assert len(evidence.of(session, "other")) == 1
    with database.begin() as session:
        evidence.forget(session, signals[-1].moment)
    with database.read() as session:
        assert [one.moment for one in evidence.of(session, "m")] == [signals[-1].moment]


@pytest.mark.parametrize("text", ["a" * 100_000, b"a" * 100_000, ["a" * 1_000] * 100])
def test_a_text_is_bounded_and_says_so(text: str | bytes | list[str]) -> None:
    found = Evidence()
    found.note("body", text)
    assert len(found[0].text) == LONGEST + 1
    assert found[0].text.endswith("…")


def test_there_is_no_end_of_texts_and_no_control_character() -> None:
    found = Evidence()
    for number in range(100):
        found.note(str(number), "a\x00\x1b[31mb\r\n\tc\u202e")
    assert len(found) == MOST
    assert found[0].text == "a\ufffd\ufffd[31mb\ufffd\n\tc\ufffd"


def test_nothing_is_noted_of_nothing() -> None:
    found = Evidence()
    found.note("body", b"")
    assert not found
