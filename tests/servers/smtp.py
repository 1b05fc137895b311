"""A mail server for tests: aiosmtpd on loopback, with STARTTLS, logins, refusals and silence as a test says."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import warnings
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "signalbox@example.com", "correct horse/battery#staple"


@dataclass(frozen=True)
class Mailed:
    """One message as it came in."""

    sender: str
    to: tuple[str, ...]
    message: EmailMessage
    raw: bytes
    secure: bool
    user: str | None


class MailServer:
    """Keeps what it takes in `taken`. May be changed while it runs: `refusing` ({recipient: answer}), `answer` to the
    message itself, `greets` (else it is silent)."""

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        implicit: bool = False,
        login: bool = False,
        greets: bool = True,
        port: int = 0,
    ) -> None:
        self.taken: list[Mailed] = []
        self.refusing: dict[str, str] = {}
        self.answer = "250 taken"
        self.greets = greets
        self.visits = 0
        self._talks: list[SMTP] = []
        self.port = port  # 0: any that is free
        self._tls, self._implicit, self._login = tls, implicit, login
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)

    def url(self, host: str = "127.0.0.1", scheme: str = "", query: str = "") -> str:
        """The URL of this server, with its login if it has one."""
        login = "signalbox%40example.com:correct%20horse%2Fbattery%23staple@" if self._login else ""
        return f"{scheme or ('smtps' if self._implicit else 'smtp')}://{login}{host}:{self.port}{query}"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse one recipient."""
        if answer := self.refusing.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take or refuse the message."""
        raw = envelope.original_content or b""
        if self.answer.startswith("2"):
            parsed = message_from_bytes(raw, policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            secure, user = session.ssl is not None or self._implicit, session.auth_data
            self.taken.append(Mailed(envelope.mail_from or "", tuple(envelope.rcpt_tos), parsed, raw, secure, user))
        return self.answer

    def _protocol(self) -> Any:
        self.visits += 1
        if not self.greets:
            return asyncio.Protocol()

        def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            assert isinstance(data, LoginPassword)
            right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
            return AuthResult(success=right, handled=False, auth_data=USER)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a login without TLS is unwise, which is what a test is about
            talk = SMTP(
                self, loop=self._loop, hostname="mail.test", tls_context=None if self._implicit else self._tls,
                authenticator=authenticate if self._login else None, auth_required=self._login,
                auth_require_tls=self._tls is not None and not self._implicit,
            )  # fmt: skip
        self._talks.append(talk)
        return talk

    async def _listen(self) -> asyncio.Server:
        tls = self._tls if self._implicit else None
        return await self._loop.create_server(self._protocol, "127.0.0.1", self.port, ssl=tls, family=socket.AF_INET)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for talk in self._talks:
            if isinstance(talk.transport, asyncio.Transport):
                talk.transport.abort()
        await asyncio.sleep(0)  # the loop's next turn closes them
