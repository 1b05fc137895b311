"""Does a PostgreSQL answer, and what does it say? Without a login by the first message of its protocol (53.2 of its
manual), with one by psycopg."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from signalbox.checks.call import Call
from signalbox.checks.failures import certificate_problem
from signalbox.checks.hosts import Port, known_host
from signalbox.checks.pem import files
from signalbox.checks.queries import SqlCheck, hold, missing
from signalbox.checks.trust import Trust
from signalbox.signals import Reason

if TYPE_CHECKING:
    import psycopg

_SSL_REQUEST = (8).to_bytes(4, "big") + (80_877_103).to_bytes(4, "big")
_REQUIRE_AUTH = 160_000  # the version of libpq that knows it
_TOLD = {  # SQLSTATE → words
    "28P01": "the server refused the login",
    "28000": "the server refused the login",
    "3D000": "there is no such database",
    "42501": "the server forbids that query to this user",
    "53300": "the server takes no more connections",
    "57P03": "the server is starting up or shutting down",
    "25006": "the query would write, and only reading is allowed",
    "57014": "the query took too long",
}


class PostgresCheck(SqlCheck):
    """A PostgreSQL. Up when it answers, takes the login and gives what is expected."""

    schemes = ("postgres", "postgresql")
    examples = (
        {"kind": "postgres", "host": "db.example.com"},
        {
            "kind": "postgres", "host": "db.example.com", "user": "watcher", "password": "${DB_PASSWORD}",
            "database": "shop", "tls": {}, "query": "SELECT count(*) FROM jobs WHERE failed", "expect": {"below": 10},
        },
    )  # fmt: skip

    kind: Literal["postgres"] = "postgres"
    port: Port = Field(5432, description="Its port.")

    async def talk(self, call: Call) -> None:
        """Ask whether it would speak TLS, which every PostgreSQL answers; or log in and query."""
        if self.user is not None:
            await self._log_in(call)
            return
        await call.connect(self.host, self.port, self.family)
        await call.send(_SSL_REQUEST)
        answer = await call.exactly(1)
        if self.tls is not None:
            call.expect(answer == b"S", "the server does not speak TLS", Reason.TLS)
            await call.start_tls(self.host, self.tls)
        call.expect(answer in (b"S", b"N"), "the answer is not PostgreSQL's")

    async def _log_in(self, call: Call) -> None:
        try:
            import psycopg
        except ImportError:
            missing(call, "postgres")
        addresses = await call.addresses(self.host, self.family)
        call.doing("no connection")
        name, start = known_host(self.host)[0], time.monotonic()
        with files(self.tls) as pem:
            try:
                connection = await _impatient().connect(
                    host=",".join([name] * len(addresses)), hostaddr=",".join(addresses), port=self.port,
                    user=self.user, password=self.password or "", dbname=self.database or self.user,
                    application_name="signalbox", options="-c default_transaction_read_only=on", autocommit=True,
                    connect_timeout=max(2, int(call.left)), gssencmode="disable", **self._hidden(),
                    **_trusting(self.tls, pem, call.probe.curl.ca_file),
                )  # fmt: skip
            except psycopg.OperationalError as error:
                _fail(call, error)
        try:
            call.outcome.connect = (time.monotonic() - start) * 1000
            await self._query(call, connection)
        except (psycopg.Error, ValueError) as error:
            _fail(call, error)
        finally:
            connection.pgconn.finish()  # at once: a server that hangs would hold up a polite end

    def _hidden(self) -> dict[str, Any]:
        """libpq's option that keeps a password from going in the clear, where anybody on the way could see it."""
        from psycopg import pq

        wanted = self.tls is None and not self.local and pq.version() >= _REQUIRE_AUTH
        return {"require_auth": "!password"} if wanted else {}

    async def _query(self, call: Call, connection: psycopg.AsyncConnection[Any]) -> None:
        call.doing("no answer to the query")
        start = time.monotonic()
        rows = connection.cursor().stream((self.query or "SELECT 1").encode())
        row = await anext(rows, None)  # of more rows than memory holds, the first one counts as well
        call.outcome.ttfb = (time.monotonic() - start) * 1000
        if self.query is not None:
            hold(call, "the answer to the query", self.expect, plain(row[0] if row else None))


@cache
def _impatient() -> type[psycopg.AsyncConnection[Any]]:
    """A connection that is dropped at once when its time is over. psycopg's own would ask the server to stop first, on
    another connection, and wait for ten seconds."""
    import psycopg
    from psycopg import waiting

    class Impatient(psycopg.AsyncConnection[Any]):
        async def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
            return await waiting.wait_async(gen, self.pgconn.socket, *args, **options)

        async def _try_cancel(self, *_args: Any, **_options: Any) -> None:
            self.pgconn.finish()

    return Impatient


def plain(value: object) -> str | int | float | bool | None:
    """A database's value as JSON would have it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    try:
        return float(value)  # type: ignore[arg-type] # Decimal, and what is like it
    except (TypeError, ValueError):
        return str(value)


def _trusting(trust: Trust | None, pem: dict[str, str], ca_file: str) -> dict[str, Any]:
    """libpq's options for that trust. Empty ones keep it from looking into somebody's home."""
    if trust is None:
        return {"sslmode": "prefer", "sslrootcert": "", "sslcert": "", "sslkey": "", "passfile": os.devnull}
    return {
        "passfile": os.devnull,
        "sslmode": "require" if trust.insecure else "verify-full",
        "sslrootcert": "" if trust.insecure else pem.get("ca", ca_file),
        "sslcert": pem.get("certificate", ""),
        "sslkey": pem.get("private_key", pem.get("certificate", "")),
        "ssl_min_protocol_version": f"TLSv{trust.minimum}",
    }


def _fail(call: Call, error: psycopg.Error | ValueError) -> None:
    said = str(error)
    call.evidence.note("answer", said)
    if 'requirement "!password" failed' in said:
        call.fail(Reason.PROTOCOL, "the server wants the password in the clear: write  tls: {}")
    state = getattr(error, "sqlstate", None) or next(
        (state for state, words in _IN_WORDS.items() if words in said), None
    )
    if state is not None:
        call.fail(Reason.ASSERTION, _TOLD.get(state, f"the server answered with error {state}"))
    lower = said.lower()
    if "refused" in lower:
        call.fail(Reason.CONNECT, "no connection: refused")
    if "does not match host name" in lower:
        call.fail(Reason.CERTIFICATE, certificate_problem(62))
    if "certificate" in lower:
        call.fail(Reason.CERTIFICATE, "the certificate is not trusted")
    if "invalid response to ssl negotiation" in lower:
        call.fail(Reason.PROTOCOL, "the answer is not PostgreSQL's")
    if "ssl" in lower or "tls" in lower:
        call.fail(Reason.TLS, "the TLS handshake failed")
    if "timeout" in lower:
        call.fail(Reason.TIMEOUT, f"no connection within {call.timeout:g} s")
    call.fail(Reason.PROTOCOL, "the connection ended before the server answered")


# libpq tells errors of the login in words only.
_IN_WORDS = {
    "28P01": "password authentication failed", "28000": "pg_hba.conf", "53300": "too many", "57P03": "starting up",
    "3D000": "does not exist",
}  # fmt: skip
