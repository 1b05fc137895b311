"""Monitors and kept words, for tests that come in by a door."""

from __future__ import annotations

from typing import Any

from signalbox.checks.http import HttpCheck
from signalbox.db import Database
from signalbox.db.configured import add
from signalbox.incidents.models import TemplateRow
from signalbox.incidents.specs import IncidentTemplateSpec
from signalbox.monitors import service as monitors
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.specs import MonitorSpec


def watch(database: Database, *ids: str) -> None:
    """Watch these."""
    with database.begin() as session:
        for id_ in ids:
            spec = MonitorSpec(id=id_, name=id_.title(), check=HttpCheck(url=f"https://{id_}.example"))
            add(session, MonitorRow, id_, spec, columns=monitors.columns(spec), now=1)


def keep_words(database: Database, **written: Any) -> None:
    """Keep a template."""
    spec = IncidentTemplateSpec.model_validate(written)
    columns = {"when": spec.when.value, "automatic": spec.automatic}
    with database.begin() as session:
        add(session, TemplateRow, spec.id, spec, columns=columns, now=1)
