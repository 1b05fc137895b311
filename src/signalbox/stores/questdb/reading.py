"""How are questions about signals put to QuestDB? Statements with bound values, and what their rows mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, Final

from signalbox.clock import MICROS
from signalbox.clock import now as clock_now
from signalbox.errors import Refused
from signalbox.signals import Signal
from signalbox.stores.base import HOUR, Bucket, Columns, Rollup, Times
from signalbox.stores.histogram import value_of
from signalbox.stores.packed import columns_of, columns_of_row
from signalbox.stores.questdb.counting import (
    BUCKET,
    COUNTED,
    COUNTED_WHOLE,
    NAMES,
    SUMMED,
    TIMED,
    bucket_of,
    hour_of,
    rollup_of,
)
from signalbox.stores.questdb.pgwire import Reader, Row
from signalbox.stores.questdb.schema import HOURLY, SPREAD, TABLE, hours_counted_until, time_span
from signalbox.stores.questdb.tutorial import monitor_of, signal_of_tutorial
from signalbox.stores.rows import signal_of
from signalbox.stores.tally import Rolled, buckets_of, observed, rollups_of, times_of

_NAMED_AT_ONCE: Final = 1_000  # values bound in one IN (…)
_FEW: Final = 20  # monitors that are asked one by one rather than by a window of time
_LOOK_AGAIN: Final = 10 * MICROS
_COLUMNS: Final = ", ".join(
    {"moment": "received::long", "observed": "observed::long", "certificate_expires": "certificate_expires::long"}
    .get(name, name) for name in Signal._fields
)  # fmt: skip
_WITHIN: Final = "received >= cast(:start AS timestamp) AND received < cast(:end AS timestamp)"
_SELECT: Final = f"SELECT {_COLUMNS} FROM {TABLE} WHERE {_WITHIN}"  # noqa: S608
_PACKED: Final = (
    "SELECT monitor, location, url, string_agg((received::long - cast(:start AS long))::string, ','), "  # noqa: S608
    "string_agg(coalesce(verdict::string, ''), ','), string_agg(coalesce(http_status, -1)::string, ','), "
    "string_agg(CASE WHEN available THEN '1' ELSE '0' END, ','), string_agg(coalesce(total::string, ''), ',') "
    f"FROM {TABLE} WHERE {_WITHIN}"
)
"""Signals put together by the server, which is ten times as fast as sending each; up to a megabyte of each text."""
_PART: Final = _WITHIN.replace(":start", ":from")
_SLOT: Final = "(received::long - cast(:start AS long)) / cast(:step AS long) AS slot"
_BUCKETS: Final = f"SELECT monitor, {_SLOT}, {COUNTED_WHOLE} FROM {TABLE} WHERE {_WITHIN} AND "  # noqa: S608
_ROWS: Final = (
    f"SELECT monitor, {_SLOT}, {COUNTED} FROM {TABLE} WHERE {_PART} AND ",  # noqa: S608
    f"SELECT monitor, {_SLOT}, {BUCKET} AS bucket, count() FROM {TABLE} WHERE {_PART} AND {TIMED} AND ",  # noqa: S608
)
_HOURS: Final = (
    f"SELECT monitor, {_SLOT}, {SUMMED} FROM {HOURLY} WHERE {_PART} AND ",  # noqa: S608
    f"SELECT monitor, {_SLOT}, bucket, sum(signals) FROM {SPREAD} WHERE {_PART} AND ",  # noqa: S608
)
"""What is counted, and how it is spread: of rows, and of hours that are counted already."""
_HOUR: Final = f"SELECT monitor, received::long, {NAMES} FROM {HOURLY} WHERE {_WITHIN} AND "  # noqa: S608
_EACH: Final = "OVER (PARTITION BY monitor, received"
_CUMULATED: Final = (
    f"SELECT monitor, received::long AS start, bucket, sum(signals) {_EACH}) AS of_all, "  # noqa: S608
    f"sum(signals) {_EACH} ORDER BY bucket ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far "
    f"FROM {SPREAD} WHERE {_WITHIN} AND %s"
)
_PERCENTILES: Final = ", ".join(
    f"min(CASE WHEN so_far >= {share} * of_all THEN bucket END)" for share in (0.50, 0.95, 0.99)
)
_RANKS: Final = f"SELECT monitor, start, {_PERCENTILES} FROM ({_CUMULATED})"  # noqa: S608
"""In which buckets of the histogram are the percentiles of each hour?"""
_SO_FAR: Final = (
    "SELECT monitor, received, bucket, sum(signals) OVER (PARTITION BY monitor, received ORDER BY bucket "  # noqa: S608
    f"ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far FROM {SPREAD} WHERE {_WITHIN} AND %(named)s"
)
_SLOWEST: Final = f"SELECT monitor, received, timed, latency_max FROM {HOURLY} WHERE {_WITHIN} AND %(named)s"  # noqa: S608
_TIMES: Final = (
    "SELECT spread.monitor, spread.received::long, min(CASE WHEN so_far >= 0.50 * timed THEN bucket END), "  # noqa: S608
    "min(CASE WHEN so_far >= 0.95 * timed THEN bucket END), max(latency_max) "
    f"FROM ({_SO_FAR}) spread JOIN ({_SLOWEST}) ON (monitor, received)"
)
"""Two percentiles of each hour that both views have, and its longest latency."""
_NOTHING: Final = Bucket(0, 0, 0, 0, 0, 0, 0.0, None, None, None, None)
_ALL: Final = "monitor IS NOT NULL"


class Strays:
    """Which URLs have rows without a monitor (a tutorial that still runs writes such), and whose are they?"""

    def __init__(self, reader: Reader, identities: Mapping[str, str]) -> None:
        self._reader, self.identities = reader, identities
        self._lock = Lock()
        self._looked: int | None = None
        self._urls: dict[str, set[str | None]] = {}

    def urls_of(self, monitor: str) -> set[str | None]:
        """URLs whose rows without a monitor are that monitor's; at most ten seconds old."""
        with self._lock:
            now = clock_now()
            if self._looked is None or now - self._looked > _LOOK_AGAIN:
                self._look(now)
        return self._urls.get(monitor, set())

    def _look(self, now: int) -> None:
        """Everything the first time, afterwards the newest day."""
        since = 0 if self._looked is None else now - 24 * HOUR
        found = self._reader.rows(
            f"SELECT DISTINCT url FROM {TABLE} WHERE monitor IS NULL AND received >= cast(:since AS timestamp)",  # noqa: S608
            since=since,
        )
        for (url,) in found:
            self._urls.setdefault(monitor_of(url, self.identities), set()).add(url)
        self._looked = now


