"""Does mail arrive as it should, from whom it says, over a connection that can be trusted, and nowhere else?"""

from __future__ import annotations

import re
import threading
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from signalbox.notifications import email
from signalbox.notifications.letters import Letter, Result
from signalbox.notifications.notices import Kind
from tests.notifications.equipment import channel, letter, notice, sending, tls
from tests.notifications.hostile import FORBIDDEN_CONTROLS, HOSTILE
from tests.servers.hostile import Server, Visit
from tests.servers.smtp import Mailed, MailServer

ZONE = {"mail.example.com": ["127.0.0.1"]}
PUBLIC = "https://status.example.com/"


def mailed(folder: Path, *letters: Letter, **spec: object) -> list[Mailed]:
    """What a plain server took of these letters."""
    with MailServer() as server, sending(folder, public_url=PUBLIC) as sender:
        there = channel("email", **{"to": ["ops@example.com"], "smtp_url": server.url(), **spec})
        for one in letters:
            result = sender.send(there, one)
            assert result.ok, result
    return server.taken


def part(message: EmailMessage, kind: str) -> str:
    """The text of one alternative."""
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_a_letter_arrives_as_text_and_html(tmp_path: Path) -> None:
    (got,) = mailed(tmp_path, letter(), to=["ops@example.com", "boss@example.com"], **{"from": "Acme <s@example.com>"})
    message = got.message
    assert (got.sender, got.to) == ("s@example.com", ("ops@example.com", "boss@example.com"))
    assert message["From"] == "Acme <s@example.com>"
    assert message["To"] == "ops@example.com, boss@example.com"
    assert message["Subject"] == "Down: Api"
    assert message["Date"] == "Wed, 18 Nov 2026 11:06:45 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    text = part(message, "plain").replace("\r\n", "\n")
    assert "Api has been down since 18 Nov 2026 11:06:40 (UTC)." in text
    assert "It answers, but with an error (the server answered 503 Service Unavailable)" in text
    assert re.search(r"^Acknowledge: https://status\.example\.com/ack/\S+$", text, re.MULTILINE)
    assert "Api has been down since" in part(message, "html")
    assert all(len(line) <= 998 for line in got.raw.splitlines())
    assert got.raw.isascii()


def test_a_second_copy_is_seen_to_be_one_and_a_trouble_is_one_thread(tmp_path: Path) -> None:
    first, up, other = mailed(
        tmp_path, letter(id_="a"), letter(notice(kind=Kind.UP, down_s=60), id_="b"), letter(notice("Other"), id_="c")
    )
    (again,) = mailed(tmp_path, letter(id_="a"))  # by a process that does not know of the first
    assert first.raw == again.raw
    assert len({one.message["Message-ID"] for one in (first, up, other)}) == 3
    assert first.message["References"] == up.message["References"] == up.message["In-Reply-To"]
    assert first.message["References"] != other.message["References"]


def test_what_was_taken_is_not_handed_over_again_by_the_same_process(tmp_path: Path) -> None:
    assert len(mailed(tmp_path, letter(), letter())) == 1


def test_a_group_refers_to_each_of_its_troubles(tmp_path: Path) -> None:
    one, group = mailed(tmp_path, letter(id_="a"), letter(notice(), notice("Web"), id_="b"))
    assert one.message["References"] in group.message["References"].split()
    assert "In-Reply-To" not in group.message
    assert group.message["Subject"] == "2 monitors down: Api and Web"


def test_starttls_is_used_where_offered_and_the_login_goes_through_it(tmp_path: Path) -> None:
    with MailServer(tls("mail.example.com"), login=True) as server, sending(tmp_path, ZONE) as sender:
        there = channel("email", to="ops@example.com", smtp_url=server.url("mail.example.com"))
        result = sender.send(there, letter())
    assert result == Result(True, "taken for 1 of 1")
    assert (server.taken[0].secure, server.taken[0].user) == (True, "signalbox@example.com")
    assert server.taken[0].message["From"] == "Signalbox <signalbox@example.com>"


def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    with MailServer(tls("mail.example.com"), implicit=True, login=True) as server, sending(tmp_path, ZONE) as sender:
        there = channel("email", to="ops@example.com", smtp_url=server.url("mail.example.com"))
        assert sender.send(there, letter()).ok
    assert server.taken[0].secure


