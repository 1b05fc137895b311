"""`signalbox notify`: does a channel work, what was sent, who looks after it?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from signalbox import clock
from signalbox.db import Database
from signalbox.notifications import channels, outbox
from signalbox.notifications.specs import CHANNELS
from tests.cli.test_up import run
from tests.notifications.equipment import notice
from tests.servers.hooks import Hooks, Reply


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    """A receiver."""
    with Hooks() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, hooks: Hooks) -> Path:
    """An installation with one webhook and one trouble."""
    data = tmp_path / "data"
    data.mkdir()
    database = Database(f"sqlite:///{data / 'state.db'}", data=data)
    database.migrate()
    spec = CHANNELS.validate_python({"kind": "webhook", "id": "ops", "url": hooks.url("/t0k3n")})
    with database.begin() as session:
        channels.make(session, spec, by="cli:test", now=clock.now())
    with database.begin() as session:
        outbox.announce(session, [notice("Api")], clock.now())
    database.close()
    return tmp_path


def test_a_test_message_is_sent_now_and_the_answer_printed(folder: Path, hooks: Hooks) -> None:
    hooks.reply = Reply(200, body=b"thanks")
    done = run(folder, "notify", "test", "ops")
    assert (done.returncode, done.stdout) == (0, "sent: 200 OK: thanks\n"), done.stderr
    secret = run(folder, "notify", "secret", "ops").stdout.strip()
    body = Webhook(secret).verify(hooks.deliveries[0].body, hooks.deliveries[0].headers)
    assert body["type"] == "notice.test"
    hooks.reply = Reply(404)
    done = run(folder, "notify", "test", "ops")
    assert (done.returncode, done.stdout) == (1, "not sent: 404 Not Found\n")


def test_a_channel_can_be_tried_before_anything_is_started(tmp_path: Path, hooks: Hooks) -> None:
    (tmp_path / "signalbox.yaml").write_text(
        f"monitors: []\nchannels:\n  - {{kind: webhook, id: night, url: '{hooks.url()}'}}\n"
    )
    done = run(tmp_path, "notify", "test", "night")
    assert (done.returncode, done.stdout) == (0, "sent: 200 OK\n"), done.stderr


def test_an_unknown_channel_is_said_in_one_line(folder: Path) -> None:
    done = run(folder, "notify", "test", "nobody")
    assert done.returncode == 1
    assert done.stderr == 'signalbox: there is no channel "nobody"; there are: ops\n'


def test_lists_show_no_secret(folder: Path, hooks: Hooks) -> None:
    (one,) = json.loads(run(folder, "notify", "channels", "--json").stdout)
    assert (one["id"], one["url"], one["origin"]) == ("ops", f"http://127.0.0.1:{hooks.port}/***", "api")
    printed = run(folder, "notify", "channels").stdout + json.dumps(one)
    assert "ops" in printed
    assert "t0k3n" not in printed
    assert "whsec_" not in printed


def test_the_log_says_what_waits(folder: Path) -> None:
    (one,) = json.loads(run(folder, "notify", "log", "--json", "--channel", "ops").stdout)
    assert (one["channel"], one["kind"], one["state"], one["sent_at"]) == ("ops", "down", "waiting", None)
    assert "waiting" in run(folder, "notify", "log").stdout


def test_a_trouble_is_acknowledged_once(folder: Path) -> None:
    thread = notice("Api").thread
    assert run(folder, "notify", "ack", "nobody").returncode == 1
    assert run(folder, "notify", "ack", thread).stdout == "acknowledged\n"
    assert run(folder, "notify", "ack", thread).stdout == "was acknowledged before\n"
