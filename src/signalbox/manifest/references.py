"""Do the things of a manifest name each other rightly? Pure: specs in, problems out."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from signalbox.audit import MASK
from signalbox.checks.push import PushCheck
from signalbox.manifest.problems import Path
from signalbox.monitors.specs import MonitorSpec
from signalbox.pages.specs import PageSpec

Entries = Sequence[tuple[int, Any]]
"""Specs of one sort, each with its index in the file."""


def problems(
    monitors: Sequence[tuple[int, MonitorSpec]], pages: Sequence[PageSpec], others: Mapping[str, Entries]
) -> Iterator[tuple[Path, str]]:
    """Where a name stands for nothing, or monitors depend on each other in a circle; and what to write."""
    ids = [monitor.id for _, monitor in monitors]
    yield from _dependencies(monitors, ids)
    yield from _tokens(monitors)
    channels = [spec.id for _, spec in others.get("channels", ())]
    for index, route in others.get("routes", ()):
        yield from _unknown(("routes", index, "to"), "channel", route.to, channels)
        for number, step in enumerate(route.steps):
            yield from _unknown(("routes", index, "steps", number, "to"), "channel", step.to, channels)
        yield from _unknown(("routes", index, "match", "monitors"), "monitor", route.match.monitors, ids)
    groups = [monitor.group for _, monitor in monitors if monitor.group]
    tags = [tag for _, monitor in monitors for tag in monitor.tags]
    for index, work in others.get("maintenance", ()):
        path: Path = ("maintenance", index)
        yield from _unknown((*path, "monitors"), "monitor", work.monitors, ids)
        yield from _unknown((*path, "groups"), "group", work.groups, groups)
        yield from _unknown((*path, "tags"), "tag", work.tags, tags)
        yield from _unknown((*path, "pages"), "page", work.pages, [page.slug for page in pages])


def _dependencies(monitors: Sequence[tuple[int, MonitorSpec]], ids: Sequence[str]) -> Iterator[tuple[Path, str]]:
    above = {monitor.id: (*monitor.depends_on, *monitor.check.follows) for _, monitor in monitors}
    for index, monitor in monitors:
        path: Path = ("monitors", index, "depends_on")
        yield from _unknown(path, "monitor", monitor.depends_on, ids)
        yield from _unknown(("monitors", index, "check", "members"), "monitor", monitor.check.follows, ids)
        if _reaches(monitor.id, monitor.id, above):
            if not monitor.depends_on:
                path = ("monitors", index, "check", "members")
            yield path, "depends on itself, directly or by way of others: leave one of them out"


def _tokens(monitors: Sequence[tuple[int, MonitorSpec]]) -> Iterator[tuple[Path, str]]:
    """Push monitors must have a token each, and none that another has: nobody would know whose heartbeat it is."""
    owners: dict[str, str] = {}
    for index, monitor in monitors:
        if not isinstance(monitor.check, PushCheck):
            continue
        path: Path = ("monitors", index, "check", "token")
        if not monitor.check.tokens or MASK in monitor.check.tokens:
            yield path, "write a token of 32 random letters and digits, best as ${NAME} from the environment"
        for token in monitor.check.tokens:
            if owners.setdefault(token, monitor.id) != monitor.id:
                yield path, f'the monitor "{owners[token]}" has this token, too: write another'


def _reaches(start: str, goal: str, above: Mapping[str, Sequence[str]]) -> bool:
    seen: set[str] = set()
    new = list(above.get(start, ()))
    while new:
        here = new.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            new += above.get(here, ())
    return False


def _unknown(path: Path, word: str, names: Collection[str], known: Sequence[str]) -> Iterator[tuple[Path, str]]:
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            advice = f'did you mean "{close[0]}"?' if close else f"write the {word} itself into the manifest, too"
            yield path, f'there is no {word} "{name}" here; {advice}'
