"""Standings and spells are written at changes, in bulk, and spells follow one another without a gap."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.monitors import standings
from signalbox.monitors.judge import Change, Standing, judge, pause
from signalbox.monitors.models import SpellRow
from signalbox.monitors.standings import Gap
from signalbox.signals import Reason, Verdict
from tests.monitors.test_judge import CALM, SIGNS, START, story
from tests.monitors.test_judge import signal as heard

NOW = START + 86_400 * MICROS


def spells(database: Database, monitor: str = "m") -> list[tuple[str, int, int | None]]:
    """Verdict, start and end in seconds after START."""
    with database.read() as session:
        rows = session.scalars(select(SpellRow).where(SpellRow.monitor == monitor).order_by(SpellRow.start)).all()
    return [(row.verdict, _second(row.start) or 0, _second(row.end)) for row in rows]


def _second(moment: int | None) -> int | None:
    return None if moment is None else (moment - START) // MICROS


def written(database: Database, signs: str) -> Standing:
    """The story of one monitor, a letter a minute, in one transaction."""
    standing, changes = story(signs)
    with database.begin() as session:
        standings.save(session, {"m": standing})
        standings.write_spells(session, changes)
    return standing


@pytest.mark.parametrize("signs", ["u", "ud", "udd", "udd?", "uddg", "u?d", "uddu"])
def test_what_is_saved_is_what_is_loaded(database: Database, signs: str) -> None:
    standing = written(database, signs)
    with database.read() as session:
        assert standings.load(session, {"m", "other"}) == {"m": standing}
        assert standings.everything(session) == {"m": standing}
        assert ("m" in standings.restless(session)) == standing.restless


def test_spells_follow_one_another_and_the_last_one_is_open(database: Database) -> None:
    written(database, "uudd?duu")
    assert spells(database) == [
        ("up", 0, 120), ("down", 120, 240), ("unknown", 240, 300), ("down", 300, 360), ("up", 360, None),
    ]  # fmt: skip


def test_a_later_transaction_goes_on_where_an_earlier_one_ended(database: Database) -> None:
    standing = written(database, "udd")
    changes: list[Change] = []
    for number, sign in enumerate("uudd", start=3):
        judged = judge(standing, heard(number * 60, SIGNS[sign]), CALM)
        standing = judged.standing
        changes += [judged.change] if judged.change else []
    with database.begin() as session:
        standings.save(session, {"m": standing})
        standings.write_spells(session, changes)
    assert spells(database) == [("up", 0, 60), ("down", 60, 180), ("up", 180, 300), ("down", 300, None)]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (600, 660, [("up", 0, 600), ("unknown", 600, 660), ("up", 660, None)]),
        (0, 60, [("unknown", 0, 60), ("up", 60, None)]),
        (-60, 60, [("unknown", 0, 60), ("up", 60, None)]),
    ],
)
def test_a_gap_in_a_spell_parts_it(
    database: Database, start: int, end: int, expected: list[tuple[str, int, int | None]]
) -> None:
    written(database, "u")
    with database.begin() as session:
        assert standings.blank_out(session, Gap("m", START + start * MICROS, START + end * MICROS), NOW)
    assert spells(database) == expected
    with database.read() as session:
        assert _second(standings.load(session, {"m"})["m"].since) == end


def test_a_gap_over_several_spells_leaves_what_was_unknown_or_paused(database: Database) -> None:
    standing = written(database, "uudd?uu")
    paused = pause(standing, START + 600 * MICROS)
    with database.begin() as session:
        standings.save(session, {"m": paused})
        standings.write_spells(session, [Change("m", standing, paused, NOW, "")])
        standings.blank_out(session, Gap("m", START + 180 * MICROS, START + 700 * MICROS), NOW)
    assert spells(database) == [
        ("up", 0, 120), ("down", 120, 180), ("unknown", 180, 240), ("unknown", 240, 300),
        ("unknown", 300, 600), ("unknown", 600, None),
    ]  # fmt: skip
    with database.begin() as session:
        gap = Gap("m", START + 180 * MICROS, START + 700 * MICROS)
        assert not standings.blank_out(session, gap, NOW)  # a second time there is nothing to do


def test_what_is_watched_no_more_keeps_its_spells(database: Database) -> None:
    written(database, "udd")
    with database.begin() as session:
        standings.forget(session, {"m"}, NOW)
        assert standings.everything(session) == {}
    assert spells(database)[-1] == ("down", 60, 86_400)


def test_a_thousand_changes_are_written_at_once(database: Database) -> None:
    standing, (up, down) = story("udd")
    changes = [change._replace(monitor=f"m{number}") for number in range(1_000) for change in (up, down)]
    with database.begin() as session:
        standings.save(session, {f"m{number}": standing for number in range(1_000)})
        standings.write_spells(session, changes)
    with database.read() as session:
        assert len(standings.restless(session)) == 1_000
        assert len(standings.load(session, {f"m{number}" for number in range(1_000)})) == 1_000
    assert spells(database, "m999") == [("up", 0, 60), ("down", 60, None)]
    assert (standing.verdict, standing.reason) == (Verdict.DOWN, Reason.CONNECT)
