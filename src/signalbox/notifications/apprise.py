"""How does a letter go out through Apprise? In this thread, to one service of the list in `services.py`.

Apprise connects by itself, so the guard sits where Python tells of every connection before it is made: an audit hook
(PEP 578), which does nothing on threads that send no letter. So each address is judged, whatever a name resolved to.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from signalbox.errors import MissingExtra
from signalbox.guard import Guard
from signalbox.notifications import services
from signalbox.notifications.letters import Letter, Result
from signalbox.notifications.messages import Wording
from signalbox.notifications.notices import CLOSING, Kind, Severity
from signalbox.notifications.texts import chat, line

_sending = threading.local()
_hooking = threading.Lock()
_hooked = False
_SECRETIVE = re.compile(r"\S*://\S+|[\w+=.-]{20,}")  # what in a log line may be an address or a token


def send(letter: Letter, wording: Wording, url: str, guard: Guard) -> Result:
    """Send it to that service. Never raises for what the service does; MissingExtra without the library."""
    if why := services.refusal(url):
        return Result(False, why, permanent=True)
    library = _library()
    service = library.Apprise.instantiate(url, asset=_asset(library), suppress_exceptions=True)
    if service is None:
        return Result(False, f"Apprise cannot read the URL {services.shown(url)}", permanent=True)
    with _guarded(guard) as refusals, _overheard(library) as said:
        sent = service.notify(
            body=wording.chat, title=chat(wording.subject), notify_type=_type(library, letter),
            body_format=library.NotifyFormat.TEXT,
        )  # fmt: skip
    if sent:
        return Result(True, f"taken by {services.shown(url)}")
    if refusals:
        return Result(False, f"not sent: {refusals[0]}", permanent=True)
    return Result(False, f"{services.shown(url)} did not take it: {said[-1] if said else 'no reason given'}")


def _library() -> Any:
    try:
        import apprise
    except ModuleNotFoundError as error:
        if error.name != "apprise":
            raise
        raise MissingExtra("A channel of kind apprise", "apprise") from None
    return apprise


def _asset(library: Any) -> Any:
    """No files, no plugins of this machine, no redirects, no meaning in a message's text."""
    return library.AppriseAsset(
        app_id="Signalbox", app_desc="Signalbox", app_url="", image_url_mask="", image_url_logo="", plugin_paths=[],
        storage_mode=library.PersistentStoreMode.MEMORY, async_mode=False, http_redirects=False, secure_logging=True,
        interpret_escapes=False, interpret_emojis=False, pgp_autogen=False, pem_autogen=False,
    )  # fmt: skip


def _type(library: Any, letter: Letter) -> Any:
    types = library.NotifyType
    if all(notice.kind is Kind.TEST for notice in letter.notices):
        return types.INFO
    if all(notice.kind in CLOSING for notice in letter.notices):
        return types.SUCCESS
    worst = {notice.severity for notice in letter.notices if notice.kind not in CLOSING}
    return types.FAILURE if Severity.DOWN in worst else types.WARNING if Severity.DEGRADED in worst else types.INFO


@contextmanager
def _guarded(guard: Guard) -> Iterator[list[str]]:
    """Connections of this thread go only where the guard allows; those that it refused are listed."""
    _install()
    refusals: list[str] = []
    _sending.guard, _sending.refusals = guard, refusals
    try:
        yield refusals
    finally:
        del _sending.guard, _sending.refusals


def _install() -> None:
    global _hooked  # noqa: PLW0603 - a hook can be added once a process and never removed
    with _hooking:
        if not _hooked:
            sys.addaudithook(_audit)
            _hooked = True


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not hasattr(_sending, "guard"):
        return
    address = arguments[1]
    why = _sending.guard.refusal(address[0]) if isinstance(address, tuple) else "it is a socket of this machine"
    if why is not None:
        _sending.refusals.append(why)
        raise PermissionError(why)


class _Ear(logging.Handler):
    """Keeps what one thread logs, without what may be secret."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.said.append(line(_SECRETIVE.sub("***", record.getMessage()), 200))


@contextmanager
def _overheard(library: Any) -> Iterator[list[str]]:
    """What Apprise says of its failure: it only returns whether it worked."""
    ear, logger = _Ear(), logging.getLogger("apprise")
    logger.addHandler(ear)
    try:
        yield ear.said
    finally:
        logger.removeHandler(ear)
