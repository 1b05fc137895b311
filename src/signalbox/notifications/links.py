"""Who may acknowledge without logging in? Whoever holds the link from a message, for a week.

A token is `PAYLOAD.SIGNATURE`, both Base64url: what is acknowledged (threads), the channel it was sent to, when it
ends. The signature is HMAC-SHA256 with a key of its own, derived from SECRET_KEY; nothing of it is kept.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass

from signalbox.clock import MICROS
from signalbox.db.vault import Vault
from signalbox.notifications.letters import Letter
from signalbox.notifications.notices import CLOSING, Kind

LASTS = 7 * 86_400  # seconds
MOST = 10  # threads that one link acknowledges: with more it would grow too long to be a link
_PURPOSE = "acknowledge link"
_LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class Claim:
    """What a valid link says."""

    threads: tuple[str, ...]
    channel: str  # its id
    until: int  # UTC microseconds


def token(vault: Vault, threads: Sequence[str], channel: str, now: int) -> str:
    """A token that acknowledges these threads, valid for a week."""
    until = now // MICROS + LASTS
    payload = _packed(json.dumps([list(threads), channel, until], separators=(",", ":")).encode())
    return f"{payload}.{_packed(bytes.fromhex(vault.signature(_PURPOSE, payload)))}"


def read(vault: Vault, text: str, now: int) -> Claim | None:
    """What the token says; None if it is not of our making, or its time is over."""
    payload, dot, signature = text.partition(".")
    if not dot or len(text) > _LONGEST:
        return None
    given = _unpacked(signature)
    wanted = [bytes.fromhex(one) for one in vault.signatures(_PURPOSE, payload)] if text.isascii() else []
    if given is None or not any(hmac.compare_digest(given, one) for one in wanted):
        return None
    document = _unpacked(payload)
    if document is None:
        return None
    threads, channel, until = json.loads(document)  # signed, so it is as we wrote it
    claim = Claim(tuple(threads), channel, until * MICROS)
    return claim if now <= claim.until else None


def url_for(letter: Letter, vault: Vault, public_url: str | None) -> str | None:
    """The link to put into a letter: for what lasts and can be acknowledged, where readers can reach us."""
    threads = list(dict.fromkeys(
        notice.thread for notice in letter.notices if notice.kind not in CLOSING and notice.kind is not Kind.TEST
    ))  # fmt: skip
    ended = {notice.thread for notice in letter.notices if notice.kind in CLOSING}
    open_ = [thread for thread in threads if thread not in ended]
    if public_url is None or not open_ or len(open_) > MOST:
        return None
    return f"{public_url.rstrip('/')}/ack/{token(vault, open_, letter.channel, letter.composed)}"


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _unpacked(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
