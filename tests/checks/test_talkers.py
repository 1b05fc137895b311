"""Kinds that talk to one server: real ones that are well or refuse, and servers that hang or talk nonsense."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from signalbox.checks import from_url
from tests.checks.asking import SECRET, MakeProbe, asked, check_of, garbage, hanging, said
from tests.checks.conftest import serving
from tests.servers import daemons, smtp
from tests.servers.daemons import Daemon, Dovecot, Mosquitto, Sshd
from tests.servers.hostile import Behaviour, Server, Visit
from tests.servers.smtp import MailServer

HERE: dict[str, Any] = {"host": "127.0.0.1"}
KINDS = [
    {"kind": "smtp"}, {"kind": "smtp", "security": "starttls", "user": "u", "password": SECRET}, {"kind": "imap"},
    {"kind": "imap", "security": "starttls"}, {"kind": "ssh"}, {"kind": "mqtt"},
    {"kind": "mqtt", "version": "5", "user": "u", "password": SECRET, "topic": "a"}, {"kind": "grpc"},
]  # fmt: skip
IDS = ["smtp", "smtp starttls", "imap", "imap starttls", "ssh", "mqtt", "mqtt topic", "grpc"]
LOGIN = {"user": daemons.USER, "password": daemons.PASSWORD}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA) -> Path:
    """A certificate of the trusted authority for this machine, with its key."""
    path = tmp_path_factory.mktemp("certificate") / "server.pem"
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(path)
    return path


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Starts a daemon for the tests of this file."""
    running: list[Daemon] = []

    def start(kind: Callable[..., Daemon], *more: Path) -> Daemon:
        daemon = next((one for one in running if type(one) is kind), None)
        if daemon is None:
            daemon = kind(tmp_path_factory.mktemp("daemon"), *more).up()
            running.append(daemon)
        return daemon

    yield start
    for daemon in running:
        daemon.stop()


@pytest.mark.parametrize("options", KINDS, ids=IDS)
async def test_nobody_at_home_is_a_refused_connection(make_probe: MakeProbe, options: dict[str, Any]) -> None:
    outcome = await asked(make_probe(), port=1, **HERE, **options)
    assert said(outcome) == ("down", "connect")
    assert outcome.message == "no connection: refused"


@pytest.mark.parametrize("options", KINDS, ids=IDS)
async def test_who_hangs_is_given_up_at_the_deadline(make_probe: MakeProbe, options: dict[str, Any]) -> None:
    with hanging() as server:
        start = time.monotonic()
        outcome = await asked(make_probe(), 0.5, port=server.port, **HERE, **options)
    assert said(outcome) == ("down", "timeout"), outcome
    assert "within 0.5 s" in outcome.message
    assert time.monotonic() - start < 3.0


@pytest.mark.parametrize("options", KINDS, ids=IDS)
async def test_nonsense_is_no_answer(make_probe: MakeProbe, options: dict[str, Any]) -> None:
    with garbage() as server:
        outcome = await asked(make_probe(), 3.0, port=server.port, **HERE, **options)
    assert outcome.verdict == "down"
    assert outcome.reason in ("protocol", "connect"), outcome


@pytest.mark.parametrize("options", KINDS, ids=IDS)
async def test_who_closes_at_once_did_not_answer(make_probe: MakeProbe, options: dict[str, Any]) -> None:
    with Server(lambda visit: visit.reset()) as server:
        outcome = await asked(make_probe(), 3.0, port=server.port, **HERE, **options)
    assert outcome.verdict == "down"
    assert outcome.reason in ("connect", "protocol"), outcome


@pytest.mark.parametrize("options", KINDS, ids=IDS)
async def test_the_guard_holds(make_probe: MakeProbe, options: dict[str, Any]) -> None:
    with hanging() as server:
        assert said(await asked(make_probe("public-only"), port=server.port, **HERE, **options)) == (
            "unknown",
            "blocked",
        )


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
async def test_a_mail_server_that_is_well(make_probe: MakeProbe, authority: trustme.CA, security: str) -> None:
    tls = None if security == "none" else serving(authority, "127.0.0.1")
    login = {"user": smtp.USER, "password": smtp.PASSWORD}
    with MailServer(tls, implicit=security == "tls", login=True) as server:
        there = {"kind": "smtp", "port": server.port, "security": security, **HERE}
        assert said(await asked(make_probe(), **there, **login)) == ("up", "ok")
        refused = await asked(make_probe(), **there, user=smtp.USER, password="wrong")
    assert said(refused) == ("down", "assertion")
    assert refused.message == "the server refused the login"


