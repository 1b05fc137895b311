"""Does a mail server take mail? Greeting, EHLO, TLS and a login (RFC 5321, 3207, 4954); nothing is sent."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Literal

from pydantic import Field

from signalbox.checks.call import Call
from signalbox.checks.hosts import Port
from signalbox.checks.mail import CLOSED, MailCheck
from signalbox.checks.starttls import greeted, reply, starttls
from signalbox.signals import Reason

_HELLO = b"EHLO signalbox.invalid\r\n"


class SmtpCheck(MailCheck):
    """A mail server that takes mail. Up when it greets, answers EHLO, and takes the login."""

    schemes = ("smtp", "smtps")
    usual_port = 465
    examples = (
        {"kind": "smtp", "host": "mx.example.com"},
        {
            "kind": "smtp", "host": "mail.example.com", "port": 587, "security": "starttls",
            "user": "watcher@example.com", "password": "${MAIL_PASSWORD}",
        },
    )  # fmt: skip

    kind: Literal["smtp"] = "smtp"
    port: Port = Field(25, description="Its port: 25 between servers, 587 with starttls, 465 with tls.")

    async def talk(self, call: Call) -> None:
        """Say hello, log in if there is a login, and leave."""
        await call.connect(self.host, self.port, self.family)
        if self.security == "starttls":
            await starttls(call, "smtp")
        if self.security != "none":
            await call.start_tls(self.host, self.tls)
        if self.security != "starttls":  # there the greeting came before
            await greeted(call)
        await call.send(_HELLO)
        code, offers = await reply(call)
        call.expect(code == 250, f"the server answers EHLO with {code}", Reason.STATUS)
        if self.user is not None and self.password is not None:
            await self._log_in(call, offers, self.user, self.password)
        with suppress(*CLOSED):
            await call.send(b"QUIT\r\n")
            await reply(call)

    async def _log_in(self, call: Call, offers: list[str], user: str, password: str) -> None:
        ways = {word for offer in offers if offer.upper().startswith("AUTH") for word in offer.upper().split()[1:]}
        if "PLAIN" in ways:
            await call.send(b"AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()) + b"\r\n")
        elif "LOGIN" in ways:
            await call.send(b"AUTH LOGIN\r\n")
            for text in (user, password):
                code, _ = await reply(call)
                call.expect(code == 334, f"the server answers AUTH with {code}", Reason.STATUS)
                await call.send(base64.b64encode(text.encode()) + b"\r\n")
        else:
            call.fail(Reason.PROTOCOL, "the server offers no login by PLAIN or LOGIN")
        code, lines = await reply(call)
        call.evidence.note("answer", map(self.masked, lines))
        call.expect(code == 235, "the server refused the login", Reason.ASSERTION)