@pytest.mark.parametrize("implicit", [False, True])
def test_a_certificate_for_another_name_gets_nothing(tmp_path: Path, implicit: bool) -> None:
    with MailServer(tls("other.example.com"), implicit=implicit) as server, sending(tmp_path, ZONE) as sender:
        there = channel("email", to="ops@example.com", smtp_url=server.url("mail.example.com"))
        result = sender.send(there, letter())
    assert (result.ok, result.permanent, server.taken) == (False, False, [])
    assert "certificate of" in result.detail
    assert "mail.example.com" in result.detail


def test_a_password_is_never_sent_in_the_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(addresses: object, port: int, patience: float) -> object:
        return connected(["127.0.0.1"], port, patience)

    connected = email._connected
    monkeypatch.setattr(email, "_connected", away)
    with MailServer(login=True) as server, sending(tmp_path, {"mail.example.com": ["192.0.2.9"]}) as sender:
        there = channel("email", to="ops@example.com", smtp_url=server.url("mail.example.com"))
        result = sender.send(there, letter())
    assert (result.ok, server.taken) == (False, [])
    assert "no password was sent" in result.detail


def test_starttls_may_be_required(tmp_path: Path) -> None:
    with MailServer() as server, sending(tmp_path) as sender:
        there = channel("email", to="ops@example.com", smtp_url=server.url(query="?starttls=required"))
        result = sender.send(there, letter())
    assert (result.ok, server.taken) == (False, [])
    assert "STARTTLS" in result.detail


def test_a_wrong_password_is_told_and_not_repeated(tmp_path: Path) -> None:
    with MailServer(tls("mail.example.com"), login=True) as server, sending(tmp_path, ZONE) as sender:
        url = server.url("mail.example.com").replace("battery", "wr0ng")
        result = sender.send(channel("email", to="ops@example.com", smtp_url=url), letter())
    assert (result.ok, result.permanent) == (False, False)
    assert "refused the login: 535" in result.detail
    assert "wr0ng" not in result.detail


@pytest.mark.parametrize(("answer", "permanent"), [("451 later", False), ("554 never", True)])
def test_what_the_server_says_of_the_message_decides(tmp_path: Path, answer: str, permanent: bool) -> None:
    with MailServer() as server, sending(tmp_path) as sender:
        server.answer = answer
        result = sender.send(channel("email", to="ops@example.com", smtp_url=server.url()), letter())
    assert (result.ok, result.permanent) == (False, permanent)
    assert answer in result.detail


@pytest.mark.parametrize(("answer", "permanent"), [("450 full", False), ("550 unknown", True)])
def test_a_refused_recipient_is_told(tmp_path: Path, answer: str, permanent: bool) -> None:
    with MailServer() as server, sending(tmp_path) as sender:
        server.refusing = {"ops@example.com": answer}
        result = sender.send(channel("email", to="ops@example.com", smtp_url=server.url()), letter())
    assert result == Result(False, f"ops@example.com: {answer}", permanent=permanent)


def test_who_was_refused_for_now_is_tried_again_alone(tmp_path: Path) -> None:
    with MailServer() as server, sending(tmp_path) as sender:
        there = channel("email", to=["a@example.com", "b@example.com"], smtp_url=server.url())
        server.refusing = {"b@example.com": "450 full"}
        assert not sender.send(there, letter()).ok
        server.refusing = {}
        assert sender.send(there, letter()).ok
    assert [one.to for one in server.taken] == [("a@example.com",), ("b@example.com",)]


def test_one_unknown_recipient_keeps_the_mail_from_nobody_else(tmp_path: Path) -> None:
    with MailServer() as server, sending(tmp_path) as sender:
        server.refusing = {"b@example.com": "550 unknown"}
        there = channel("email", to=["a@example.com", "b@example.com"], smtp_url=server.url())
        result = sender.send(there, letter())
    assert result == Result(True, "taken for 1 of 2; b@example.com: 550 unknown")


