"""Which pages do the browser tests and the pictures show? Documents as the server would build them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from signalbox.incidents import markdown
from signalbox.pages.document import (
    AffectedService,
    Group,
    Headline,
    Incident,
    Item,
    Maintenance,
    Mark,
    PageDocument,
    PageHead,
    Past,
    PastDay,
    Scale,
    Span,
    Spark,
    State,
    Sum,
    Update,
    Zoom,
)
from signalbox.pages.latencies import coarse

UP = "u" * 60


def item(name: str, minutes: str = UP, state: State = State.OPERATIONAL, latency: int = 120) -> Item:
    """A service; its answer times swing a little around `latency` milliseconds."""
    known = len(minutes.replace(".", ""))
    up = sum(minute in "ugp" for minute in minutes)
    swing = [
        None if minute in ".x" else latency + (index * 37) % (latency // 2) for index, minute in enumerate(minutes)
    ]
    return Item(
        id=name.lower().replace(" ", "-"), name=name, state=state, interval_s=60.0, checked_at=None, signals=known,
        uptime=f"{int(10000 * up / known) / 100:.2f}" if known else None, minutes=minutes, latency=swing,
    )  # fmt: skip


def document(groups: list[Group], headline: dict[str, Any], old: timedelta = timedelta()) -> PageDocument:
    """A page as of now, its newest result `old` ago."""
    now = datetime.now(UTC)
    items = [item for group in groups for item in group.items]
    common = {"affected": 0, "total": len(items), "no_data": 0, "names": []}
    newest = _moment(now - old) if any(item.signals for item in items) else None
    return PageDocument(
        page=PageHead(slug="main", title="Acme status", timezone="Europe/Budapest"),
        generated_at=_moment(now), newest_result_at=newest, stale_after_s=180,
        headline=Headline.model_validate(common | headline), groups=groups,
    )  # fmt: skip


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


HOSTILE = """<script>window.attacked = 1</script><img src=x onerror="window.attacked=2">
[run](javascript:window.attacked=3) <svg onload="window.attacked=4"></svg>
![picture](http://192.0.2.1/x.png) <a href="data:text/html,x" style="color:red">x</a>"""
"""What must stay text, or go."""
_PROSE = """A bad deploy raised write errors to **4 %**. We are rolling it back; [the plan](https://example.com/plan):

1. stop writers on `eu-2`
2. roll back, then replay the queue

> Reads are not affected."""


def told(document: PageDocument, text: str = _PROSE) -> PageDocument:
    """The same page with incidents, announced work and a past."""
    now = datetime.fromisoformat(document.generated_at)
    day = (now - timedelta(days=3)).date().isoformat()
    return document.model_copy(update={
        "incidents": [_writes(now, text), _odd(now)],
        "maintenance": [_mail(now), _upgrade(now)],
        "past": Past(days=14, calm=12, listed=[PastDay(day=day, incidents=[_certificate(now)])], more=0),
    })  # fmt: skip


def _ago(now: datetime, **ago: float) -> str:
    return _moment(now - timedelta(**ago))


def _said(number: int, status: str, text: str, at: str) -> Update:
    edited = at if number == 2 else None
    return Update(number=number, status=status, at=at, edited_at=edited, html=markdown.render(text))


def _writes(now: datetime, text: str) -> Incident:
    """Five updates, the newest late, one edited."""
    said = (
        "Some write requests fail with 502.",
        "We see it too.",
        "It is writes only.",
        "We know which change it was.",
    )
    updates = [
        _said(number, "investigating" if number < 4 else "identified", body, _ago(now, minutes=44 - 7 * number))
        for number, body in enumerate((*said, text), 1)
    ]
    affected = {"API": State.PARTIAL, "Webhooks": State.DEGRADED}
    return Incident(
        id="k3v9", title="Elevated errors on writes", impact="major", state=State.PARTIAL, status="identified",
        started_at=_ago(now, minutes=41), detected_at=_ago(now, minutes=40), resolved_at=None,
        next_update_by=_ago(now, minutes=8), updates=updates[::-1],
        affected=[AffectedService(name=name, state=state) for name, state in affected.items()],
    )  # fmt: skip


def _odd(now: datetime) -> Incident:
    """One update, no service, the next one promised."""
    return Incident(
        id="p1x7", title="Odd answers for a few readers", impact="none", state=State.DEGRADED, status="investigating",
        started_at=_ago(now, minutes=3), detected_at=None, resolved_at=None, next_update_by=_ago(now, minutes=-25),
        affected=[], updates=[_said(1, "investigating", "We are looking.", _ago(now, minutes=3))],
    )  # fmt: skip


def _certificate(now: datetime) -> Incident:
    """Resolved, with a postmortem."""
    start = now - timedelta(days=3, hours=2)
    return Incident(
        id="a0b1", title="Certificate expired", impact="critical", state=State.MAJOR, status="resolved",
        started_at=_moment(start), detected_at=_moment(start + timedelta(seconds=40)), resolved_at=_ago(now, days=3),
        next_update_by=None, affected=[AffectedService(name="Sign-in", state=State.OPERATIONAL)],
        updates=[
            _said(3, "resolved", "A new certificate is in place.", _ago(now, days=3)),
            _said(1, "investigating", "Nobody can sign in.", _moment(start)),
        ],
        postmortem=markdown.render("We now look **21 days** ahead."),
    )  # fmt: skip


def _mail(now: datetime) -> Maintenance:
    """In progress, longer than planned."""
    return Maintenance(
        id="mail", title="Email provider migration", html=markdown.render("Mail may arrive up to 10 minutes late."),
        starts_at=_ago(now, minutes=65), ends_at=_ago(now, minutes=-30), planned_end_at=_ago(now, minutes=25),
        expected="brief", affected=["Email"],
    )  # fmt: skip


def _upgrade(now: datetime) -> Maintenance:
    """Announced for the day after tomorrow."""
    end = _ago(now, days=-2, hours=-4)
    return Maintenance(
        id="db", title="Database upgrade", html="", starts_at=_ago(now, days=-2, hours=-2), ends_at=end,
        planned_end_at=end, expected="down", affected=["API", "Web app"],
    )  # fmt: skip


def looking() -> PageDocument:
    """All monitors are fine, and people are looking into something; one service was not asked for long."""
    page = told(calm())
    items = [*page.groups[0].items[:2], page.groups[0].items[2].model_copy(update={"state": State.MAINTENANCE})]
    said = {"code": "incident", "state": State.DEGRADED, "affected": 2, "names": [one.title for one in page.incidents]}
    return page.model_copy(update={
        "headline": page.headline.model_copy(update=said),
        "groups": [page.groups[0].model_copy(update={"items": items, "state": State.MAINTENANCE})],
    })  # fmt: skip


def hostile() -> PageDocument:
    """Somebody wrote into an incident whatever a browser could take for a program."""
    return told(calm(), HOSTILE)


def calm() -> PageDocument:
    """Three services without groups, all up."""
    items = [item("Website", latency=80), item("API", latency=240), item("Docs", latency=45)]
    return document(
        [Group(name=None, state=State.OPERATIONAL, items=items)], {"code": "operational", "state": State.OPERATIONAL}
    )


def trouble(old: timedelta = timedelta()) -> PageDocument:
    """Two groups with every kind of minute, one service down; incidents, announced work and a past."""
    core = [
        item("API", "u" * 41 + "gggpp" + "u" * 2 + "x" * 12, State.MAJOR, 420),
        item("Web app", "u" * 22 + "g" * 6 + "u" * 32, latency=180).model_copy(update={"checking": True}),
        item("Sign-in", "." * 17 + "u" * 43, latency=60),
    ]
    delivery = [
        item("Webhooks", "u" * 55 + "ggggg", State.DEGRADED, 900),
        item("Email", UP, State.MAINTENANCE, latency=1400),
        item(
            "A service with a long name that has to wrap on a telephone", "u" * 40 + "." * 20, State.NO_DATA
        ).model_copy(update={"quiet": True, "checked_at": _moment(datetime.now(UTC) - timedelta(minutes=20))}),
        item("Search", "." * 60, State.NO_DATA).model_copy(update={"paused": True}),
    ]
    groups = [
        Group(name="Core", state=State.PARTIAL, items=core),
        Group(name="Delivery", state=State.DEGRADED, items=delivery),
    ]
    return told(document(groups, {"code": "major", "state": State.MAJOR, "affected": 1, "names": ["API"]}, old))


def stale() -> PageDocument:
    """The same, its newest result older than the page may believe."""
    fresh = trouble(timedelta(minutes=12))
    return fresh.model_copy(
        update={"headline": fresh.headline.model_copy(update={"code": "stale", "state": State.NO_DATA})}
    )


def waiting() -> PageDocument:
    """Services that were never asked yet."""
    items = [item("Website", "." * 60, State.NO_DATA), item("API", "." * 60, State.NO_DATA)]
    return document(
        [Group(name=None, state=State.NO_DATA, items=items)],
        {"code": "waiting", "state": State.NO_DATA, "no_data": 2},
    )


def many(count: int = 500) -> PageDocument:
    """Hundreds of services in ten groups, the first of them with trouble."""
    size = count // 10
    groups = [
        Group(
            name=f"Region {region}",
            state=State.DEGRADED if region == 0 else State.OPERATIONAL,
            items=[
                item(f"Service {region}-{index}", UP if region else "u" * 50 + "g" * 10, latency=50 + index * 9)
                for index in range(size)
            ],
        )
        for region in range(10)
    ]
    return document(groups, {"code": "degraded", "state": State.DEGRADED, "affected": size, "names": ["Service 0-0"]})


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
    return Scale(zoom=zoom, cells=_PARTS, first=_moment(datetime.fromtimestamp(start, UTC)), step_s=_STEP)


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
        since = _ago(now, days=1, hours=7) if scale.step_s is None else _ago(now, minutes=31)
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
                    "start": _moment(start.astimezone(UTC)),
                    "end": _moment(end.astimezone(UTC)),
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