async def test_a_mail_server_whose_certificate_is_not_trusted(make_probe: MakeProbe) -> None:
    with MailServer(serving(trustme.CA(), "127.0.0.1")) as server:
        outcome = await asked(make_probe(), kind="smtp", port=server.port, security="starttls", **HERE)
    assert said(outcome) == ("down", "certificate")


async def test_a_mail_server_without_tls(make_probe: MakeProbe) -> None:
    with MailServer() as server:
        outcome = await asked(make_probe(), kind="smtp", port=server.port, security="starttls", **HERE)
    assert said(outcome) == ("down", "protocol")
    assert "STARTTLS" in outcome.message


@pytest.mark.parametrize("security", ["none", "starttls"])
async def test_a_mail_server_that_takes_nothing_now(make_probe: MakeProbe, security: str) -> None:
    with Server(lambda visit: visit.send(b"554-busy\r\n554 no mail today\r\n")) as server:
        outcome = await asked(make_probe(), kind="smtp", port=server.port, security=security, **HERE)
    assert said(outcome) == ("down", "status")
    assert outcome.message == "the server greets with 554"
    assert outcome.evidence is not None
    assert "no mail today" in outcome.evidence[-1].text


async def test_an_imap_server(make_probe: MakeProbe, up: Callable[..., Dovecot], certificate: Path) -> None:
    server, probe = up(Dovecot, certificate), make_probe()
    clear: dict[str, Any] = {"kind": "imap", "port": server.port, **HERE}
    secure: dict[str, Any] = {"kind": "imap", "port": server.secure, "security": "tls", **HERE}
    assert said(await asked(probe, **clear)) == ("up", "ok")
    assert said(await asked(probe, **clear, security="starttls", **LOGIN)) == ("up", "ok")
    well = await asked(probe, **secure, **LOGIN)
    assert said(well) == ("up", "ok"), well
    assert well.certificate_expires is not None
    refused = await asked(probe, 15.0, **secure, user=daemons.USER, password="wrong")
    assert said(refused) == ("down", "assertion"), refused


def _leaves(*words: bytes) -> Behaviour:
    """Says these, waits before each but the first, and goes without a goodbye."""

    def behave(visit: Visit) -> None:
        visit.send(words[0])
        for word in words[1:]:
            visit.connection.recv(1_024)
            visit.send(word)
        visit.connection.recv(1_024)

    return behave


@pytest.mark.parametrize(
    ("kind", "behaviour"),
    [("smtp", _leaves(b"220 ready\r\n", b"250 here\r\n")), ("imap", _leaves(b"* OK ready\r\n"))],
)
async def test_a_mail_server_need_not_say_goodbye(make_probe: MakeProbe, kind: str, behaviour: Behaviour) -> None:
    with Server(behaviour) as server:
        outcome = await asked(make_probe(), kind=kind, port=server.port, **HERE)
    assert said(outcome) == ("up", "ok"), outcome


@pytest.mark.parametrize("scheme", ["smtps", "imaps", "mqtts"])
def test_a_login_in_a_url_is_taken_as_it_was_before_it_was_encoded(scheme: str) -> None:
    options = from_url(f"{scheme}://me%40a.example:p%2Fw%25@mail.example.com")
    assert (options["user"], options["password"]) == ("me@a.example", "p/w%")
    check_of(**options)


def _repeats(visit: Visit) -> None:
    """Refuses every command by its tag or with 535, and repeats it."""
    visit.send(b"* OK ready\r\n")
    heard = visit.connection.recv(1_024)
    visit.send(heard.split()[0] + b" BAD what is: " + heard)


def _repeats_mail(visit: Visit) -> None:
    visit.send(b"220 ready\r\n")
    visit.connection.recv(1_024)
    visit.send(b"250-here\r\n250 AUTH PLAIN\r\n")
    visit.send(b"535 what is: " + visit.connection.recv(1_024))