class Questions:
    """The reading half of the store."""

    def __init__(self, reader: Reader, identities: Mapping[str, str]) -> None:
        self._reader, self._identities = reader, identities
        self._strays = Strays(reader, identities)

    def latest(self, monitors: Sequence[str], limit: int) -> dict[str, list[Signal]]:
        """See `Store.latest`. Windows reach back twice as far each time, for those that have not enough yet."""
        found: dict[str, list[Signal]] = {monitor: [] for monitor in monitors}
        times = time_span(self._reader)
        if times is None:
            return found
        oldest, newest = times
        wanted, end, span = list(found), newest + 1, HOUR
        while wanted and end > oldest:
            start = end - span if len(wanted) > _FEW else oldest
            for monitor, signals in self._newest(wanted, start, end, limit).items():
                found[monitor] = signals + found[monitor]
            wanted = [monitor for monitor in wanted if len(found[monitor]) < limit]
            end, span = start, span * 2
        return {monitor: signals[-limit:] for monitor, signals in found.items()}

    def _newest(self, monitors: Sequence[str], start: int, end: int, limit: int) -> dict[str, list[Signal]]:
        """What those monitors have in the range, oldest first; a few are asked for no more than the limit each."""
        if len(monitors) > _FEW:
            return _by_monitor(monitors, self._between(monitors, start, end, f"{_SELECT} AND %s"))
        newest = f"{_SELECT} AND %s ORDER BY received DESC LIMIT :limit"
        return {
            monitor: sorted(self._between([monitor], start, end, newest, limit=limit), key=_in_order)[-limit:]
            for monitor in monitors
        }

    def raw(self, monitor: str | None, start: int, end: int) -> list[Signal]:
        """See `Store.raw`."""
        if monitor is None:
            found = self._signals(self._reader.rows(_SELECT, start=start, end=end))
        else:
            found = list(self._between([monitor], start, end, f"{_SELECT} AND %s"))
        return sorted(found, key=_in_order)

    def columns(self, start: int, end: int) -> list[Columns]:
        """See `Store.columns`."""
        try:
            rows = self._reader.rows(_PACKED, start=start, end=end)
        except Refused:  # more than the server puts together in one text
            return columns_of(self.raw(None, start, end))
        ours = [columns_of_row((row[0], row[1] or "", row[2] or "", *row[3:]), start) for row in rows if row[0]]
        if len(ours) < len(rows):
            ours += columns_of(self._all_stray(start, end))
        return sorted(ours, key=lambda one: one[:3])

    def times(self, monitors: Sequence[str], start: int, end: int) -> dict[str, Times]:
        """See `Store.times`. Rows without a monitor have none."""
        names = list(dict.fromkeys(monitors))
        cut = self._cut(start, end)
        counted = self._counted(names, cut, end, HOUR) if cut < end else {monitor: {} for monitor in names}
        found = times_of({monitor: list(of.values()) for monitor, of in counted.items()})
        for condition, bound in _named("monitor", names) if start < cut else ():
            within = {"start": start, "end": cut, **bound}
            rows = self._reader.rows(_TIMES % {"named": condition}, **within)
            for monitor, moment, p50, p95, most in rows:
                if p95 is not None:
                    found[monitor][moment] = min(most, value_of(p50)), min(most, value_of(p95))
        return found

    def buckets(self, monitors: Sequence[str], start: int, end: int, step: int) -> dict[str, list[Bucket]]:
        """See `Store.buckets`. Percentiles are approximate."""
        names = list(dict.fromkeys(monitors))
        if start % HOUR or step % HOUR:
            found = self._counted(names, start, end, step)
        elif step == HOUR:
            found = self._hourly(names, start, end)
        else:
            rolled = [hour for named in _named("monitor", names) for hour in self._rolled(start, end, step, *named)]
            found = {
                monitor: {b.start: b for b in of} for monitor, of in buckets_of((), names, start, step, rolled).items()
            }
        for signal in self._stray(names, start, end):
            moment = start + (signal.moment - start) // step * step
            before = found[signal.monitor].get(moment) or _NOTHING._replace(start=moment)
            found[signal.monitor][moment] = before._replace(
                up=before.up + signal.available, down=before.down + (not signal.available)
            )
        return {monitor: [bucket for _, bucket in sorted(of.items())] for monitor, of in found.items()}

    def rollups(self, start: int, end: int) -> dict[str, Rollup]:
        """See `Store.rollups`."""
        stray = (observed(signal) for signal in self._all_stray(start, end))
        return rollups_of(stray, self._rolled(start, end, max(1, end - start), _ALL, {}))

    def _counted(self, monitors: Sequence[str], start: int, end: int, step: int) -> dict[str, dict[int, Bucket]]:
        """From rows, by monitor and start of the step."""
        found: dict[str, dict[int, Bucket]] = {monitor: {} for monitor in monitors}
        for condition, bound in _named("monitor", monitors):
            for monitor, slot, *row in self._reader.rows(
                _BUCKETS + condition, start=start, end=end, step=step, **bound
            ):
                found[monitor][start + slot * step] = bucket_of(start + slot * step, row)
        return found

    def _hourly(self, monitors: Sequence[str], start: int, end: int) -> dict[str, dict[int, Bucket]]:
        """The same of single hours, from the view as far as it has them."""
        cut = self._cut(start, end)
        found = self._counted(monitors, cut, end, HOUR) if cut < end else {monitor: {} for monitor in monitors}
        for condition, bound in _named("monitor", monitors) if start < cut else ():
            within = {"start": start, "end": cut, **bound}
            ranks = {(m, moment): buckets for m, moment, *buckets in self._reader.rows(_RANKS % condition, **within)}
            for monitor, moment, *row in self._reader.rows(_HOUR + condition, **within):
                found[monitor][moment] = hour_of(moment, row, ranks.get((monitor, moment)))
        return found

    def _rolled(self, start: int, end: int, step: int, condition: str, bound: Mapping[str, object]) -> Iterator[Rolled]:
        """Roll-ups of the range, by step: whole hours from the view as far as it has them, the rest from rows."""
        first = min(end, -(-start // HOUR) * HOUR)
        cut = self._cut(first, end)
        for (counts, spread), begin, until in ((_ROWS, start, first), (_HOURS, first, cut), (_ROWS, cut, end)):
            if begin < until:
                origin = start + (begin - start) // step * step
                within = {"from": begin, "end": until, "start": origin, "step": step, **bound}
                yield from self._rollups(counts + condition, spread + condition, within)

    def _rollups(self, counts: str, spread: str, within: Mapping[str, Any]) -> Iterator[Rolled]:
        spreads: dict[tuple[str, int], dict[int, int]] = {}
        for monitor, slot, bucket, signals in self._reader.rows(spread, **within):
            spreads.setdefault((monitor, slot), {})[bucket] = signals
        for monitor, slot, *row in self._reader.rows(counts, **within):
            yield monitor, within["start"] + slot * within["step"], rollup_of(row, spreads.get((monitor, slot), {}))

    def _cut(self, start: int, end: int) -> int:
        """Until when whole hours of the range are taken from the view; `start` if none are."""
        return max(start, min(end // HOUR * HOUR, hours_counted_until(self._reader)))

    def _between(self, monitors: Sequence[str], start: int, end: int, sql: str, **more: object) -> Iterator[Signal]:
        for condition, bound in _named("monitor", monitors):
            yield from self._signals(self._reader.rows(sql % condition, start=start, end=end, **bound, **more))
        yield from self._stray(monitors, start, end, sql, **more)

    def _stray(
        self, monitors: Sequence[str], start: int, end: int, sql: str = f"{_SELECT} AND %s", **more: object
    ) -> Iterator[Signal]:
        urls = [url for monitor in monitors for url in self._strays.urls_of(monitor)]
        for condition, bound in _named("url", [url for url in urls if url is not None]):
            stray = sql % f"monitor IS NULL AND {condition}"
            yield from self._signals(self._reader.rows(stray, start=start, end=end, **bound, **more))
        if None in urls:
            stray = sql % "monitor IS NULL AND url IS NULL"
            yield from self._signals(self._reader.rows(stray, start=start, end=end, **more))

    def _all_stray(self, start: int, end: int) -> list[Signal]:
        return self._signals(self._reader.rows(f"{_SELECT} AND monitor IS NULL", start=start, end=end))

    def _signals(self, rows: Sequence[Row]) -> list[Signal]:
        return [self._signal(row) for row in rows]

    def _signal(self, row: Row) -> Signal:
        monitor, location, moment, observed, url, kind, verdict, reason, status, available, *rest = row
        if monitor is None:
            return signal_of_tutorial((url, status, moment, available), self._identities)
        *phases, message, expires = rest
        return signal_of(
            (monitor, location or "", moment, observed, url or "", kind, verdict, reason, status, available, *phases,
             message or "", expires)
        )  # fmt: skip


def _in_order(signal: Signal) -> tuple[int, str, str]:
    return signal.moment, signal.monitor, signal.location


def _by_monitor(monitors: Sequence[str], signals: Iterator[Signal]) -> dict[str, list[Signal]]:
    found: dict[str, list[Signal]] = {monitor: [] for monitor in monitors}
    for signal in sorted(signals, key=_in_order):
        found[signal.monitor].append(signal)
    return found


def _named(column: str, values: Sequence[str]) -> Iterator[tuple[str, dict[str, object]]]:
    """`column IN (:v0, :v1, …)` with what is bound to it, as often as there are values for."""
    for first in range(0, len(values), _NAMED_AT_ONCE):
        bound: dict[str, object] = {f"v{n}": value for n, value in enumerate(values[first : first + _NAMED_AT_ONCE])}
        yield f"{column} IN ({', '.join(f':{name}' for name in bound)})", bound
