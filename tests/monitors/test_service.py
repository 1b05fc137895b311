"""Reading the monitors: one that cannot be read does not take the others with it."""

from __future__ import annotations

from sqlalchemy import insert
from structlog.testing import capture_logs

from signalbox.checks.http import HttpCheck
from signalbox.db import Database
from signalbox.db.configured import Origin, as_document, sealed
from signalbox.monitors import service
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.specs import MonitorSpec


def test_a_monitor_of_a_kind_that_is_gone_is_logged_and_left_out(database: Database) -> None:
    spec = MonitorSpec(id="fine", name="Fine", check=HttpCheck(url="https://example.com"))
    gone = {**as_document(spec), "id": "gone", "check": {"kind": "carrier-pigeon", "secret": "hunter2"}}
    with database.begin() as session:
        for position, document in enumerate([gone, as_document(spec)]):
            row = {
                **service.columns(spec), "id": document["id"], "key": document["id"], "position": position,
                "spec": sealed(session, document), "origin": Origin.MANIFEST, "created_at": 1, "revision": 1,
                "archived_at": None,
            }  # fmt: skip
            session.execute(insert(MonitorRow), [row])
    with capture_logs() as logs, database.read() as session:
        assert [monitor.id for monitor in service.active(session)] == ["fine"]
    assert [(entry["event"], entry["key"]) for entry in logs] == [("monitor.unreadable", "gone")]
    assert "hunter2" not in str(logs)
