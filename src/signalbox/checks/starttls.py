"""How does a connection that begins in the clear become ready for TLS? One dialogue a protocol.

SMTP: RFC 3207, IMAP: RFC 9051 section 6.2.1, POP3: RFC 2595, FTP: RFC 4217, PostgreSQL: its own SSLRequest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from signalbox.checks.call import Call
from signalbox.signals import Reason

StartTls = Literal["smtp", "imap", "pop3", "ftp", "postgres"]

_MOST_LINES = 100  # of one reply
_REFUSED = "the server does not offer TLS (STARTTLS)"


async def starttls(call: Call, protocol: StartTls) -> None:
    """Say what comes before the handshake; `call.start_tls` comes next."""
    call.doing("the server did not get ready for TLS")
    await _DIALOGUES[protocol](call)


async def reply(call: Call) -> tuple[int, list[str]]:
    """A reply of SMTP or FTP: its code, and the text of each of its lines."""
    lines: list[str] = []
    line = "-" * 4
    while line[3:4] == "-":
        line = await call.line()
        call.expect(line[:3].isdecimal() and line[:3].isascii(), "the server's reply has no code")
        lines.append(line[4:])
        call.expect(len(lines) <= _MOST_LINES, "the server's reply does not end")
    return int(line[:3]), lines


async def greeted(call: Call) -> None:
    """Hear the greeting of SMTP or FTP."""
    code, lines = await reply(call)
    call.evidence.note("greeting", lines)
    call.expect(code == 220, f"the server greets with {code}", Reason.STATUS)


async def _smtp(call: Call) -> None:
    await greeted(call)
    await call.send(b"EHLO signalbox.invalid\r\n")
    code, offers = await reply(call)
    call.expect(code == 250, f"the server answers EHLO with {code}", Reason.STATUS)
    call.expect(any(offer.strip().upper() == "STARTTLS" for offer in offers), _REFUSED)
    await call.send(b"STARTTLS\r\n")
    code, _ = await reply(call)
    call.expect(code == 220, _REFUSED)


async def imap_greeted(call: Call) -> None:
    """Hear the greeting of IMAP."""
    greeting = await call.line()
    call.evidence.note("greeting", greeting)
    call.expect(not greeting.upper().startswith("* BYE"), "the server greets with BYE", Reason.STATUS)
    call.expect(greeting.upper().startswith(("* OK", "* PREAUTH")), "the server's greeting is not IMAP's")


async def _imap(call: Call) -> None:
    await imap_greeted(call)
    await call.send(b"a1 STARTTLS\r\n")
    for _ in range(_MOST_LINES):
        line = await call.line()
        if line.startswith("a1 "):
            call.expect(line[3:].upper().startswith("OK"), _REFUSED)
            return
    call.fail(Reason.PROTOCOL, "the server's reply does not end")


async def _pop3(call: Call) -> None:
    call.expect((await call.line()).startswith("+OK"), "the server's greeting is not POP3's")
    await call.send(b"STLS\r\n")
    call.expect((await call.line()).startswith("+OK"), _REFUSED)


async def _ftp(call: Call) -> None:
    await greeted(call)
    await call.send(b"AUTH TLS\r\n")
    code, _ = await reply(call)
    call.expect(code == 234, _REFUSED)


async def _postgres(call: Call) -> None:
    await call.send(b"\0\0\0\x08\x04\xd2\x16\x2f")
    call.expect(await call.exactly(1) == b"S", "the server does not offer TLS")


_DIALOGUES: Mapping[StartTls, Callable[[Call], Awaitable[None]]] = {
    "smtp": _smtp, "imap": _imap, "pop3": _pop3, "ftp": _ftp, "postgres": _postgres,
}  # fmt: skip
