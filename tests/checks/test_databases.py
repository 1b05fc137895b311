"""Databases: real ones that are well, real ones that refuse, and servers that hang or talk nonsense."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
import trustme
from pydantic import ValidationError

from signalbox.checks import from_url
from tests.checks.asking import SECRET, MakeProbe, asked, check_of, garbage, hanging, said
from tests.servers import mariadb
from tests.servers.mariadb import MariaDbServer
from tests.servers.postgres import PostgresServer
from tests.servers.process import Process, free_port, listens, program
from tests.servers.redis import RedisServer

KINDS = [
    {"kind": "postgres"}, {"kind": "postgres", "user": "u", "password": SECRET}, {"kind": "redis"},
    {"kind": "mysql"}, {"kind": "mysql", "user": "u", "password": SECRET},
]  # fmt: skip
IDS = ["postgres", "postgres login", "redis", "mysql", "mysql login"]


@pytest.fixture(scope="module")
def maria(tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA) -> Iterator[MariaDbServer]:
    """A MariaDB that speaks TLS as well."""
    folder = tmp_path_factory.mktemp("mariadb")
    certificate = folder / "server.pem"
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    with MariaDbServer(folder, certificate) as server:
        yield server.up()


@pytest.fixture(scope="module")
def secret_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Redis with a password."""
    folder, port = tmp_path_factory.mktemp("redis"), free_port()
    command = [
        program("redis-server"),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--requirepass",
        SECRET,
    ]
    with Process(command, folder, "redis") as server:
        server.start(lambda: listens(port))
        client = redis.Redis(port=port, password=SECRET)
        client.set("health", "green")
        client.rpush("jobs", *range(7))
        client.close()
        yield port


@pytest.mark.parametrize("options", KINDS, ids=IDS)
async def test_nobody_at_home_is_a_refused_connection(make_probe: MakeProbe, options: dict[str, Any]) -> None:
    outcome = await asked(make_probe(), host="127.0.0.1", port=1, **options)
    assert said(outcome) == ("down", "connect")
    assert outcome.message == "no connection: refused"


@pytest.mark.parametrize("options", KINDS, ids=IDS)
async def test_who_hangs_is_given_up_at_the_deadline(make_probe: MakeProbe, options: dict[str, Any]) -> None:
    with hanging() as server:
        start = time.monotonic()
        outcome = await asked(make_probe(), 0.5, host="127.0.0.1", port=server.port, **options)
    assert said(outcome) == ("down", "timeout")
    assert "within 0.5 s" in outcome.message
    assert time.monotonic() - start < 3.0


@pytest.mark.parametrize("options", KINDS, ids=IDS)
async def test_nonsense_is_no_answer(make_probe: MakeProbe, options: dict[str, Any]) -> None:
    with garbage() as server:
        outcome = await asked(make_probe(), 3.0, host="127.0.0.1", port=server.port, **options)
    assert outcome.verdict == "down"
    assert outcome.reason in ("protocol", "timeout", "assertion"), outcome


@pytest.mark.parametrize("options", KINDS, ids=IDS)
async def test_the_guard_holds(make_probe: MakeProbe, options: dict[str, Any]) -> None:
    with hanging() as server:
        outcome = await asked(make_probe("public-only"), host="127.0.0.1", port=server.port, **options)
        assert said(outcome) == ("unknown", "blocked")
        assert server.requests == []


