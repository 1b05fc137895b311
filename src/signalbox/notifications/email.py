"""How does a letter go out by mail? Composed here, handed to one SMTP server, whose answer is the result.

The server's name is resolved by us, each address passes the guard, and the connection goes to that very address; the
certificate is still compared with the name.
"""

from __future__ import annotations

import hashlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from signalbox.clock import to_datetime
from signalbox.guard import Guard
from signalbox.notifications.letters import Letter, Result
from signalbox.notifications.mailserver import MailServer, Starttls
from signalbox.notifications.messages import Wording
from signalbox.notifications.specs import EmailChannel, named
from signalbox.notifications.texts import line

PATIENCE = 10.0  # seconds that the server has for each answer
LONGEST = 45.0  # seconds for all of it, so that a dripping server holds nobody up
_POLICY = SMTP.clone(max_line_length=76)
_ROOTS = 20  # threads that one message refers to


def compose(letter: Letter, wording: Wording, channel: EmailChannel, server: MailServer) -> EmailMessage:
    """The message. Made of the same letter it is the same, so that a second copy is seen to be one."""
    name, address = named(channel.sender) if channel.sender else ("Signalbox", _default_sender(server))
    domain = address.rpartition("@")[2]
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = [Address(addr_spec=one) for one in channel.to]
    message["Subject"] = line(wording.subject)
    message["Date"] = format_datetime(to_datetime(letter.composed).replace(microsecond=0))
    message["Message-ID"] = f"<{_digest(letter.id)}@{domain}>"
    roots = [f"<{_digest(channel.id, thread)}.thread@{domain}>" for thread in _threads(letter)]
    if len(roots) == 1:
        message["In-Reply-To"] = roots[0]
    message["References"] = " ".join(roots[:_ROOTS])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation answers
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(wording.text, cte="quoted-printable")
    message.add_alternative(wording.html, subtype="html", cte="quoted-printable")
    _bound(message, _digest("boundary", letter.id))
    return message


def _bound(message: EmailMessage, boundary: str) -> None:
    message.set_boundary(f"=_{boundary}")


def _threads(letter: Letter) -> list[str]:
    return list(dict.fromkeys(notice.thread for notice in letter.notices))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _default_sender(server: MailServer) -> str:
    """Who logs in, if that is an address; else ourselves at this machine."""
    with suppress(ValueError):
        return named(server.user)[1]
    host = socket.gethostname()
    return f"signalbox@{host if re.fullmatch(r'[a-zA-Z0-9.-]+', host) else 'localhost'}"


