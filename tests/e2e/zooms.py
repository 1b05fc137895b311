"""Which bars of days, or of parts of a day, do the browser tests and the pictures show? Documents as the server would
build them, with every kind of cell."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from signalbox.pages.document import Group, Item, Mark, PageDocument, Scale, Span, Spark, State, Sum, Zoom
from signalbox.pages.latencies import coarse
from tests.e2e.documents import ago, document, item, moment, trouble

_ZONE = ZoneInfo("Europe/Budapest")
_DAYS, _PARTS, _STEP = 90, 72, 1_200


def zoomed(page: PageDocument, zoom: Zoom) -> PageDocument:
    """The same page with bars of days, or of parts of a day: every kind of cell is there, and a service that is new."""
    now = datetime.fromisoformat(page.generated_at)
    scale = _scale(zoom, now)
    asked = [(group, [_zoomed(item, scale, at, now) for at, item in enumerate(group.items)]) for group in page.groups]
    groups = [group.model_copy(update={"items": items, "uptime": "99.871"}) for group, items in asked]
    return page.model_copy(update={"scale": scale, "groups": groups})


def _scale(zoom: Zoom, now: datetime) -> Scale:
    if zoom is Zoom.DAYS:
        first = (now.astimezone(_ZONE).date() - timedelta(days=_DAYS - 1)).isoformat()
        return Scale(zoom=zoom, cells=_DAYS, first=first, step_s=None)
    start = int(now.timestamp()) // _STEP * _STEP - (_PARTS - 1) * _STEP
    return Scale(zoom=zoom, cells=_PARTS, first=moment(datetime.fromtimestamp(start, UTC)), step_s=_STEP)


def _zoomed(item: Item, scale: Scale, at: int, now: datetime) -> Item:
    """The first service had everything; others little, the last of a group is new, or was never asked."""
    cells, quiet = scale.cells, item.paused or not item.signals
    marks = [] if quiet else _everything(scale) if at == 0 else _little(scale, at)
    bar = list("z" * cells if item.paused else "." * cells if quiet else "u" * cells)
    for mark in marks:
        bar[mark.at] = "x" if mark.down_s else "g" if mark.degraded_s else "m"
    if at == 0 and marks:
        bar[30] = "p"
        bar[12:15] = "zzz"
    since = None
    if at == 2 and not quiet:
        bar[:-2] = "." * (cells - 2)
        marks = []
        since = ago(now, days=1, hours=7) if scale.step_s is None else ago(now, minutes=31)
    slow = [None if kind in ".z" else coarse(150 + (cell * 53 + at * 97) % 420) for cell, kind in enumerate(bar)]
    known = bool(slow) and not quiet
    return item.model_copy(update={
        "bar": "".join(bar), "marks": marks, "slow": slow, "since": since,
        "uptime": None if quiet else "99.817" if marks else "100.00",
        "coverage": "99.62" if known else None,
        "sum": _sum(marks, scale),
        "spark": _spark(at) if known else None,
        "minutes": None if item.state is State.OPERATIONAL else item.minutes,
        "latency": [] if item.state is State.OPERATIONAL else item.latency,
    })  # fmt: skip


def _everything(scale: Scale) -> list[Mark]:
    whole = scale.step_s or 86_400
    return [
        _mark(scale, 3, down_s=1),
        _mark(scale, 8, down_s=whole // 20, incidents=["a0b1"]),
        _mark(scale, 20, degraded_s=whole // 8),
        _mark(scale, 26, maintenance_s=whole // 10),
        _mark(scale, 30, down_s=whole // 4),
        _mark(scale, 40, down_s=whole, incidents=["gone"]),
        _mark(scale, 50, degraded_s=whole // 30, down_s=whole // 3),
        _mark(scale, 60, maintenance_s=whole // 8, down_s=whole // 60),
        _mark(scale, 66, degraded_s=whole),
        _mark(scale, scale.cells - 1, down_s=720, incidents=["k3v9"]),
    ]


def _little(scale: Scale, at: int) -> list[Mark]:
    return [
        _mark(scale, 17 * at % scale.cells, down_s=scale.step_s or 3_600),
        _mark(scale, (scale.cells - 4 * at) % scale.cells, degraded_s=400),
    ]


def _mark(scale: Scale, at: int, *, incidents: list[str] | None = None, **seconds: int) -> Mark:
    """A cell with one stretch for each thing that happened in it."""
    if scale.step_s is None:
        start = datetime.combine(date.fromisoformat(scale.first) + timedelta(days=at), datetime.min.time(), _ZONE)
    else:
        start = datetime.fromisoformat(scale.first) + timedelta(seconds=at * scale.step_s)
    spans = []
    for name, length in seconds.items():
        what, reason = name.removesuffix("_s"), "" if name.startswith("maintenance") else "connect"
        end = start + timedelta(seconds=length)
        spans.append(
            Span.model_validate(
                {
                    "start": moment(start.astimezone(UTC)),
                    "end": moment(end.astimezone(UTC)),
                    "what": what,
                    "reason": reason,
                }
            )
        )
        start = end
    return Mark.model_validate(
        {"at": at, "spans": spans, "more": 2 if at == 8 else 0, "incidents": incidents or [], **seconds}
    )


def _sum(marks: list[Mark], scale: Scale) -> Sum:
    down, work = sum(mark.down_s for mark in marks), sum(mark.maintenance_s for mark in marks)
    whole = scale.cells * (scale.step_s or 86_400)
    return Sum(
        known_s=whole - work - 9_000, down_s=down, degraded_s=sum(mark.degraded_s for mark in marks),
        maintenance_s=work, unknown_s=9_000, paused_s=0, unwatched_s=0,
    )  # fmt: skip


def _spark(at: int) -> Spark:
    p50: list[int | None] = [coarse(90 + (hour * 29 + at * 13) % 60) for hour in range(24)]
    p95: list[int | None] = [coarse(140 + (hour * 71 + at * 31) % 190) for hour in range(24)]
    p50[9] = p95[9] = p50[10] = p95[10] = None
    return Spark(p50=p50, p95=p95)


def days() -> PageDocument:
    """A page with trouble, as 90 days."""
    return zoomed(trouble(), Zoom.DAYS)


def hours() -> PageDocument:
    """A page with trouble, as 24 hours."""
    return zoomed(trouble(), Zoom.DAY)


def fifty() -> PageDocument:
    """Fifty services without groups, as 90 days."""
    items = [item(f"Service {at}") for at in range(50)]
    group = Group(name=None, state=State.OPERATIONAL, items=items)
    return zoomed(document([group], {"code": "operational", "state": State.OPERATIONAL}), Zoom.DAYS)
