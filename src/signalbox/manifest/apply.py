"""How does an installation become what its manifest says? In one transaction, all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from signalbox import audit, clock
from signalbox.db import configured, installation
from signalbox.db.configured import Origin
from signalbox.db.installation import hold_revision, raise_revision
from signalbox.manifest import sorts
from signalbox.manifest.document import Manifest
from signalbox.manifest.plan import Action, Plan, Step, Wanted, compare
from signalbox.manifest.sorts import Sort

_SILENT = frozenset({Action.KEEP, Action.MOVE})  # what leaves no line in the audit log


def plan(session: Session, manifest: Manifest) -> Plan:
    """What `apply` would do now. Raises ConfigurationError when an id is taken by something the API made."""
    steps = {sort.name: _compared(session, manifest, sort) for sort in sorts.ALL}
    return Plan(
        steps.pop("monitors"), steps.pop("pages"), steps, installation.canaries(session) != list(manifest.canaries)
    )


def apply(session: Session, manifest: Manifest, now: int | None = None) -> Plan:
    """Make the manifest's own things what it says, as of `now` (else the clock's). Returns what was done.

    Whatever was made through the API stays as it is. When there is nothing to do, nothing is written. Several
    processes may apply at once: one after the other.
    """
    hold_revision(session)
    steps = plan(session, manifest)
    if not steps.empty:
        revision, now = raise_revision(session), clock.now() if now is None else now
        installation.set_canaries(session, manifest.canaries)
        for sort in sorts.ALL:
            if any(step.action is not Action.KEEP for step in steps.of(sort.name)):
                _carry_out(session, sort, steps.of(sort.name), manifest, revision=revision, now=now)
    return steps


def _compared(session: Session, manifest: Manifest, sort: Sort) -> tuple[Step, ...]:
    wanted = [
        Wanted(sort.id_of(spec), configured.as_document(spec), getattr(spec, "was", None))
        for spec in manifest.specs(sort.name)
    ]
    return compare(wanted, configured.known(session, sort.row), sort.word)


def _carry_out(
    session: Session, sort: Sort, steps: Sequence[Step], manifest: Manifest, *, revision: int, now: int
) -> None:
    specs, row = manifest.specs(sort.name), sort.row

    def values(step: Step) -> dict[str, Any]:
        assert step.place is not None
        spec = specs[step.place]
        sealed = configured.sealed(session, configured.as_document(spec))
        return {
            **sort.columns(spec), "key": step.key, "spec": sealed, "position": step.place, "revision": revision,
            "archived_at": None,
        }  # fmt: skip

    _audit(session, sort, steps, specs)
    created = {"origin": Origin.MANIFEST.value, "created_at": now}
    by_action: dict[Action, list[Step]] = {
        action: [step for step in steps if step.action is action] for action in Action
    }
    changing = [*by_action[Action.RENAME], *by_action[Action.RESTORE], *by_action[Action.CHANGE]]
    if sort.keep is not None and changing:
        sort.keep(session, [step.key for step in changing], now)
    # those that go first, so that their ids are free
    configured.archive(session, row, [step.key for step in by_action[Action.ARCHIVE]], revision, now)
    configured.change(session, row, [values(step) for step in changing])
    configured.move(session, row, {step.key: step.place or 0 for step in by_action[Action.MOVE]}, revision)
    configured.create(session, row, [values(step) | created for step in by_action[Action.CREATE]])


def _audit(session: Session, sort: Sort, steps: Sequence[Step], specs: Sequence[Any]) -> None:
    """A line for each thing that changes: what the manifest says now, and what was kept before."""
    before = {one.key: one.spec for one in configured.known(session, sort.row)}
    for step in steps:
        if step.action in _SILENT:
            continue
        old = sort.masked(before[step.key]) if step.key in before else None
        new = None if step.place is None else sort.masked(configured.as_document(specs[step.place]))
        audit.record(session, audit.MANIFEST, step.action.value, sort.word, step.id, before=old, after=new)
