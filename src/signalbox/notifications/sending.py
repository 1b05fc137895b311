"""How does a letter leave? Worded for its channel and handed to the kind's own module; the answer is a `Result`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from types import TracebackType
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

import structlog

from signalbox import clock
from signalbox.checks.probe import Probe
from signalbox.checks.urls import Place
from signalbox.db.vault import Vault
from signalbox.errors import ConfigurationError
from signalbox.guard import Guard
from signalbox.notifications import apprise, links, webhook
from signalbox.notifications.channels import Channel, signing_secret
from signalbox.notifications.email import Mail
from signalbox.notifications.letters import Letter, Result
from signalbox.notifications.mailserver import MailServer
from signalbox.notifications.messages import Wording, word
from signalbox.notifications.specs import AppriseChannel, EmailChannel, WebhookChannel, secret_of
from signalbox.resolver import Resolver
from signalbox.settings import Settings

log = structlog.get_logger(__name__)

_LONGEST = 30.0  # seconds for a lookup and a request, both of which end sooner by themselves
T = TypeVar("T")


class Sender:
    """What letters are sent with. Made once a process, opened after any fork, used from several threads at once."""

    def __init__(self, settings: Settings, resolver: Resolver | None = None) -> None:
        guard = Guard.from_setting(settings.guard)
        self._settings = settings
        self._probe = Probe(guard, settings.ca_file, resolver)
        self._vault = Vault.with_key(settings.secret_key, settings.data)
        self._mail = Mail(guard, self._probe.curl.ca_file)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Start its threads. A second call changes nothing."""
        if self._loop is not None:
            return
        self._probe.open()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="signalbox-sender", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Cancel what is under way and end the threads."""
        if self._loop is None or self._thread is None:
            return
        self._probe.close()
        asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).result(10)  # so that nobody waits for ever
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._loop = self._thread = None

    def send(self, channel: Channel, letter: Letter) -> Result:
        """Send it, within a minute. Whatever goes wrong is in the result; nothing is raised."""
        try:
            return self._sent(channel, letter)
        except ConfigurationError as error:
            return Result(False, str(error))
        except CancelledError:
            return Result(False, "not sent: this process was ending")
        except Exception as error:
            log.exception("sender.bug", channel=channel.id, letter=letter.id)
            return Result(False, f"our own fault: {type(error).__name__}")

    def _sent(self, channel: Channel, letter: Letter) -> Result:
        public = self._settings.public_url
        wording = word(letter, ZoneInfo(channel.spec.timezone), public, links.url_for(letter, self._vault, public))
        match channel.spec:
            case EmailChannel() as spec:
                return self._by_mail(spec, letter, wording)
            case WebhookChannel() as spec:
                return self._wait(self._by_webhook(channel, spec, letter, wording))
            case AppriseChannel() as spec:
                url = secret_of(spec.url, spec.url_file) or ""
                return apprise.send(letter, wording, url, self._probe.guard)

    def _by_mail(self, spec: EmailChannel, letter: Letter, wording: Wording) -> Result:
        server = self._mail_server(spec)
        addresses: tuple[str, ...] = (server.host,)
        if not server.literal:
            lookup = self._wait(self._probe.resolver.lookup(server.host))
            if not lookup.addresses:
                return Result(False, f"{server.shown}: {lookup.problem}")
            addresses = lookup.addresses
        return self._mail.send(letter, wording, spec, server, addresses)

    def _mail_server(self, spec: EmailChannel) -> MailServer:
        settings = self._settings
        url = secret_of(spec.smtp_url or (None if spec.smtp_url_file else settings.smtp_url), spec.smtp_url_file)
        if not url:
            raise ConfigurationError("there is no mail server: set SIGNALBOX_SMTP_URL, or the channel's smtp_url")
        try:
            return MailServer.of(url)
        except ValueError as error:
            raise ConfigurationError(f"the mail server's URL is wrong: {error}") from None

    async def _by_webhook(self, channel: Channel, spec: WebhookChannel, letter: Letter, wording: Wording) -> Result:
        try:
            place = Place.of(secret_of(spec.url, spec.url_file) or "")
        except ValueError as error:
            raise ConfigurationError(f"the webhook's URL is wrong: {error}") from None
        addresses: tuple[str, ...] = (place.host,)
        if not place.literal:
            lookup = await self._probe.resolver.lookup(place.host)
            if not lookup.addresses:
                return Result(False, lookup.problem)
            addresses = lookup.addresses
        body, now = webhook.payload(letter, wording), clock.now()
        headers = webhook.signed(letter, body, signing_secret(channel, self._vault) or "", now)
        answer = await self._probe.curl.fetch(webhook.request(place, addresses, spec, headers, body))
        return webhook.result(answer, now)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            work.close()
            raise RuntimeError("the sender is not open")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_LONGEST)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


async def _cancel_others() -> None:
    """End all tasks of this loop but this one."""
    others = asyncio.all_tasks() - {task for task in (asyncio.current_task(),) if task}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
