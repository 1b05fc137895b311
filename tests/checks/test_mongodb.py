"""MongoDB: well, not as expected, hanging; over TLS, and to the address that the guard let pass."""

from __future__ import annotations

import time
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from tests.checks.asking import SECRET, MakeProbe, asked, check_of, garbage, hanging, said
from tests.checks.conftest import serving
from tests.servers.mongo import PASSWORD, USER, Mongo
from tests.servers.nameserver import NameServer

LOGIN = {"user": USER, "password": PASSWORD}
JOBS = {"database": "shop", "collection": "jobs"}


async def test_one_that_is_well(make_probe: MakeProbe) -> None:
    probe = make_probe()
    with Mongo() as server:
        there: dict[str, Any] = {"kind": "mongodb", "host": "127.0.0.1", "port": server.port}
        assert said(await asked(probe, **there, primary=True)) == ("up", "ok")
        assert said(await asked(probe, **there, **LOGIN)) == ("up", "ok")
        counted = await asked(probe, **there, **LOGIN, **JOBS, filter={"state": "failed"}, expect={"below": 3})
        assert said(counted) == ("up", "ok"), counted
        assert counted.ttfb is not None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"user": USER, "password": "wrong"}, "the server refused the login"),
        ({**LOGIN, **JOBS, "expect": 4}, "was expected to be equal to 4"),
        ({**LOGIN, **JOBS, "filter": {"state": "new"}, "expect": {"above": 0}}, "was expected to be above 0"),
    ],
)  # fmt: skip
async def test_one_that_is_not_as_expected(make_probe: MakeProbe, options: dict[str, Any], words: str) -> None:
    with Mongo() as server:
        outcome = await asked(make_probe(), kind="mongodb", host="127.0.0.1", port=server.port, **options)
    assert said(outcome) == ("down", "assertion"), outcome
    assert words in outcome.message


async def test_a_secondary_is_no_primary(make_probe: MakeProbe) -> None:
    with Mongo() as server:
        server.step_down()
        there: dict[str, Any] = {"kind": "mongodb", "host": "127.0.0.1", "port": server.port}
        assert said(await asked(make_probe(), **there)) == ("up", "ok")
        assert (await asked(make_probe(), **there, primary=True)).message == "it is not the primary"


async def test_over_tls_the_name_and_the_authority_count(
    make_probe: MakeProbe, authority: trustme.CA, nameserver: NameServer
) -> None:
    nameserver.zone["db.example.com"] = ["127.0.0.1"]
    with Mongo(serving(authority, "db.example.com")) as server:
        there: dict[str, Any] = {"kind": "mongodb", "port": server.port, "tls": {}, **LOGIN}
        good = await asked(make_probe(), host="db.example.com", **there)
        assert said(good) == ("up", "ok"), good
        assert good.certificate_expires is not None
        assert said(await asked(make_probe(), host="127.0.0.1", **there)) == ("down", "certificate")


@pytest.mark.parametrize("options", [{}, {"user": "u", "password": SECRET}], ids=["hello", "login"])
async def test_others(make_probe: MakeProbe, options: dict[str, Any]) -> None:
    there: dict[str, Any] = {"kind": "mongodb", "host": "127.0.0.1", **options}
    assert said(await asked(make_probe(), **there, port=1)) == ("down", "connect")
    with hanging() as server:
        start = time.monotonic()
        assert said(await asked(make_probe(), 0.5, **there, port=server.port)) == ("down", "timeout")
        assert time.monotonic() - start < 4.0
        assert said(await asked(make_probe("public-only"), **there, port=server.port)) == ("unknown", "blocked")
    with garbage() as server:
        assert said(await asked(make_probe(), 3.0, **there, port=server.port)) == ("down", "protocol")


@pytest.mark.parametrize(
    "options",
    [
        {"password": "p"}, {"user": "u"}, {"collection": "jobs", **LOGIN}, {"expect": 1, **LOGIN},
        {"filter": {"a": 1}, **LOGIN}, {"database": "shop", "collection": "jobs"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check_of(kind="mongodb", host="db.example.com", **options)