class Mail:
    """Hands messages to mail servers. Usable from several threads at once."""

    def __init__(self, guard: Guard, ca_file: str) -> None:
        self._guard, self._ca_file = guard, ca_file
        self._accepted: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def send(
        self, letter: Letter, wording: Wording, channel: EmailChannel, server: MailServer, addresses: Sequence[str]
    ) -> Result:
        """Send it by that server, at one of its addresses. Never raises for what the server does."""
        permitted = [address for address in addresses if self._guard.allows(address)]
        if not permitted:
            return Result(False, f"not sent: {self._guard.refusal(addresses[0])}", permanent=True)
        message = compose(letter, wording, channel, server)
        left = [one for one in channel.to if one not in self._accepted.get(letter.id, ())]
        try:
            with self._session(server, permitted) as session:
                return self._deliver(session, message, left, letter.id)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            return _failed(error, server)

    @contextmanager
    def _session(self, server: MailServer, addresses: Sequence[str]) -> Iterator[smtplib.SMTP]:
        """Connected, in TLS as far as asked for and offered, and logged in."""
        context = ssl.create_default_context(cafile=self._ca_file)
        session = _Tls(server, addresses, context) if server.tls else _Plain(server, addresses)
        clock = threading.Timer(LONGEST, _hang_up, [session])
        clock.daemon = True
        clock.start()
        try:
            code, said = session.connect(server.host, server.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            session.ehlo_or_helo_if_needed()
            secure = server.tls or self._secured(session, server, context)
            if server.user:
                _refuse_in_the_clear(server, addresses, secure=secure)
                session.login(server.user, server.password)
            yield session
            with suppress(OSError, smtplib.SMTPException):  # it has the message; how it parts does not matter
                session.quit()
        finally:
            clock.cancel()
            session.close()

    @staticmethod
    def _secured(session: smtplib.SMTP, server: MailServer, context: ssl.SSLContext) -> bool:
        if server.starttls is Starttls.NEVER:
            return False
        if session.has_extn("starttls"):
            session.starttls(context=context)
            session.ehlo()
            return True
        if server.starttls is Starttls.REQUIRED:
            raise smtplib.SMTPException("the server offers no STARTTLS, which its URL requires")
        return False

    def _deliver(self, session: smtplib.SMTP, message: EmailMessage, to: Sequence[str], letter: str) -> Result:
        """Hand it over for those who do not have it yet; when some were refused for now, they alone are tried again."""
        if not to:
            return Result(True, "taken before")
        try:
            refused: dict[str, tuple[int, bytes]] = session.send_message(
                message, from_addr=str(message["From"].addresses[0].addr_spec), to_addrs=list(to)
            )
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        later = {one: answer for one, answer in refused.items() if answer[0] < 500}
        said = "; ".join(f"{one}: {_words(*answer)}" for one, answer in refused.items())
        if len(refused) < len(to):
            self._remember(letter, [one for one in to if one not in refused])
        if later:
            return Result(False, said)
        if len(refused) == len(to) and not self._accepted.get(letter):
            return Result(False, said, permanent=True)
        return Result(True, f"taken for {len(to) - len(refused)} of {len(to)}" + (f"; {said}" if said else ""))

    def _remember(self, letter: str, recipients: Sequence[str]) -> None:
        with self._lock:
            if len(self._accepted) >= 1_000:
                del self._accepted[next(iter(self._accepted))]
            self._accepted.setdefault(letter, set()).update(recipients)


class _Plain(smtplib.SMTP):
    """smtplib's client, held to the addresses that passed the guard."""

    def __init__(self, server: MailServer, addresses: Sequence[str]) -> None:
        super().__init__(timeout=PATIENCE, local_hostname=_greeting())
        self._host = server.host  # what STARTTLS compares the certificate with
        self._addresses = addresses

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return _connected(self._addresses, port, timeout)


class _Tls(smtplib.SMTP_SSL):
    """The same, in TLS from the first byte."""

    def __init__(self, server: MailServer, addresses: Sequence[str], context: ssl.SSLContext) -> None:
        super().__init__(timeout=PATIENCE, context=context, local_hostname=_greeting())
        self._host = server.host
        self._addresses = addresses

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = _connected(self._addresses, port, timeout)
        try:
            return self.context.wrap_socket(connection, server_hostname=host)
        except BaseException:
            connection.close()
            raise


def _connected(addresses: Sequence[str], port: int, patience: float) -> socket.socket:
    failure: OSError | None = None
    for address in addresses[:4]:
        try:
            return socket.create_connection((address, port), patience)
        except OSError as error:
            failure = error
    raise failure or OSError("no address to connect to")


def _greeting() -> str:
    """How we call ourselves: our address, since a name of this machine may be long to find and is nobody's business."""
    return "[127.0.0.1]"


def _hang_up(session: smtplib.SMTP) -> None:
    with suppress(OSError, AttributeError):
        session.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr] # None before it is connected


def _refuse_in_the_clear(server: MailServer, addresses: Sequence[str], *, secure: bool) -> None:
    loopback = all(address == "::1" or address.startswith("127.") for address in addresses)
    if not secure and not loopback and server.starttls is not Starttls.NEVER:
        raise smtplib.SMTPException("the server offers no STARTTLS, so no password was sent to it")


def _failed(error: Exception, server: MailServer) -> Result:
    """What became of it, in words without secrets. Only a refusal of the message itself is for good."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return Result(False, f"{server.shown} refused the login: {_words(error.smtp_code, error.smtp_error)}")
        case smtplib.SMTPSenderRefused() | smtplib.SMTPDataError():
            said = _words(error.smtp_code, error.smtp_error)
            return Result(False, f"{server.shown} refused it: {said}", permanent=500 <= error.smtp_code < 600)
        case smtplib.SMTPResponseException():
            return Result(False, f"{server.shown} answered {_words(error.smtp_code, error.smtp_error)}")
        case ssl.SSLCertVerificationError():
            return Result(False, f"the certificate of {server.shown} is not trusted: {line(error.verify_message)}")
        case ssl.SSLError():
            return Result(False, f"no TLS with {server.shown}: {line(error.reason or 'the handshake failed')}")
        case TimeoutError():
            return Result(False, f"{server.shown} did not answer within {PATIENCE:g} s")
        case smtplib.SMTPServerDisconnected():
            return Result(False, f"{server.shown} hung up, or did not answer in time")
        case smtplib.SMTPException():
            return Result(False, f"{server.shown}: {line(error)}")
        case OSError():
            return Result(False, f"no connection to {server.shown}: {error.strerror or 'it failed'}")
        case _:
            return Result(False, f"{server.shown}: the message could not be written: {type(error).__name__}")


def _words(code: int, said: Any) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return line(f"{code} {text}", 200)
