"""Does a MySQL or MariaDB answer, and what does it say? Without a login by the greeting of its protocol
(https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html), with one by PyMySQL."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from pydantic import Field

from signalbox.checks.call import MOST, Call, Trouble
from signalbox.checks.hosts import Port, known_host
from signalbox.checks.postgres import plain
from signalbox.checks.queries import SqlCheck, hold, missing
from signalbox.checks.trust import certificate_words, handshake_words
from signalbox.signals import Reason

_ERROR = 0xFF
_IN_THE_CLEAR = ("mysql_clear_password", "dialog")  # ways to log in that show the server the password itself
# Threads of our own: servers that hang must not keep others, nor who else reads in threads, from theirs.
_THREADS = ThreadPoolExecutor(1_000, "mysql")
_TOLD = {  # MySQL's error number → words
    1040: "the server takes no more connections",
    1044: "the server forbids that database to this user",
    1045: "the server refused the login",
    1049: "there is no such database",
    1129: "the server has blocked this machine",
    1130: "the server does not let this machine in",
    1142: "the server forbids that query to this user",
    1698: "the server refused the login",
    1792: "the query would write, and only reading is allowed",
    3159: "the server wants TLS",
}


class MysqlCheck(SqlCheck):
    """A MySQL or MariaDB. Up when it greets, takes the login and gives what is expected."""

    schemes = ("mysql", "mariadb")
    examples = (
        {"kind": "mysql", "host": "db.example.com"},
        {
            "kind": "mysql", "host": "db.example.com", "user": "watcher", "password": "${DB_PASSWORD}",
            "database": "shop", "query": "SELECT count(*) FROM orders", "expect": {"above": 0},
        },
    )  # fmt: skip

    kind: Literal["mysql"] = "mysql"
    port: Port = Field(3306, description="Its port.")

    async def talk(self, call: Call) -> None:
        """Read the greeting; or log in and query."""
        if self.user is not None:
            await self._log_in(call)
            return
        await call.connect(self.host, self.port, self.family)
        head = await call.exactly(4)
        length = int.from_bytes(head[:3], "little")
        call.expect(0 < length <= 4_096, "the greeting is not MySQL's")
        body = await call.exactly(length)
        if body[0] == _ERROR:
            number = int.from_bytes(body[1:3], "little")
            call.fail(Reason.ASSERTION, _TOLD.get(number, f"the server answered with error {number}"))
        call.expect(body[0] in (9, 10) and b"\0" in body, "the greeting is not MySQL's")

    async def _log_in(self, call: Call) -> None:
        try:
            import pymysql
        except ImportError:
            missing(call, "mysql")
        connection = await call.reach(self.host, self.port, self.family)
        same = connection.dup()  # over TLS the first one is taken from us; this one still ends the connection
        try:
            value = await asyncio.get_running_loop().run_in_executor(_THREADS, self._ask, call, connection)
        except pymysql.Error as error:
            _fail(call, error)
        finally:
            _hang_up(same, connection)  # which ends the thread, too, where we were cancelled
        if self.query is not None:
            hold(call, "the answer to the query", self.expect, plain(value))

    def _ask(self, call: Call, connection: socket.socket) -> Any:
        """Log in and query, in a thread. The connection is ended from outside at the deadline."""
        import pymysql

        try:
            return self._answer(call, connection)
        except (pymysql.Error, Trouble):
            raise
        except Exception as error:  # the library stumbles over what is not MySQL's in many ways
            call.evidence.note("answer", f"{type(error).__name__}: {error}")
            raise Trouble(Reason.PROTOCOL, "the answer is not MySQL's") from None

    def _answer(self, call: Call, connection: socket.socket) -> Any:
        import pymysql

        start = time.monotonic()
        name = known_host(self.host)[0]
        plain_text = dict.fromkeys(_IN_THE_CLEAR, _Refusal) if self.tls is None and not self.local else {}
        database = pymysql.Connection(
            host=name, port=self.port, user=self.user, password=self.password or "", database=self.database,
            read_timeout=max(call.left, 0.1), write_timeout=max(call.left, 0.1), defer_connect=True, autocommit=True,
            ssl=self.tls.context(call.probe.curl.ca_file) if self.tls else None, ssl_disabled=self.tls is None,
            auth_plugin_map=plain_text,
        )  # fmt: skip
        database._read_bytes = _bounded(database._read_bytes)
        connection.settimeout(max(call.left, 0.1))  # blocking from here on
        try:
            database.connect(connection)
            call.outcome.ttfb = (time.monotonic() - start) * 1000
            with database.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
                cursor.execute(self.query or "SELECT 1")
                row = cursor.fetchone()
        finally:
            database._force_close()
            del database._read_bytes  # or it would hold itself
        return row[0] if row else None


class _Refusal:
    """What answers a server that wants to see the password itself, where anybody on the way could see it, too."""

    def __init__(self, _connection: object) -> None:
        """As the library makes it."""

    def authenticate(self, _packet: object) -> None:
        """Refuse."""
        raise Trouble(Reason.PROTOCOL, "the server wants the password in the clear: write  tls: {}")


def _bounded(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """The library's way to read, up to a bound: it keeps all that comes."""
    left = MOST

    def some(count: int) -> bytes:
        nonlocal left
        left -= count
        if left < 0:
            raise Trouble(Reason.PROTOCOL, f"the server sent more than {MOST // 1_000_000} MB")
        return read(count)

    return some


def _hang_up(*connections: socket.socket) -> None:
    for connection in connections:
        with contextlib.suppress(OSError):  # it is closed already
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def _fail(call: Call, error: Exception) -> None:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    said = str(error.args[1]) if len(error.args) > 1 else ""
    call.evidence.note("answer", said)
    cause = getattr(error, "original_exception", None) or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        call.fail(Reason.CERTIFICATE, certificate_words(cause))
    if isinstance(cause, ssl.SSLError):
        call.fail(Reason.TLS, handshake_words(cause))
    if number in (2003, 2006, 2013, 0):
        if "timed out" in said:
            raise TimeoutError
        call.fail(Reason.PROTOCOL, "the connection ended before the server answered")
    if number == 2026:
        call.fail(Reason.TLS, "the server does not speak TLS")
    call.fail(Reason.ASSERTION, _TOLD.get(number, f"the server answered with error {number}"))
