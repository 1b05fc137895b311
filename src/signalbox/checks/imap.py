"""Does a mail server let people read their mail? Greeting, TLS, a login and a goodbye (RFC 9051)."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

from pydantic import Field

from signalbox.checks.call import Call, Trouble
from signalbox.checks.hosts import Port
from signalbox.checks.mail import CLOSED, MailCheck
from signalbox.checks.starttls import imap_greeted, starttls
from signalbox.signals import Reason

_MOST_LINES = 100  # of one answer


class ImapCheck(MailCheck):
    """A mail server that people read their mail from. Up when it greets, and takes the login."""

    schemes = ("imap", "imaps")
    usual_port = 993
    examples = (
        {"kind": "imap", "host": "mail.example.com", "port": 993, "security": "tls"},
        {
            "kind": "imap", "host": "mail.example.com", "security": "starttls",
            "user": "watcher@example.com", "password": "${MAIL_PASSWORD}",
        },
    )  # fmt: skip

    kind: Literal["imap"] = "imap"
    port: Port = Field(143, description="Its port: 143, or 993 with tls.")

    async def talk(self, call: Call) -> None:
        """Hear the greeting, log in if there is a login, and leave."""
        await call.connect(self.host, self.port, self.family)
        if self.security == "starttls":
            await starttls(call, "imap")
        if self.security != "none":
            await call.start_tls(self.host, self.tls)
        if self.security != "starttls":  # there the greeting came before
            await imap_greeted(call)
        if self.user is not None and self.password is not None:
            done = await self._command(call, "b1", f"LOGIN {_quoted(self.user)} {_quoted(self.password)}")
            call.expect(done, "the server refused the login", Reason.ASSERTION)
        with suppress(*CLOSED):
            await self._command(call, "b2", "LOGOUT")

    async def _command(self, call: Call, tag: str, command: str) -> bool:
        """Say it; was the answer OK?"""
        await call.send(f"{tag} {command}\r\n".encode())
        for _ in range(_MOST_LINES):
            line = await call.line()
            if line.startswith(f"{tag} "):
                call.evidence.note("answer", self.masked(line))
                return line[len(tag) + 1 :].upper().startswith("OK")
        raise Trouble(Reason.PROTOCOL, "the server's answer does not end")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
