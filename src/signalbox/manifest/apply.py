"""How does an installation become what its manifest says? In one transaction, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from signalbox import clock
from signalbox.db import configured
from signalbox.db.configured import ConfiguredRow, Origin
from signalbox.db.installation import hold_revision, raise_revision
from signalbox.manifest.document import Manifest
from signalbox.manifest.plan import Action, Plan, Step, Wanted, compare
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.service import columns as monitor_columns
from signalbox.monitors.specs import MonitorSpec
from signalbox.pages.models import PageRow
from signalbox.pages.service import columns as page_columns
from signalbox.pages.specs import PageSpec

_Spec = TypeVar("_Spec", MonitorSpec, PageSpec)


def plan(session: Session, manifest: Manifest) -> Plan:
    """What `apply` would do now. Raises ConfigurationError when an id is taken by something the API made."""
    monitors = [Wanted(spec.id, configured.as_document(spec), spec.was) for spec in manifest.monitors]
    pages = [Wanted(spec.slug, configured.as_document(spec)) for spec in manifest.pages]
    return Plan(
        monitors=compare(monitors, configured.known(session, MonitorRow), "monitor"),
        pages=compare(pages, configured.known(session, PageRow), "page"),
    )


def apply(session: Session, manifest: Manifest) -> Plan:
    """Make the manifest's own monitors and pages what it says. Returns what was done.

    Whatever was made through the API stays as it is. When there is nothing to do, nothing is written. Several
    processes may apply at once: one after the other.
    """
    hold_revision(session)
    steps = plan(session, manifest)
    if not steps.empty:
        revision, now = raise_revision(session), clock.now()
        _carry_out(session, steps.monitors, MonitorRow, manifest.monitors, monitor_columns, revision, now)
        _carry_out(session, steps.pages, PageRow, manifest.pages, page_columns, revision, now)
    return steps


def _carry_out(  # noqa: PLR0917 - one thing each
    session: Session,
    steps: Sequence[Step],
    row: type[ConfiguredRow],
    specs: Sequence[_Spec],
    columns: Callable[[_Spec], Mapping[str, Any]],
    revision: int,
    now: int,
) -> None:
    def values(step: Step) -> dict[str, Any]:
        assert step.place is not None
        spec = specs[step.place]
        sealed = configured.sealed(session, configured.as_document(spec))
        return {
            **columns(spec), "key": step.key, "spec": sealed, "position": step.place, "revision": revision,
            "archived_at": None,
        }  # fmt: skip

    created = {"origin": Origin.MANIFEST.value, "created_at": now}
    by_action: dict[Action, list[Step]] = {
        action: [step for step in steps if step.action is action] for action in Action
    }
    changing = [*by_action[Action.RENAME], *by_action[Action.RESTORE], *by_action[Action.CHANGE]]
    # those that go first, so that their ids are free
    configured.archive(session, row, [step.key for step in by_action[Action.ARCHIVE]], revision, now)
    configured.change(session, row, [values(step) for step in changing])
    configured.move(session, row, {step.key: step.place or 0 for step in by_action[Action.MOVE]}, revision)
    configured.create(session, row, [values(step) | created for step in by_action[Action.CREATE]])
