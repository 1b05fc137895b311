"""Can channels be made, changed and put aside by hand, without a secret leaving a trace?"""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from signalbox.audit import AuditRow
from signalbox.db import Database
from signalbox.db.configured import Origin
from signalbox.db.vault import Vault
from signalbox.errors import NotFound, Refused
from signalbox.notifications import channels
from signalbox.notifications.models import ChannelRow
from signalbox.notifications.specs import CHANNELS, AnyChannel, WebhookChannel
from tests.notifications.equipment import HAPPENED

URL = "https://hooks.example.com/t0k3n"
BY = "cli:somebody"


def hook(**more: object) -> AnyChannel:
    """A webhook as somebody writes it."""
    return CHANNELS.validate_python({"kind": "webhook", "id": "ops", "url": URL, **more})


def test_a_webhook_is_given_a_secret_that_is_shown_once(database: Database) -> None:
    with database.begin() as session:
        made, secret = channels.make(session, hook(), by=BY, now=HAPPENED)
    with database.read() as session:
        (found,) = channels.active(session)
        signed_with = channels.signing_secret(found, Vault.of(session))
        row = session.scalars(select(ChannelRow)).one()
    assert found == made
    assert secret is not None
    assert secret.startswith("whsec_")
    assert signed_with == secret
    assert (row.id, row.name, row.kind, row.origin) == ("ops", "ops", "webhook", Origin.API)
    assert "t0k3n" not in row.spec


def test_changing_it_keeps_its_secret_unless_another_is_given(database: Database) -> None:
    with database.begin() as session:
        before, _ = channels.make(session, hook(), by=BY, now=HAPPENED)
        after = channels.change(session, "ops", hook(name="Operations", id="night"), by=BY)
    assert isinstance(before.spec, WebhookChannel)
    assert isinstance(after.spec, WebhookChannel)
    assert (after.key, after.id, after.name) == (before.key, "night", "Operations")
    assert after.spec.secret == before.spec.secret


def test_who_did_what_is_written_down_without_secrets(database: Database) -> None:
    with database.begin() as session:
        _, secret = channels.make(session, hook(headers={"X-Key": "s3cret"}), by=BY, now=HAPPENED)
        channels.change(session, "ops", hook(name="Operations"), by=BY)
        channels.retire(session, "ops", by=BY, now=HAPPENED)
        session.flush()
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        assert channels.active(session) == []
    assert [(row.actor, row.action, row.subject) for row in rows] == [
        (BY, "create", "ops"), (BY, "change", "ops"), (BY, "archive", "ops"),
    ]  # fmt: skip
    log = json.dumps([[row.before, row.after] for row in rows])
    assert "hooks.example.com" in log
    assert not [one for one in ("t0k3n", "s3cret", secret or "whsec_") if one in log]


def test_a_file_of_this_machine_may_be_named_in_the_manifest_only(database: Database) -> None:
    spec = CHANNELS.validate_python({"kind": "webhook", "id": "ops", "url_file": "/etc/hostname"})
    with database.begin() as session, pytest.raises(Refused, match="only the manifest may"):
        channels.make(session, spec, by=BY, now=HAPPENED)


def test_what_the_manifest_wrote_is_changed_there(database: Database) -> None:
    with database.begin() as session:
        channels.make(session, hook(), by=BY, now=HAPPENED)
        session.scalars(select(ChannelRow)).one().origin = Origin.MANIFEST.value
        session.flush()
        with pytest.raises(Refused, match="change it there"):
            channels.change(session, "ops", hook(), by=BY)
        with pytest.raises(Refused, match="change it there"):
            channels.retire(session, "ops", by=BY, now=HAPPENED)


def test_an_unknown_channel_is_answered_with_those_there_are(database: Database) -> None:
    with database.begin() as session:
        channels.make(session, hook(), by=BY, now=HAPPENED)
        with pytest.raises(NotFound, match='no channel "opps"; there are: ops'):
            channels.find(session, "opps")