async def test_a_postgres_that_is_well(make_probe: MakeProbe, postgres_server: PostgresServer) -> None:
    there: dict[str, Any] = {"kind": "postgres", "host": "127.0.0.1", "port": postgres_server.port}
    login: dict[str, Any] = {**there, "user": "signalbox", "password": postgres_server.password, "database": "postgres"}
    probe = make_probe()
    assert said(await asked(probe, **there)) == ("up", "ok")
    up = await asked(probe, **login)
    assert said(up) == ("up", "ok"), up
    assert up.connect is not None
    assert up.ttfb is not None
    counted = await asked(probe, **login, query="SELECT count(*) FROM generate_series(1, 7)", expect={"above": 6})
    assert said(counted) == ("up", "ok")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"password": "wrong"}, "the server refused the login"),
        ({"database": "nothing"}, "there is no such database"),
        ({"query": "SELECT 7", "expect": {"below": 7}}, "the answer to the query was expected to be below 7"),
        ({"query": "SELECT nothing FROM nowhere"}, "the server answered with error 42P01"),
        ({"query": "WITH a AS (DELETE FROM pg_class RETURNING 1) SELECT * FROM a"}, "would write"),
        ({"query": "SELECT 1 WHERE false", "expect": {"exists": True}}, "was expected to be there"),
    ],
)  # fmt: skip
async def test_a_postgres_that_is_not_as_expected(
    make_probe: MakeProbe, postgres_server: PostgresServer, options: dict[str, Any], words: str
) -> None:
    login: dict[str, Any] = {
        "user": "signalbox",
        "password": postgres_server.password,
        "database": "postgres",
        **options,
    }
    outcome = await asked(make_probe(), kind="postgres", host="127.0.0.1", port=postgres_server.port, **login)
    assert said(outcome) == ("down", "assertion"), outcome
    assert words in outcome.message


async def test_a_postgres_query_that_takes_too_long(make_probe: MakeProbe, postgres_server: PostgresServer) -> None:
    login: dict[str, Any] = {"user": "signalbox", "password": postgres_server.password, "database": "postgres"}
    there: dict[str, Any] = {"kind": "postgres", "host": "127.0.0.1", "port": postgres_server.port}
    outcome = await asked(make_probe(), 0.7, **there, **login, query="SELECT pg_sleep(30)")
    assert said(outcome) == ("down", "timeout")
    assert outcome.message == "no answer to the query within 0.7 s"


async def test_a_postgres_without_tls_is_told_so(make_probe: MakeProbe, postgres_server: PostgresServer) -> None:
    there: dict[str, Any] = {"kind": "postgres", "host": "127.0.0.1", "port": postgres_server.port, "tls": {}}
    assert said(await asked(make_probe(), **there)) == ("down", "tls")
    login = await asked(make_probe(), **there, user="signalbox", password=postgres_server.password)
    assert said(login) == ("down", "tls")


async def test_a_mariadb_that_is_well(make_probe: MakeProbe, maria: MariaDbServer) -> None:
    there: dict[str, Any] = {"kind": "mysql", "host": "127.0.0.1", "port": maria.port}
    login: dict[str, Any] = {**there, "user": mariadb.USER, "password": mariadb.PASSWORD, "database": "shop"}
    probe = make_probe()
    assert said(await asked(probe, **there)) == ("up", "ok")
    assert said(await asked(probe, **login)) == ("up", "ok")
    counted = await asked(probe, **login, query="SELECT count(*) FROM orders WHERE paid", expect=2)
    assert said(counted) == ("up", "ok"), counted
    secured = await asked(probe, **login, tls={})
    assert said(secured) == ("up", "ok"), secured


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"password": "wrong"}, "the server refused the login"),
        ({"database": "nothing"}, "the server forbids that database to this user"),
        ({"query": "SELECT 7", "expect": 8}, "was expected to be equal to 8"),
        ({"query": "SELECT nothing"}, "the server answered with error 1054"),
    ],
)  # fmt: skip
async def test_a_mariadb_that_is_not_as_expected(
    make_probe: MakeProbe, maria: MariaDbServer, options: dict[str, Any], words: str
) -> None:
    login: dict[str, Any] = {"user": mariadb.USER, "password": mariadb.PASSWORD, "database": "shop", **options}
    outcome = await asked(make_probe(), kind="mysql", host="127.0.0.1", port=maria.port, **login)
    assert said(outcome) == ("down", "assertion"), outcome
    assert words in outcome.message