@pytest.mark.parametrize(("kind", "behaviour"), [("imap", _repeats), ("smtp", _repeats_mail)])
async def test_a_server_that_repeats_the_password_does_not_get_it_shown(
    make_probe: MakeProbe, kind: str, behaviour: Behaviour
) -> None:
    with Server(behaviour) as server:
        outcome = await asked(make_probe(), kind=kind, port=server.port, user="u", password=SECRET, **HERE)
    assert said(outcome) == ("down", "assertion")
    assert outcome.evidence is not None
    assert "what is" in outcome.evidence[-1].text
    assert "***" in outcome.evidence[-1].text


@pytest.mark.parametrize("security", ["none", "starttls"])
async def test_an_imap_server_that_says_goodbye(make_probe: MakeProbe, security: str) -> None:
    with Server(lambda visit: visit.send(b"* BYE too many connections\r\n")) as server:
        outcome = await asked(make_probe(), kind="imap", port=server.port, security=security, **HERE)
    assert said(outcome) == ("down", "status")


async def test_an_ssh_server(make_probe: MakeProbe, up: Callable[..., Sshd]) -> None:
    server, probe = up(Sshd), make_probe()
    there: dict[str, Any] = {"kind": "ssh", "port": server.port, **HERE}
    assert said(await asked(probe, **there)) == ("up", "ok")
    assert said(await asked(probe, **there, expect={"contains": "OpenSSH"})) == ("up", "ok")
    other = await asked(probe, **there, expect={"matches": "dropbear"})
    assert said(other) == ("down", "assertion")
    assert "the server's name was expected to be matching" in other.message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (b"Welcome\r\nSSH-1.5-old\r\n", "the server speaks SSH 1.5, not 2.0"),
        (b"220 ftp ready\r\n" * 60, "the server did not say that it speaks SSH"),
        (b"x" * 100_000, "the server sent a line"),
    ],
)
async def test_what_is_no_ssh_server(make_probe: MakeProbe, words: bytes, message: str) -> None:
    with Server(lambda visit: visit.send(words)) as server:
        outcome = await asked(make_probe(), kind="ssh", port=server.port, **HERE)
    assert said(outcome) == ("down", "protocol")
    assert message in outcome.message


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_a_broker(make_probe: MakeProbe, up: Callable[..., Mosquitto], certificate: Path, version: str) -> None:
    server, probe = up(Mosquitto, certificate), make_probe()
    clear: dict[str, Any] = {"kind": "mqtt", "port": server.port, "version": version, **HERE}
    assert said(await asked(probe, **clear, **LOGIN)) == ("up", "ok")
    assert said(await asked(probe, **{**clear, "port": server.secure}, tls={}, **LOGIN)) == ("up", "ok")
    server.publish("plant/one/state", "running")
    heard = await asked(probe, **clear, **LOGIN, topic="plant/+/state", expect="running")
    assert said(heard) == ("up", "ok"), heard
    wrong = await asked(probe, **clear, **LOGIN, topic="plant/one/state", expect={"lacks": "run"})
    assert said(wrong) == ("down", "assertion")
    silent = await asked(probe, 0.7, **clear, **LOGIN, topic="plant/two/state", expect="running")
    assert said(silent) == ("down", "timeout")
    assert silent.message == "no message came within 0.7 s"
    for login in ({}, {"user": daemons.USER, "password": "wrong"}):
        refused = await asked(probe, **clear, **login)
        assert said(refused) == ("down", "assertion")
        assert refused.message == "the broker refused the login"


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "smtp", "host": "mx.example.com", "user": "u", "password": "p"}, {"kind": "smtp", "user": "u", **HERE},
        {"kind": "imap", "host": "a.example", "security": "tls", "user": "u\r\nb1 X", "password": "p"},
        {"kind": "mqtt", "expect": 1, **HERE}, {"kind": "mqtt", "password": "p", **HERE},
        {"kind": "mqtt", "version": "4", **HERE},
        {"kind": "grpc", **HERE}, {"kind": "ssh", "port": 0, **HERE},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check_of(**options)
