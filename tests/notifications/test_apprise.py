"""Does Apprise send only where it may, only what was said, and say why it failed?"""

from __future__ import annotations

import builtins
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signalbox.notifications.letters import Result
from signalbox.notifications.sending import Sender
from tests.notifications.equipment import channel, letter, notice, sending
from tests.notifications.hostile import FORBIDDEN_CONTROLS, HOSTILE
from tests.servers.hooks import Hooks, Reply

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # imported by one of its services
TOKEN = "t0k3nT0k3nt0k3n"


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    """Plays a Gotify server."""
    with Hooks() as server:
        server.reply = Reply(200, {"Content-Type": "application/json"}, b"{}")
        yield server


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Sender]:
    """With the default guard."""
    with sending(tmp_path) as opened:
        yield opened


def gotify(hooks: Hooks, host: str = "127.0.0.1") -> Any:
    """A channel to that server."""
    return channel("apprise", url=f"gotify://{host}:{hooks.port}/{TOKEN}")


def test_a_service_of_ones_own_gets_the_message(hooks: Hooks, sender: Sender) -> None:
    result = sender.send(gotify(hooks), letter())
    assert result == Result(True, f"taken by gotify://127.0.0.1:{hooks.port}/***")
    (delivery,) = hooks.deliveries
    body = json.loads(delivery.body)
    assert body["title"] == "Down: Api"
    assert "Api has been down since 18 Nov 2026 11:06:40 (UTC)." in body["message"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1"])
def test_each_connection_is_judged_whatever_its_host_is_called(tmp_path: Path, hooks: Hooks, host: str) -> None:
    with sending(tmp_path, guard="public-only") as sender:
        result = sender.send(gotify(hooks, host), letter())
    assert not result.ok
    assert hooks.deliveries == []
    assert result.permanent
    said = ("not sent: 127.0.0.1 is not a public address", "Apprise cannot read")  # it takes some spellings for no host
    assert result.detail.startswith(said)


def test_the_metadata_address_is_refused_by_the_default_guard(sender: Sender) -> None:
    result = sender.send(channel("apprise", url=f"gotify://169.254.169.254/{TOKEN}"), letter())
    assert (result.ok, result.permanent) == (False, True)
    assert "metadata" in result.detail


def test_a_guard_on_one_thread_hinders_nobody_else(tmp_path: Path, hooks: Hooks) -> None:
    with sending(tmp_path, guard="public-only") as sender:
        sender.send(gotify(hooks), letter())
        with socket.create_connection(("127.0.0.1", hooks.port), 5):
            pass


def test_a_redirect_is_not_followed(hooks: Hooks, sender: Sender) -> None:
    hooks.reply = Reply(302, {"Location": hooks.url("/elsewhere")})
    assert not sender.send(gotify(hooks), letter()).ok
    assert len({delivery.path for delivery in hooks.deliveries}) == 1


def test_a_failure_says_why_and_shows_no_token(hooks: Hooks, sender: Sender) -> None:
    hooks.reply = Reply(500)
    result = sender.send(gotify(hooks), letter())
    assert (result.ok, result.permanent) == (False, False)
    assert "500" in result.detail or "error" in result.detail.lower()
    assert TOKEN not in result.detail


def test_without_the_library_it_says_what_to_install(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def lacking(name: str, *rest: Any, **more: Any) -> Any:
        if name == "apprise":
            raise ModuleNotFoundError("No module named 'apprise'", name="apprise")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", lacking)
    result = sender.send(channel("apprise", url=f"gotify://127.0.0.1/{TOKEN}"), letter())
    assert (result.ok, "signalbox-status[apprise]" in result.detail) == (False, True)


def test_a_url_from_a_file_is_held_to_the_list_too(sender: Sender, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("json://127.0.0.1/\n")
    result = sender.send(channel("apprise", url_file=str(tmp_path / "url")), letter())
    assert (result.ok, result.permanent) == (False, True)
    assert "kind: webhook" in result.detail


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_people_wrote_is_neither_markup_nor_mention(hooks: Hooks, sender: Sender, text: str) -> None:
    assert sender.send(gotify(hooks), letter(notice(text, message=text, cause=text, dependents=[text]))).ok
    body = json.loads(hooks.deliveries[0].body)
    for said in (body["title"], body["message"]):
        assert not FORBIDDEN_CONTROLS & set(said)
        for effect in ("@everyone", "@here", "<!", "<@", "<h", "<s", "](", "```", "||"):
            assert effect not in said
    assert len(body["message"]) < 2_000
