"""Does a webhook prove where it comes from, go only where it may, and read its answer right?"""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from signalbox.checks.curl import Answer
from signalbox.db.vault import Vault
from signalbox.notifications import channels, webhook
from signalbox.notifications.letters import Result
from signalbox.notifications.notices import Kind
from tests.notifications.equipment import HAPPENED, KEY, channel, letter, notice, sending
from tests.notifications.hostile import HOSTILE
from tests.servers.hooks import Hooks, Reply
from tests.servers.process import await_condition

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # 24 bytes


def test_a_receiver_can_verify_where_it_comes_from(tmp_path: Path) -> None:
    with Hooks() as hooks, sending(tmp_path) as sender:
        result = sender.send(channel("webhook", url=hooks.url(), secret=SECRET), letter())
    assert (result.ok, result.detail) == (True, "200 OK")
    (delivery,) = hooks.deliveries
    body = Webhook(SECRET).verify(delivery.body, delivery.headers)
    assert delivery.headers["webhook-id"] == "letter-1"
    assert delivery.headers["content-type"] == "application/json"
    assert body["type"] == "notice.down"
    assert body["timestamp"] == "2026-11-18T11:06:45.000000Z"
    assert body["data"]["summary"] == "Down: Api"
    (told,) = body["data"]["notices"]
    assert told["happened"] == "2026-11-18T11:06:40.000000Z"
    assert (told["monitor"], told["kind"], told["severity"], told["reminder"]) == ("api", "down", "down", False)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(delivery.body + b" ", delivery.headers)


def test_a_channel_without_a_secret_is_signed_with_one_of_our_making(tmp_path: Path) -> None:
    with Hooks() as hooks, sending(tmp_path) as sender:
        plain = channel("webhook", url=hooks.url())
        assert sender.send(plain, letter()).ok
    secret = channels.signing_secret(plain, Vault.with_key(SecretStr(KEY), tmp_path))
    assert secret is not None
    Webhook(secret).verify(hooks.deliveries[0].body, hooks.deliveries[0].headers)


def test_every_try_has_the_same_id_and_the_same_body(tmp_path: Path) -> None:
    with Hooks() as hooks, sending(tmp_path) as sender:
        hooks.replies = [Reply(500)]
        there = channel("webhook", url=hooks.url(), secret=SECRET)
        first, second = sender.send(there, letter()), sender.send(there, letter())
    assert (first.ok, first.permanent, second.ok) == (False, False, True)
    assert len({delivery.headers["webhook-id"] for delivery in hooks.deliveries}) == 1
    assert len({delivery.body for delivery in hooks.deliveries}) == 1


@pytest.mark.parametrize(
    ("status", "ok", "permanent"),
    [(200, True, False), (204, True, False), (400, False, True), (401, False, True), (404, False, True),
     (408, False, False), (410, False, True), (425, False, False), (429, False, False), (500, False, False),
     (503, False, False)],
)  # fmt: skip
def test_the_answer_says_whether_to_try_again(tmp_path: Path, status: int, ok: bool, permanent: bool) -> None:
    with Hooks() as hooks, sending(tmp_path) as sender:
        hooks.reply = Reply(status, body=b"" if status == 204 else b"because of <b>\x00that</b>")
        result = sender.send(channel("webhook", url=hooks.url()), letter())
    assert (result.ok, result.permanent) == (ok, permanent)
    assert result.detail.startswith(str(status))
    assert "\x00" not in result.detail
    assert status == 204 or "because of" in result.detail


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("Wed, 18 Nov 2026 11:07:40 GMT", 60.0), ("Wed, 18 Nov 2020 11:07:40 GMT", 0.0),
     ("99999999999999999999", 86_400.0), ("soon", None), ("-5", None), ("", None)],
)  # fmt: skip
def test_a_retry_after_is_honoured_whichever_way_it_is_written(header: str, seconds: float | None) -> None:
    answer = Answer(status=429, head=f"HTTP/1.1 429 Slow\r\nRetry-After: {header}\r\n\r\n".encode())
    assert webhook.result(answer, HAPPENED).retry_after == seconds


def test_nobody_there_is_worth_another_try(tmp_path: Path) -> None:
    with Hooks() as hooks:
        url = hooks.url()
    with sending(tmp_path) as sender:
        result = sender.send(channel("webhook", url=url), letter())
    assert (result.ok, result.permanent, result.detail) == (False, False, "no connection: refused")


