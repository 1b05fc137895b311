"""Which pages do the browser tests and the pictures show? Documents of the past 60 minutes as the server would build
them; longer bars are in `zooms.py`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from signalbox.incidents import markdown
from signalbox.pages.document import (
    AffectedService,
    Group,
    Headline,
    Incident,
    Item,
    Maintenance,
    PageDocument,
    PageHead,
    Past,
    PastDay,
    State,
    Update,
)

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
    newest = moment(now - old) if any(item.signals for item in items) else None
    return PageDocument(
        page=PageHead(slug="main", title="Acme status", timezone="Europe/Budapest"),
        generated_at=moment(now), newest_result_at=newest, stale_after_s=180,
        headline=Headline.model_validate(common | headline), groups=groups,
    )  # fmt: skip


def moment(at: datetime) -> str:
    """As documents have moments."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


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


def ago(now: datetime, **before: float) -> str:
    """The moment so long before: `minutes=3`."""
    return moment(now - timedelta(**before))


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
        _said(number, "investigating" if number < 4 else "identified", body, ago(now, minutes=44 - 7 * number))
        for number, body in enumerate((*said, text), 1)
    ]
    affected = {"API": State.PARTIAL, "Webhooks": State.DEGRADED}
    return Incident(
        id="k3v9", title="Elevated errors on writes", impact="major", state=State.PARTIAL, status="identified",
        started_at=ago(now, minutes=41), detected_at=ago(now, minutes=40), resolved_at=None,
        next_update_by=ago(now, minutes=8), updates=updates[::-1],
        affected=[AffectedService(name=name, state=state) for name, state in affected.items()],
    )  # fmt: skip


def _odd(now: datetime) -> Incident:
    """One update, no service, the next one promised."""
    return Incident(
        id="p1x7", title="Odd answers for a few readers", impact="none", state=State.DEGRADED, status="investigating",
        started_at=ago(now, minutes=3), detected_at=None, resolved_at=None,
        next_update_by=ago(now, minutes=-25.5),  # so that no minute ends while a test looks
        affected=[], updates=[_said(1, "investigating", "We are looking.", ago(now, minutes=3))],
    )  # fmt: skip


def _certificate(now: datetime) -> Incident:
    """Resolved, with a postmortem."""
    start = now - timedelta(days=3, hours=2)
    return Incident(
        id="a0b1", title="Certificate expired", impact="critical", state=State.MAJOR, status="resolved",
        started_at=moment(start), detected_at=moment(start + timedelta(seconds=40)), resolved_at=ago(now, days=3),
        next_update_by=None, affected=[AffectedService(name="Sign-in", state=State.OPERATIONAL)],
        updates=[
            _said(3, "resolved", "A new certificate is in place.", ago(now, days=3)),
            _said(1, "investigating", "Nobody can sign in.", moment(start)),
        ],
        postmortem=markdown.render("We now look **21 days** ahead."),
    )  # fmt: skip


def _mail(now: datetime) -> Maintenance:
    """In progress, longer than planned."""
    return Maintenance(
        id="mail", title="Email provider migration", html=markdown.render("Mail may arrive up to 10 minutes late."),
        starts_at=ago(now, minutes=65), ends_at=ago(now, minutes=-30), planned_end_at=ago(now, minutes=25),
        expected="brief", affected=["Email"],
    )  # fmt: skip


def _upgrade(now: datetime) -> Maintenance:
    """Announced for the day after tomorrow."""
    end = ago(now, days=-2, hours=-4)
    return Maintenance(
        id="db", title="Database upgrade", html="", starts_at=ago(now, days=-2, hours=-2), ends_at=end,
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
        ).model_copy(update={"quiet": True, "checked_at": moment(datetime.now(UTC) - timedelta(minutes=20))}),
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
