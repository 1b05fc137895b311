"""No secret enters the audit log, whichever door it came through: every row is searched for what was planted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select

from signalbox import audit
from signalbox.manifest import apply, document
from tests.api.admin.conftest import Closed

PLANTED = "planted"
WEBHOOK = f"https://ada:{PLANTED}@hooks.example.com/{PLANTED}?token={PLANTED}"
CHECK: dict[str, Any] = {
    "kind": "http", "url": f"https://ada:{PLANTED}@example.com/?api_key={PLANTED}", "headers": {"X-Any": PLANTED},
}  # fmt: skip
CHANNELS: list[dict[str, Any]] = [
    {"kind": "webhook", "id": "hook", "url": WEBHOOK, "headers": {"X-Any": PLANTED}},
    {"kind": "email", "id": "mail", "to": "ops@example.com", "smtp_url": f"smtps://ada:{PLANTED}@mail.example.com"},
    {"kind": "apprise", "id": "chat", "url": f"ntfys://ada:{PLANTED}@ntfy.example.com/{PLANTED}"},
]


def test_no_row_of_the_audit_log_holds_a_secret(closed: Closed, tmp_path: Path) -> None:
    admin = closed.token("admin")
    for path, things in (("/monitors", [{"id": "api", "name": "API", "check": CHECK}]), ("/channels", CHANNELS)):
        for thing in things:
            assert closed.ask(admin, path, "POST", thing).status == 201
            changed = {**thing, "name": "changed"}
            answer = closed.ask(admin, f"{path}/{thing['id']}", "PUT", changed)
            assert answer.status == 200, answer.text
            assert closed.ask(admin, f"{path}/{thing['id']}", "DELETE").status == 204
    token = closed.ask(admin, "/tokens", "POST", {"name": "made here", "scopes": ["read"]}).json["token"]
    _apply(closed, tmp_path, "API")
    _apply(closed, tmp_path, "API again")

    with closed.database.read() as session:
        rows = list(session.scalars(select(audit.AuditRow)))
    kept = [json.dumps([row.actor, row.action, row.kind, row.subject, row.before, row.after]) for row in rows]
    assert {row.kind for row in rows} >= {"monitor", "channel", "token"}
    assert {row.actor for row in rows} >= {"manifest", "cli:test"}
    assert [row for row in kept if PLANTED in row or token[4:] in row] == []


def _apply(closed: Closed, folder: Path, name: str) -> None:
    file = folder / "signalbox.yaml"
    monitors = [{"id": "own", "name": name, "check": CHECK}]
    channels = [{**channel, "id": f"own-{channel['id']}", "name": name} for channel in CHANNELS]
    file.write_text(json.dumps({"monitors": monitors, "channels": channels}), encoding="utf-8")
    with closed.database.begin() as session:
        apply.apply(session, document.load(file))
