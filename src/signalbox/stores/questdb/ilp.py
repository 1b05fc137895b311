"""How do signals get into QuestDB? By its line protocol over HTTP; this is the only user of its client library.

A request is kept whole or refused whole, and one bad row refuses all. So a refused batch is halved until the bad
rows stand alone; they go to the dead letters and the rest is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Final

from signalbox.errors import MissingExtra, Refused, Unavailable
from signalbox.signals import Signal
from signalbox.stores.deadletters import DeadLetters
from signalbox.stores.questdb.address import Address
from signalbox.stores.rows import cleaned

if TYPE_CHECKING:
    from questdb import Sender

_ROWS_A_REQUEST: Final = 10_000
_TIMEOUT_MS: Final = 10_000


class BadRows(Exception):
    """The server (or its client library) will never take this request: at least one row of it is wrong."""


class LineWriter:
    """Writes signals into a table. Safe from any thread; requests go one after the other over one connection."""

    def __init__(self, address: Address, dead_letters: DeadLetters, intact: Callable[[str], None]) -> None:
        """`intact` is asked about a table before rows are blamed; it raises when that is missing or not ours."""
        self._address = address
        self._dead_letters, self._intact = dead_letters, intact
        self._lock = Lock()
        self._sender: Sender | None = None

    def write(self, signals: Sequence[Signal], table: str) -> None:
        """Send them; on return the server has them all, except those now in the dead letters.

        Raises Unavailable when it is worth trying again (no answer, a 5xx), Refused when the server will not have us.
        """
        with self._lock:
            for first in range(0, len(signals), _ROWS_A_REQUEST):
                chunk = signals[first : first + _ROWS_A_REQUEST]
                try:
                    self._send(chunk, table)
                except BadRows as error:
                    self._intact(table)
                    self._part(chunk, table, error)

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._drop()

    def _part(self, signals: Sequence[Signal], table: str, error: BadRows) -> None:
        """Halve a refused request until the rows that are wrong stand alone."""
        if len(signals) == 1:
            self._mend(signals[0], table, error)
            return
        middle = len(signals) // 2
        for half in (signals[:middle], signals[middle:]):
            try:
                self._send(half, table)
            except BadRows as still:
                self._part(half, table, still)

    def _mend(self, signal: Signal, table: str, error: BadRows) -> None:
        """Try a row once more with only characters in it that QuestDB takes; else it is a dead letter."""
        whole = _without_nul(cleaned(signal))
        try:
            if whole != signal:
                self._send([whole], table)
                return
        except BadRows as still:
            error = still
        self._dead_letters.keep([signal], f"QuestDB refused it: {error}")

    def _send(self, signals: Sequence[Signal], table: str) -> None:
        from questdb import QuestDBError, TimestampMicros, TimestampNanos

        sender = self._connected()
        buffer = sender.new_buffer()
        try:
            for s in signals:
                buffer.row(
                    table,
                    symbols={
                        "monitor": s.monitor, "location": s.location, "url": s.url, "kind": s.kind,
                        "verdict": s.verdict._value_, "reason": s.reason._value_,
                    },
                    columns={
                        "observed": TimestampMicros(s.observed), "http_status": s.http_status,
                        "available": s.available, "dns": s.dns, "connect": s.connect, "tls": s.tls, "ttfb": s.ttfb,
                        "total": s.total, "message": s.message,
                        "certificate_expires":
                            None if s.certificate_expires is None else TimestampMicros(s.certificate_expires),
                    },
                    at=TimestampNanos(s.moment * 1_000),
                )  # fmt: skip
            sender.flush(buffer)
        except (ValueError, TypeError, OverflowError) as error:
            raise BadRows(str(error)) from error
        except QuestDBError as error:
            raise self._meaning(error) from error

    def _connected(self) -> Sender:
        if self._sender is None:
            self._sender = _sender(self._address)
        return self._sender

    def _drop(self) -> None:
        if self._sender is not None:
            self._sender.close(flush=False)
            self._sender = None

    def _meaning(self, error: Exception) -> Exception:
        """Is it the row's fault, ours for good, or only a matter of time?"""
        from questdb import QuestDBErrorCode

        code, said = getattr(error, "code", None), _harmless(str(error), self._address)
        if code in (QuestDBErrorCode.InvalidUtf8, QuestDBErrorCode.InvalidTimestamp, QuestDBErrorCode.InvalidName):
            return BadRows(said)
        if code == QuestDBErrorCode.ServerFlushError and '"code":"invalid"' in said:  # what it sends with a 400
            return BadRows(said)
        self._drop()
        if code in (QuestDBErrorCode.AuthError, QuestDBErrorCode.HttpNotSupported):
            return Refused(f"{self._address} does not let us write: {said}")
        return Unavailable(f"{self._address} does not take signals: {said}")


def _sender(address: Address) -> Sender:
    try:
        from questdb import Protocol, Sender
    except ImportError as error:
        raise MissingExtra("QuestDB", "questdb") from error
    sender = Sender(
        Protocol.Https if address.tls else Protocol.Http, address.host, address.http,
        username=address.user, password=address.password, auto_flush=False,
        protocol_version=2,  # asked for by number: finding out needs a server that is up
        retry_timeout=0, request_timeout=_TIMEOUT_MS,
    )  # fmt: skip
    sender.establish()  # type: ignore[no-untyped-call]
    return sender


def _without_nul(signal: Signal) -> Signal:
    """Question marks for NULs in what becomes a SYMBOL: the one character that those refuse."""
    return signal._replace(
        **{name: getattr(signal, name).replace("\0", "?") for name in ("monitor", "location", "url", "kind")}
    )


def _harmless(text: str, address: Address) -> str:
    """An error's text without the password, should a server or library ever put it there."""
    return text.replace(address.password, "***") if len(address.password) > 3 else text