async def test_a_mariadb_whose_certificate_is_not_trusted(make_probe: MakeProbe, maria: MariaDbServer) -> None:
    other = trustme.CA().cert_pem.bytes().decode()
    login: dict[str, Any] = {"user": mariadb.USER, "password": mariadb.PASSWORD, "tls": {"ca": other}}
    outcome = await asked(make_probe(), kind="mysql", host="127.0.0.1", port=maria.port, **login)
    assert said(outcome) == ("down", "certificate")


async def test_a_mariadb_query_that_takes_too_long_leaves_no_thread(
    make_probe: MakeProbe, maria: MariaDbServer
) -> None:
    login: dict[str, Any] = {
        "user": mariadb.USER,
        "password": mariadb.PASSWORD,
        "database": "shop",
        "query": "SELECT sleep(30)",
    }
    start = time.monotonic()
    outcome = await asked(make_probe(), 0.7, kind="mysql", host="127.0.0.1", port=maria.port, **login)
    assert said(outcome) == ("down", "timeout")
    assert time.monotonic() - start < 5.0


async def test_a_redis_that_is_well(make_probe: MakeProbe, redis_server: RedisServer, secret_redis: int) -> None:
    probe = make_probe()
    assert said(await asked(probe, kind="redis", host="127.0.0.1", port=redis_server.port)) == ("up", "ok")
    there: dict[str, Any] = {"kind": "redis", "host": "127.0.0.1", "port": secret_redis, "password": SECRET}
    assert said(await asked(probe, **there)) == ("up", "ok")
    assert said(await asked(probe, **there, query="GET health", expect="green")) == ("up", "ok")
    assert said(await asked(probe, **there, query="LLEN jobs", expect={"below": 8})) == ("up", "ok")
    assert said(await asked(probe, **there, query="GET nothing", expect={"exists": False})) == ("up", "ok")
    assert said(await asked(probe, **there, user="default", database=3)) == ("up", "ok")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "the server wants a password"),
        ({"password": "wrong"}, "the server refused the login"),
        ({"password": SECRET, "query": "LLEN jobs", "expect": {"below": 7}}, "expected to be below 7"),
        ({"password": SECRET, "query": "LLEN health", "expect": 1}, "of another type"),
        ({"password": SECRET, "database": 99}, "the server refused SELECT"),
    ],
)  # fmt: skip
async def test_a_redis_that_is_not_as_expected(
    make_probe: MakeProbe, secret_redis: int, options: dict[str, Any], words: str
) -> None:
    outcome = await asked(make_probe(), kind="redis", host="127.0.0.1", port=secret_redis, **options)
    assert said(outcome) == ("down", "assertion"), outcome
    assert words in outcome.message


async def test_what_a_database_said_is_evidence(make_probe: MakeProbe, secret_redis: int) -> None:
    outcome = await asked(
        make_probe(),
        kind="redis",
        host="127.0.0.1",
        port=secret_redis,
        password=SECRET,
        query="GET health",
        expect="red",
    )
    assert outcome.evidence is not None
    assert 'came "green"' in outcome.evidence[-1].text
    assert "green" not in outcome.message


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "postgres", "query": "DELETE FROM a", "user": "u"},
        {"kind": "postgres", "query": "SELECT 1; DROP TABLE a", "user": "u"},
        {"kind": "postgres", "query": "SELECT 1"}, {"kind": "mysql", "user": "u", "expect": 1},
        {"kind": "redis", "query": "SET a b"}, {"kind": "redis", "query": "FLUSHALL"}, 
        {"kind": "redis", "query": "GET 'a"},
        {"kind": "redis", "user": "u"}, {"kind": "redis", "expect": 1}, {"kind": "redis", "port": 0},
    ],
)  # fmt: skip
def test_what_would_write_or_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check_of(host="db.example.com", **options)


def test_a_url_has_user_and_password_percent_encoded() -> None:
    written = from_url("mysql://me%40shop:p%2Fq%3A@db.example.com:3307")
    assert written == {"kind": "mysql", "host": "db.example.com", "port": 3307, "user": "me@shop", "password": "p/q:"}