def test_a_silent_server_costs_its_patience_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "PATIENCE", 0.5)
    with MailServer(greets=False) as server, sending(tmp_path) as sender:
        result = sender.send(channel("email", to="ops@example.com", smtp_url=server.url()), letter())
    assert (result.ok, result.permanent) == (False, False)
    assert "did not answer" in result.detail


def test_a_dripping_server_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "LONGEST", 0.8)

    def drip(visit: Visit) -> None:
        while visit.pause(0.05):
            visit.send(b"220-wait\r\n")

    with Server(drip) as server, sending(tmp_path) as sender:
        url = f"smtp://127.0.0.1:{server.port}"
        result = sender.send(channel("email", to="ops@example.com", smtp_url=url), letter())
    assert (result.ok, result.permanent) == (False, False)


def test_nobody_there_is_worth_another_try(tmp_path: Path) -> None:
    with MailServer() as server:
        url = server.url()
    with sending(tmp_path) as sender:
        result = sender.send(channel("email", to="ops@example.com", smtp_url=url), letter())
    assert (result.ok, result.permanent) == (False, False)
    assert "no connection to smtp://127.0.0.1" in result.detail


@pytest.mark.parametrize("host", ["169.254.169.254", "2852039166", "metadata.example.com"])
def test_the_guard_stands_before_mail_servers_too(tmp_path: Path, host: str) -> None:
    with sending(tmp_path, {"metadata.example.com": ["169.254.169.254"]}) as sender:
        result = sender.send(channel("email", to="ops@example.com", smtp_url=f"smtp://{host}"), letter())
    assert (result.ok, result.permanent) == (False, True)
    assert "metadata" in result.detail


def test_the_installations_mail_server_is_the_default(tmp_path: Path) -> None:
    with MailServer() as server, sending(tmp_path, smtp_url=SecretStr(server.url())) as sender:
        assert sender.send(channel("email", to="ops@example.com"), letter()).ok
    with sending(tmp_path) as sender:
        result = sender.send(channel("email", to="ops@example.com"), letter())
    assert (result.ok, "SIGNALBOX_SMTP_URL" in result.detail) == (False, True)


def test_the_servers_url_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "smtp"
    with MailServer() as server, sending(tmp_path) as sender:
        there = channel("email", to="ops@example.com", smtp_url_file=str(file))
        assert "cannot be read" in sender.send(there, letter()).detail
        file.write_text(server.url() + "\n")
        assert sender.send(there, letter()).ok


def test_several_threads_send_at_once(tmp_path: Path) -> None:
    results: list[Result] = []
    with MailServer() as server, sending(tmp_path) as sender:
        there = channel("email", to="ops@example.com", smtp_url=server.url())
        threads = [
            threading.Thread(target=lambda n=number: results.append(sender.send(there, letter(id_=f"l{n}"))))
            for number in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [one.ok for one in results] == [True] * 12
    assert len({one.message["Message-ID"] for one in server.taken}) == 12


class _Tags(HTMLParser):
    """What a document is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("kind", [Kind.DOWN, Kind.INCIDENT])
def test_what_people_wrote_is_inert(tmp_path: Path, text: str, kind: Kind) -> None:
    facts: dict[str, Any] = {"message": text, "target": text, "cause": text, "dependents": [text]}
    if kind is Kind.INCIDENT:
        facts = {"title": text, "body": text, "monitors": [text], "status": text, "impact": text}
    harmless = mailed(tmp_path, letter(notice("Api", kind)))[0].message
    (got,) = mailed(tmp_path, letter(notice(text, kind, **facts)))
    message = got.message
    assert sorted(message.keys()) == sorted(harmless.keys())
    assert got.to == ("ops@example.com",)
    assert len(message["Subject"]) <= 180
    plain, html = part(message, "plain"), part(message, "html")
    for said in (message["Subject"], plain.replace("\r\n", "\n"), html.replace("\r\n", "\n")):
        assert not FORBIDDEN_CONTROLS & set(said)
    tags = _Tags()
    tags.feed(html)
    assert tags.tags <= {"html", "head", "meta", "title", "body", "div", "h1", "p", "span", "a", "br"}
    assert tags.attributes <= {"lang", "charset", "name", "content", "style", "href", "aria-hidden"}
    assert all(link.startswith(PUBLIC) for link in tags.links)
