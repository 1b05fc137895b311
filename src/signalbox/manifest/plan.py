"""What would applying a manifest change? A pure comparison of what is wanted with what is known.

Things are matched by id. `was: old-id` gives a thing the key, and so the history, of the one that had that id,
as long as nothing else already has the new one. What somebody made through the API is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Any, NamedTuple

from signalbox.db.configured import Known, Origin
from signalbox.errors import ConfigurationError


class Action(StrEnum):
    """What happens to one thing."""

    CREATE = "create"
    CHANGE = "change"
    RENAME = "rename"
    RESTORE = "restore"  # it was archived, and returns with its history
    MOVE = "move"  # only its place in the order changes
    ARCHIVE = "archive"
    KEEP = "keep"


_DONE = {
    Action.CREATE: "created",
    Action.CHANGE: "changed",
    Action.RENAME: "renamed",
    Action.RESTORE: "restored",
    Action.MOVE: "moved",
    Action.ARCHIVE: "archived",
    Action.KEEP: "unchanged",
}


class Wanted(NamedTuple):
    """One thing of a manifest, as `db/configured.as_document` writes it."""

    id: str
    document: dict[str, Any]
    was: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one thing. `place` is its index among the wanted, None for what is archived."""

    action: Action
    key: str
    id: str
    place: int | None
    before: str | None = None  # the id it had
    differs: tuple[str, ...] = ()  # top-level keys of the spec that change


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps, for each sort of thing. Applied in full or not at all."""

    monitors: tuple[Step, ...] = ()
    pages: tuple[Step, ...] = ()
    others: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)  # by the manifest's key
    canaries: bool = False  # are to be others than before

    @property
    def empty(self) -> bool:
        """Is everything as it should be already?"""
        steps = (*self.monitors, *self.pages, *chain.from_iterable(self.others.values()))
        return not self.canaries and all(step.action is Action.KEEP for step in steps)

    def of(self, sort: str) -> tuple[Step, ...]:
        """The steps of one sort, by the manifest's key."""
        return {"monitors": self.monitors, "pages": self.pages, **self.others}.get(sort, ())

    def __str__(self) -> str:
        said = {
            "monitors": self.monitors,
            "pages": self.pages,
            **{name: one for name, one in self.others.items() if one},
        }
        canaries = ["canaries: changed"] if self.canaries else []
        return "; ".join([*(f"{name}: {_summary(steps)}" for name, steps in said.items()), *canaries])


def compare(wanted: Sequence[Wanted], known: Sequence[Known], sort: str) -> tuple[Step, ...]:
    """The steps that make the manifest's own among `known` be `wanted`, in the same order.

    `sort` is the word for these things in errors. Raises ConfigurationError when an id is taken by the API's.
    """
    ours = [one for one in known if one.origin == Origin.MANIFEST]
    active = {one.id: one for one in ours if one.archived_at is None}
    _refuse_taken(wanted, known, sort)
    matched = _matched(wanted, active, _archived(ours))
    keys = {one.key for one in known}
    steps = [
        _step(one, place, matched[one.id]) if one.id in matched else _new(one, place, keys)
        for place, one in enumerate(wanted)
    ]
    stays = {one.key for one in matched.values()}
    gone = [Step(Action.ARCHIVE, one.key, one.id, None) for one in active.values() if one.key not in stays]
    return (*steps, *gone)


def _refuse_taken(wanted: Iterable[Wanted], known: Iterable[Known], sort: str) -> None:
    foreign = {one.id for one in known if one.origin != Origin.MANIFEST and one.archived_at is None}
    taken = sorted(one.id for one in wanted if one.id in foreign)
    if taken:
        raise ConfigurationError(
            f"a {sort} made through the API has this id already: {', '.join(taken)}; "
            "write another in the manifest, or archive that one first"
        )


def _archived(ours: Iterable[Known]) -> dict[str, Known]:
    """The archived thing of each id; the one archived last when there are several."""
    return {one.id: one for one in sorted(ours, key=lambda one: one.archived_at or 0) if one.archived_at is not None}


def _matched(wanted: Sequence[Wanted], active: dict[str, Known], archived: dict[str, Known]) -> dict[str, Known]:
    """Which known thing each wanted id continues: by rename, else the active one, else the archived one."""
    claimants = {one.was: one for one in wanted if one.was is not None}

    def moves(one: Wanted) -> bool:
        """Does its `was` count? Not once the rename is done, or when the id it wants is not given up."""
        if one.was is None or one.was not in (active | archived):
            return False
        if one.id not in active:
            return True
        successor = claimants.get(one.id)
        return successor is not None and moves(successor)  # ends: the manifest allows no circle

    matched = {one.id: active.get(one.was) or archived[one.was] for one in wanted if one.was is not None and moves(one)}
    taken = {one.key for one in matched.values()}
    for one in wanted:
        continued = active.get(one.id) or archived.get(one.id)
        if one.id not in matched and continued is not None and continued.key not in taken:
            matched[one.id] = continued
    return matched


def _step(wanted: Wanted, place: int, known: Known) -> Step:
    names = sorted(wanted.document.keys() | known.spec.keys())
    differs = tuple(name for name in names if wanted.document.get(name) != known.spec.get(name))
    if known.id != wanted.id:
        action = Action.RENAME
    elif known.archived_at is not None:
        action = Action.RESTORE
    elif differs:
        action = Action.CHANGE
    else:
        action = Action.KEEP if known.position == place else Action.MOVE
    return Step(action, known.key, wanted.id, place, known.id, differs)


def _new(wanted: Wanted, place: int, keys: set[str]) -> Step:
    """A key is the id it began with; a number is added when another thing once began with that id."""
    key, number = wanted.id, 1
    while key in keys:
        number += 1
        key = f"{wanted.id}-{number}"
    keys.add(key)
    return Step(Action.CREATE, key, wanted.id, place)


def _summary(steps: Sequence[Step]) -> str:
    counts = {action: sum(step.action is action for step in steps) for action in Action}
    return ", ".join(f"{count} {_DONE[action]}" for action, count in counts.items() if count) or "none"
