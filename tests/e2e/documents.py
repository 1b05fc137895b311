"""Which pages do the browser tests and the pictures show? Documents as the server would build them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from signalbox.pages.document import Group, Headline, Item, PageDocument, PageHead, State

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


def calm() -> PageDocument:
    """Three services without groups, all up."""
    items = [item("Website", latency=80), item("API", latency=240), item("Docs", latency=45)]
    return document(
        [Group(name=None, state=State.OPERATIONAL, items=items)], {"code": "operational", "state": State.OPERATIONAL}
    )


def trouble(old: timedelta = timedelta()) -> PageDocument:
    """Two groups with every kind of minute, one service down."""
    core = [
        item("API", "u" * 41 + "gggpp" + "u" * 2 + "x" * 12, State.MAJOR, 420),
        item("Web app", "u" * 22 + "g" * 6 + "u" * 32, latency=180),
        item("Sign-in", "." * 17 + "u" * 43, latency=60),
    ]
    delivery = [
        item("Webhooks", "u" * 55 + "ggggg", State.DEGRADED, 900),
        item("Email", UP, latency=1400),
        item("A service with a long name that has to wrap on a telephone", "." * 60, State.NO_DATA),
    ]
    groups = [
        Group(name="Core", state=State.PARTIAL, items=core),
        Group(name="Delivery", state=State.DEGRADED, items=delivery),
    ]
    return document(groups, {"code": "major", "state": State.MAJOR, "affected": 1, "names": ["API"]}, old)


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
