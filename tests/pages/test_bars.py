"""Bars say of each cell what an oracle says that counts every minute; days are days of the page's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from random import Random

import pytest

from signalbox.clock import MICROS, to_micros
from signalbox.pages import bars
from signalbox.pages.document import Zoom
from signalbox.pages.past import Kept, Past
from signalbox.signals import Reason, Verdict
from signalbox.uptime.days import midnight
from signalbox.uptime.percent import Sums
from signalbox.uptime.pieces import Annotation, History, Saying, Spell, Work
from tests.uptime.oracle import Case, percent, simulate

MINUTE = 60 * MICROS
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = to_micros(datetime(2026, 11, 24, 15, 7, tzinfo=UTC))
ZONES = (("Europe/Budapest", date(2026, 10, 25)), ("America/New_York", date(2026, 3, 8)),
         ("Australia/Lord_Howe", date(2026, 10, 4)))  # fmt: skip


def up_since(start: int) -> Spell:
    return Spell(start, None, Verdict.UP)


def down(start: int, end: int | None, reason: Reason = Reason.TIMEOUT) -> Spell:
    return Spell(start, end, Verdict.DOWN, reason)


def shown(
    spells: list[Spell], zoom: Zoom = Zoom.DAYS, zone: str = "UTC", now: int = NOW, **more: list[Work]
) -> bars.Bar:
    frame = bars.frame(zoom, zone, now)
    assert frame
    return bars.bar(History(spells, more.get("works", [])), frame.edges, now)


def random_history(random: Random, now: int) -> History:
    """Some weeks of anything, to the minute."""
    at = now - random.randint(1, 120) * DAY
    spells: list[Spell] = []
    while at < now:
        took = random.choice((1, 3, 60, 1_440, 20_000)) * random.randint(1, 9) * MINUTE
        end = None if at + took >= now and random.random() < 0.9 else at + took
        verdict = random.choice((Verdict.UP, Verdict.UP, *Verdict))
        paused = verdict is Verdict.UNKNOWN and random.random() < 0.5
        spells.append(Spell(at, end, verdict, Reason.OK, paused, len(spells)))
        at += took + random.choice((0, 0, 0, -30, 50)) * MINUTE

    def reach() -> tuple[int, int]:
        start = now - random.randint(-600, 120 * 1_440) * MINUTE
        return start, start + random.randint(1, 3_000) * MINUTE

    works = [Work(*reach()) for _ in range(random.randint(0, 4))]
    return History(
        spells, works, [Annotation(*reach(), random.choice(list(Saying))) for _ in range(random.randint(0, 3))]
    )


@pytest.mark.parametrize("seed", range(40))
def test_any_history_gives_the_bars_of_the_oracle(seed: int) -> None:
    random = Random(seed)
    zone, near = ZONES[seed % len(ZONES)]
    now = midnight(zone, near) + random.randint(-1_440, 88 * 1_440) * MINUTE
    history, zoom = random_history(random, now), random.choice((Zoom.DAY, Zoom.DAYS))
    frame = bars.frame(zoom, zone, now)
    assert frame
    assert frame.edges[-2] <= now < frame.edges[-1]
    cells = [Sums(*simulate(Case(history, *edges, now, MINUTE)).values()) for edges in pairwise(frame.edges)]
    found = bars.bar(history, frame.edges, now)
    assert found.kinds == "".join(bars.kind(cell) for cell in cells)
    assert found.sums == Sums(*map(sum, zip(*cells, strict=True)))
    assert {mark.at: (mark.down_s, mark.degraded_s, mark.maintenance_s, mark.unknown_s) for mark in found.marks} == {
        at: tuple(took // MICROS for took in (cell.down, cell.degraded, cell.maintenance, cell.unknown))
        for at, cell in enumerate(cells)
        if cell.down or cell.degraded or cell.maintenance or (cell.unknown and cell.known)
    }
    whole = simulate(Case(history, frame.edges[0], frame.edges[-1], now, MINUTE))
    text, coverage = percent(whole, frame.edges[-1] - frame.edges[0])
    assert bars.reached(found.sums, frame.edges) == (
        None if text == "—" else text,
        None if coverage == "—" else coverage,
    )


@pytest.mark.parametrize("seed", range(10))
def test_what_is_remembered_of_bars_is_what_they_are(seed: int) -> None:
    random, past = Random(seed), Past()
    now, zone = NOW, ZONES[seed % len(ZONES)][0]
    for _ in range(6):
        past.kept = Kept({"api": random_history(random, now)})
        for zoom in (Zoom.DAY, Zoom.DAYS):
            for later in (0, MINUTE, 25 * MINUTE, 20 * HOUR):
                frame = bars.frame(zoom, zone, now + later)
                assert frame
                assert past.bar("api", frame, now + later) == bars.bar(
                    past.kept.histories["api"], frame.edges, now + later
                )
        now += 3 * HOUR


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Budapest", date(2026, 10, 25), 25.0),
        ("Europe/Budapest", date(2026, 3, 29), 23.0),
        ("America/New_York", date(2026, 3, 8), 23.0),
        ("America/New_York", date(2026, 11, 1), 25.0),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ],
)
def test_a_day_whose_clocks_change_is_as_long_as_it_is(zone: str, day: date, hours: float) -> None:
    start = midnight(zone, day)
    frame = bars.frame(Zoom.DAYS, zone, start + 40 * DAY)
    assert frame
    at = frame.edges.index(start)
    assert frame.edges[at + 1] - start == hours * HOUR
    assert (day - date.fromisoformat(frame.scale.first)).days == at
    found = bars.bar(History([down(start, start + int(hours * HOUR))]), frame.edges, start + 40 * DAY)
    assert [(mark.at, mark.down_s) for mark in found.marks] == [(at, hours * 3_600)]


def test_what_was_up_all_the_time_has_nothing_to_tell() -> None:
    found = shown([up_since(NOW - 200 * DAY)])
    assert (found.kinds, found.marks) == ("u" * 90, ())
    frame = bars.frame(Zoom.DAYS, "UTC", NOW)
    assert frame
    assert bars.reached(found.sums, frame.edges) == ("100.000", "100.000")


def test_a_second_of_downtime_is_never_rounded_away() -> None:
    start = NOW - 40 * DAY
    found = shown([Spell(NOW - 200 * DAY, start, Verdict.UP), down(start, start + 1), up_since(start + 1)])
    frame = bars.frame(Zoom.DAYS, "UTC", NOW)
    assert frame
    assert bars.reached(found.sums, frame.edges)[0] == "99.999"
    assert (found.kinds.count("x"), found.marks[0].down_s, bars.sum_of(found.sums).down_s) == (1, 1, 1)


def test_nothing_known_is_no_hundred_percent() -> None:
    found = shown([])
    frame = bars.frame(Zoom.DAYS, "UTC", NOW)
    assert frame
    assert (found.kinds, bars.reached(found.sums, frame.edges)) == ("." * 90, (None, None))
    assert bars.sum_of(found.sums).unwatched_s == 90 * 86_400


def test_a_mark_tells_the_longest_three_stretches_in_the_order_of_time() -> None:
    start, spells = NOW - 20 * HOUR, []
    for number, minutes in enumerate((5, 1, 20, 2, 9)):
        begin = start + number * HOUR
        spells += [down(begin, begin + minutes * MINUTE), Spell(begin + minutes * MINUTE, begin + HOUR, Verdict.UP)]
    spells.append(up_since(start + 5 * HOUR))
    yesterday = NOW - NOW % DAY - DAY
    (mark,) = [one for one in shown(spells).marks if one.at == 88]
    assert yesterday < start < start + 4 * HOUR < yesterday + DAY
    assert ([span.start[11:16] for span in mark.spans], mark.more) == (["19:07", "21:07", "23:07"], 2)
    assert {(span.what, span.reason) for span in mark.spans} == {("down", "timeout")}


def test_what_goes_on_has_no_end_and_what_spans_midnight_is_cut_there() -> None:
    start = NOW - NOW % DAY - HOUR
    found = shown([Spell(NOW - 9 * DAY, start, Verdict.UP), down(start, None, Reason.CONNECT)])
    before, today = found.marks
    assert (found.kinds[-2:], before.down_s, today.down_s) == ("xx", 3_600, (NOW % DAY) // MICROS)
    assert (before.spans[0].start[11:16], before.spans[0].end and before.spans[0].end[8:16]) == ("23:00", "24T00:00")
    assert (today.spans[0].start[8:16], today.spans[0].end, today.spans[0].reason) == ("24T00:00", None, "connect")


def test_work_counts_as_work_and_is_told() -> None:
    start = NOW - 5 * DAY
    found = shown([up_since(NOW - 200 * DAY)], works=[Work(start, start + 30 * MINUTE)])
    (mark,) = found.marks
    assert (found.kinds[mark.at], mark.maintenance_s, mark.spans[0].what, mark.spans[0].reason) == (
        "m", 1_800, "maintenance", "",
    )  # fmt: skip


def test_a_pause_is_shown_where_nothing_else_was() -> None:
    begun = NOW - 10 * DAY
    found = shown([Spell(NOW - 50 * DAY, begun, Verdict.UP), Spell(begun, None, Verdict.UNKNOWN, paused=True)])
    assert found.kinds == "." * 39 + "u" * 41 + "z" * 10


def test_parts_of_a_day_are_aligned_to_the_clock() -> None:
    frame = bars.frame(Zoom.DAY, "Europe/Budapest", NOW)
    assert frame
    assert (frame.scale.first, frame.scale.step_s, len(frame.edges)) == ("2026-11-23T15:20:00.000000Z", 1_200, 73)
    found = shown([up_since(NOW - 200 * DAY)], Zoom.DAY)
    assert bars.reached(found.sums, frame.edges) == ("100.00", "100.00")


def test_an_incident_touches_the_cells_that_it_was_open_in() -> None:
    edges = [number * HOUR for number in range(6)]
    assert list(bars.touched(edges, HOUR, 2 * HOUR)) == [1]
    assert list(bars.touched(edges, HOUR + 1, 3 * HOUR + 1)) == [1, 2, 3]
    assert list(bars.touched(edges, 4 * HOUR, None)) == [4]
    assert list(bars.touched(edges, 9 * HOUR, None)) == []
    assert list(bars.touched(edges, 2 * HOUR, 2 * HOUR)) == [2]