def test_who_hangs_up_or_hangs_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "PATIENCE", 0.5)
    with Hooks() as hooks, sending(tmp_path) as sender:
        there = channel("webhook", url=hooks.url())
        hooks.down = True
        hung_up = sender.send(there, letter())
        hooks.down, hooks.reply = False, Reply(hangs=True)
        hung = sender.send(there, letter())
    assert (hung_up.ok, hung_up.permanent) == (hung.ok, hung.permanent) == (False, False)
    assert hung.detail == "no answer within 0.5 s"


def test_an_endless_answer_is_read_to_its_limit_only(tmp_path: Path) -> None:
    with Hooks() as hooks, sending(tmp_path) as sender:
        hooks.reply = Reply(200, body=b"x" * 5_000_000)
        result = sender.send(channel("webhook", url=hooks.url()), letter())
    assert result.ok
    assert len(result.detail) < 400


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    with Hooks() as hooks, sending(tmp_path) as sender:
        hooks.reply = Reply(302, {"Location": hooks.url("/elsewhere")})
        result = sender.send(channel("webhook", url=hooks.url()), letter())
    assert (result.ok, result.permanent) == (False, True)
    assert [delivery.path for delivery in hooks.deliveries] == ["/hook"]


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "[::ffff:169.254.169.254]",
     "[64:ff9b::a9fe:a9fe]", "metadata.example", "100.100.100.200"],
)  # fmt: skip
def test_the_guard_refuses_however_the_address_is_spelt(tmp_path: Path, host: str) -> None:
    with sending(tmp_path, {"metadata.example": ["169.254.169.254"]}) as sender:
        result = sender.send(channel("webhook", url=f"http://{host}/latest/meta-data/"), letter())
    assert (result.ok, result.permanent) == (False, True)
    assert result.detail.startswith("not asked: ")


def test_a_public_only_guard_lets_no_webhook_reach_this_machine(tmp_path: Path) -> None:
    with Hooks() as hooks, sending(tmp_path, {"inside.example": ["127.0.0.1"]}, guard="public-only") as sender:
        result = sender.send(channel("webhook", url=hooks.url(host="inside.example")), letter())
    assert not result.ok
    assert hooks.deliveries == []


def test_own_headers_are_sent_and_never_shown(tmp_path: Path) -> None:
    with Hooks() as hooks, sending(tmp_path) as sender:
        there = channel("webhook", url=hooks.url("/t0k3n"), headers={"Authorization": "Bearer s3cret"})
        assert sender.send(there, letter()).ok
    assert hooks.deliveries[0].headers["authorization"] == "Bearer s3cret"
    assert "s3cret" not in repr(there) + str(there.spec.masked())
    assert "t0k3n" not in repr(there) + str(there.spec.masked())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_people_wrote_is_inert_in_the_body(tmp_path: Path, text: str) -> None:
    told = notice(text, message=text, cause=text, dependents=[text])
    with Hooks() as hooks, sending(tmp_path) as sender:
        assert sender.send(channel("webhook", url=hooks.url(), secret=SECRET), letter(told)).ok
    (delivery,) = hooks.deliveries
    assert delivery.body.isascii()
    assert not set(delivery.body) & {*b"<>&", *range(0x20), 0x7F}
    assert json.loads(delivery.body)["data"]["notices"][0]["kind"] == "down"


def test_several_kinds_are_one_document(tmp_path: Path) -> None:
    with Hooks() as hooks, sending(tmp_path) as sender:
        mixed = letter(notice("Api"), notice("Web", Kind.UP, down_s=720))
        assert sender.send(channel("webhook", url=hooks.url()), mixed).ok
    body = json.loads(hooks.deliveries[0].body)
    assert body["type"] == "notice.several"
    assert [one["kind"] for one in body["data"]["notices"]] == ["down", "up"]


def test_closing_ends_what_is_under_way(tmp_path: Path) -> None:
    results: list[Result] = []
    with Hooks() as hooks:
        hooks.reply = Reply(hangs=True)
        there = channel("webhook", url=hooks.url())
        with sending(tmp_path) as sender:
            thread = threading.Thread(target=lambda: results.append(sender.send(there, letter())))
            thread.start()
            await_condition(lambda: hooks.deliveries, "the request")
        thread.join(10)
        assert not thread.is_alive()
    assert results == [Result(False, "not sent: this process was ending")]
