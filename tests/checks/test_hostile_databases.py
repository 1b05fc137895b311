"""Databases that take our login and then do everything wrong."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
import trustme

from tests.checks.asking import SECRET, MakeProbe, asked, said
from tests.checks.conftest import serving
from tests.servers import liars
from tests.servers.hostile import Behaviour, Server, Visit
from tests.servers.nameserver import NameServer
from tests.servers.process import await_condition

MYSQL: dict[str, Any] = {"kind": "mysql", "user": "u", "password": SECRET, "query": "SELECT 1"}
POSTGRES: dict[str, Any] = {"kind": "postgres", "user": "u", "password": SECRET, "query": "SELECT 1"}


def _hang(visit: Visit) -> None:
    visit.pause(60)


def _drip(visit: Visit) -> None:
    visit.send(b"\xff\xff\x00\x01")
    while visit.pause(0.05):
        visit.send(b"\x01")


def _asks_for_a_file(visit: Visit) -> None:
    visit.send(liars.packet(1, b"\xfb/etc/passwd"))
    visit.pause(60)


def _breaks_off_a_column(visit: Visit) -> None:
    visit.send(liars.packet(1, b"\x01") + liars.packet(2, b"\xfe\xff"))
    visit.pause(60)


def _sends_without_end(visit: Visit) -> None:
    while True:
        visit.send(b"\xff\xff\xff\x01" + bytes(0xFFFFFF))


@pytest.mark.parametrize(
    ("options", "server"), [(MYSQL, liars.mysql(_hang)), (MYSQL, liars.mysql(_drip)), (POSTGRES, liars.postgres(_hang))]
)
async def test_who_hangs_after_the_login_is_given_up_at_the_deadline(
    make_probe: MakeProbe, options: dict[str, Any], server: Behaviour
) -> None:
    start = time.monotonic()
    with Server(server) as there:
        outcome = await asked(make_probe(), 0.7, **options, host="127.0.0.1", port=there.port)
        took = time.monotonic() - start
        assert said(outcome) == ("down", "timeout")
        assert took < 2.0
        assert there.visits == 1  # nobody is asked on another connection to stop


async def test_a_thread_ends_with_its_check_over_tls_too(make_probe: MakeProbe, authority: trustme.CA) -> None:
    ended = threading.Event()

    def drip(visit: Visit) -> None:
        try:
            _drip(visit)
        finally:
            ended.set()

    with Server(liars.mysql(drip, serving(authority, "127.0.0.1"))) as there:
        outcome = await asked(make_probe(), 0.7, **MYSQL, tls={}, host="127.0.0.1", port=there.port)
        assert said(outcome) == ("down", "timeout")
        assert await asyncio.to_thread(ended.wait, 5.0)


async def test_many_that_hang_keep_no_other_from_its_answer(make_probe: MakeProbe) -> None:
    probe = make_probe()
    with Server(liars.mysql(_hang)) as bad, Server(liars.mysql(lambda visit: visit.send(liars.ONE_ROW))) as good:
        hanging = [asyncio.create_task(asked(probe, 3.0, **MYSQL, host="127.0.0.1", port=bad.port)) for _ in range(40)]
        await asyncio.to_thread(await_condition, lambda: bad.visits == len(hanging), "all of them ask")
        outcome = await asked(probe, 2.0, **MYSQL, expect=1, host="127.0.0.1", port=good.port)
        for one in hanging:
            one.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
    assert said(outcome) == ("up", "ok"), outcome


@pytest.mark.parametrize("behaviour", [_asks_for_a_file, _breaks_off_a_column, _sends_without_end])
async def test_what_is_not_mysqls_says_so_of_the_server(make_probe: MakeProbe, behaviour: Behaviour) -> None:
    with Server(liars.mysql(behaviour)) as there:
        outcome = await asked(make_probe(), **MYSQL, host="127.0.0.1", port=there.port)
    assert said(outcome) == ("down", "protocol"), outcome


async def test_of_endless_rows_the_first_one_counts(make_probe: MakeProbe) -> None:
    with Server(liars.postgres(liars.endless_rows)) as there:
        outcome = await asked(make_probe(), **POSTGRES, host="127.0.0.1", port=there.port)
    assert said(outcome) == ("up", "ok"), outcome


@pytest.mark.parametrize("kind", ["mysql", "dialog", "postgres"])
async def test_a_password_does_not_go_in_the_clear(make_probe: MakeProbe, nameserver: NameServer, kind: str) -> None:
    nameserver.zone["db.test"] = ["127.0.0.1"]
    heard: list[bytes] = []
    plugin = b"dialog" if kind == "dialog" else b"mysql_clear_password"
    server = (
        liars.postgres(_hang, heard=heard) if kind == "postgres" else liars.mysql(_hang, plugin=plugin, heard=heard)
    )
    options = POSTGRES if kind == "postgres" else MYSQL
    with Server(server) as there:
        outcome = await asked(make_probe(), **options, host="db.test", port=there.port)
    assert said(outcome) == ("down", "protocol"), outcome
    assert outcome.message == "the server wants the password in the clear: write  tls: {}"
    assert not any(SECRET.encode() in one for one in heard)
