"""`/api/v1/channels`, `/deliveries` and `/acks`: secrets go in and never come out, and trouble can be acknowledged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.monitors import standings
from signalbox.monitors.judge import Standing
from signalbox.notifications import outbox
from signalbox.notifications.notices import Kind, Notice, Severity
from signalbox.signals import Reason, Verdict
from tests.api.admin.conftest import Closed
from tests.servers.hooks import Hooks, Reply

SECRET = "whsec_cGxhbnRlZHBsYW50ZWRwbGFudGVkcGxhbnRlZA=="


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with Hooks() as made:
        yield made


@pytest.fixture
def token(closed: Closed) -> str:
    return closed.token("channels", "acks", "audit", "monitors")


def hook(hooks: Hooks, **given: object) -> dict[str, object]:
    headers = {"X-Key": "planted"}
    return {"kind": "webhook", "id": "ops", "url": hooks.url("/planted"), "headers": headers, **given}


def test_a_channel_s_life_without_a_word_of_its_secrets(closed: Closed, token: str, hooks: Hooks) -> None:
    made = closed.ask(token, "/channels", "POST", hook(hooks, secret=SECRET))
    assert made.status == 201, made.text
    assert made.json["secret"] is None
    changed = closed.ask(token, "/channels/ops", "PUT", hook(hooks, name="Operators"))
    assert changed.json["spec"]["secret"] == "***"
    texts = [made.text, changed.text]
    texts += [closed.ask(token, path).text for path in ("/channels", "/channels/ops", "/audit")]
    assert "planted" not in "".join(texts)
    assert SECRET not in "".join(texts)
    assert closed.ask(token, "/channels/ops", "DELETE").status == 204
    assert closed.ask(token, "/channels").json["items"] == []
    assert closed.ask(token, "/channels/ops").status == 404


def test_a_secret_made_here_is_shown_once(closed: Closed, token: str, hooks: Hooks) -> None:
    made = closed.ask(token, "/channels", "POST", hook(hooks)).json
    assert made["secret"].startswith("whsec_")
    assert made["secret"] not in closed.ask(token, "/channels/ops").text


def test_what_is_shown_of_a_secret_never_becomes_the_secret(closed: Closed, token: str, hooks: Hooks) -> None:
    spec = closed.ask(token, "/channels", "POST", hook(hooks, secret=SECRET)).json["spec"]
    assert closed.ask(token, "/channels/ops", "PUT", spec).status == 422
    back = {**hook(hooks), "headers": {"X-Key": "***"}}
    assert closed.ask(token, "/channels/ops", "PUT", back).status == 422


def test_a_file_of_this_machine_is_not_for_the_api(closed: Closed, token: str) -> None:
    spec = {"kind": "webhook", "id": "ops", "url_file": "/etc/hostname"}
    assert closed.ask(token, "/channels", "POST", spec).status == 422


def test_a_trial_is_sent_at_once_and_says_what_came_of_it(closed: Closed, token: str, hooks: Hooks) -> None:
    closed.ask(token, "/channels", "POST", hook(hooks))
    assert closed.ask(token, "/channels/ops/test", "POST").json["ok"]
    assert len(hooks.deliveries) == 1
    hooks.reply = Reply(410)
    gone = closed.ask(token, "/channels/ops/test", "POST").json
    assert not gone["ok"]
    assert "410" in gone["detail"]
    assert closed.ask(token, "/channels/nobody/test", "POST").status == 404


def trouble(closed: Closed, monitor: str) -> str:
    """A monitor that is down, and a notice of it."""
    now = clock.now()
    down = Standing(Verdict.DOWN, Verdict.DOWN, Reason.CONNECT, "", now - MICROS, now - MICROS)
    thread = f"{monitor}@{now - MICROS}"
    notice = Notice(f"{thread}:down", thread, Kind.DOWN, Severity.DOWN, now - MICROS, now, monitor)
    with closed.database.begin() as session:
        standings.save(session, {monitor: down})
        outbox.announce(session, [notice], now)
    return thread


def test_trouble_is_acknowledged_by_its_monitor_or_its_thread_once(closed: Closed, token: str) -> None:
    check = {"kind": "http", "url": "https://example.com"}
    closed.ask(token, "/monitors", "POST", {"id": "api", "name": "API", "check": check})
    assert closed.ask(token, "/acks", "POST", {"monitor": "api"}).status == 409
    thread = trouble(closed, "api")
    listed = closed.ask(token, "/acks").json["items"]
    assert [(one["thread"], one["acknowledged_by"]) for one in listed] == [(thread, None)]
    first = closed.ask(token, "/acks", "POST", {"monitor": "api"})
    assert first.json["acknowledged_by"].startswith("token:")
    assert closed.ask(token, "/acks", "POST", {"thread": thread}).json == first.json
    acknowledged = closed.ask(token, "/audit?action=acknowledge").json["items"]
    assert [one["subject"] for one in acknowledged] == [thread]


def test_what_is_in_no_trouble_cannot_be_acknowledged(closed: Closed, token: str) -> None:
    assert closed.ask(token, "/acks", "POST", {"thread": "nothing@1"}).status == 404
    assert closed.ask(token, "/acks", "POST", {"monitor": "nobody"}).status == 404
    assert closed.ask(token, "/acks", "POST", {}).status == 422
    assert closed.ask(token, "/acks", "POST", {"thread": "a", "monitor": "b"}).status == 422


def test_the_delivery_log_names_channel_and_state(closed: Closed, token: str, hooks: Hooks) -> None:
    assert closed.ask(token, "/deliveries").json == {"items": [], "next": None}
    assert closed.ask(token, "/deliveries?channel=ops&after=5&limit=3").status == 200
