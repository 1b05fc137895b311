"""How does a letter go out as a webhook? A POST of JSON, signed as Standard Webhooks says.

The signature is HMAC-SHA256 over `webhook-id.webhook-timestamp.body` (https://www.standardwebhooks.com). `webhook-id`
is the letter's: a receiver that has seen it has the letter already.
"""

from __future__ import annotations

import base64
import json
import math
import secrets
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from standardwebhooks import Webhook

from signalbox.checks.curl import Answer, Request
from signalbox.checks.failures import failure
from signalbox.checks.urls import Place
from signalbox.clock import iso, to_datetime
from signalbox.notifications.letters import Letter, Result
from signalbox.notifications.messages import Wording
from signalbox.notifications.specs import WebhookChannel
from signalbox.notifications.texts import line

PATIENCE = 10.0  # seconds from the first byte to the last
LARGEST_ANSWER = 65_536  # bytes that are read
KEPT = 2_048  # of them, for the delivery log
_LONGEST_WAIT = 86_400.0  # seconds of a Retry-After that are believed
_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_INERT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def new_secret() -> str:
    """A secret to sign with, in the form that the libraries for receivers take."""
    return secret_of_key(secrets.token_bytes(32))


def secret_of_key(key: bytes) -> str:
    """These bytes, in that form."""
    return f"whsec_{base64.b64encode(key).decode('ascii')}"


def payload(letter: Letter, wording: Wording) -> bytes:
    """The body: `{"type", "timestamp", "data": {"notices": […]}}`, in ASCII, the same at every try."""
    kinds = {notice.kind for notice in letter.notices}
    name = f"notice.{kinds.pop()}" if len(kinds) == 1 else "notice.several"
    document = {
        "type": name, "timestamp": iso(letter.composed), "data": {"summary": wording.subject, **wording.data},
    }  # fmt: skip
    return json.dumps(document, separators=(",", ":")).translate(_INERT).encode("ascii")


def signed(letter: Letter, body: bytes, secret: str, now: int) -> list[str]:
    """The headers that prove where the body comes from, and that it was sent now (UTC microseconds)."""
    moment = to_datetime(now)
    signature = Webhook(secret).sign(letter.id, moment, body.decode("ascii"))
    return [
        f"webhook-id: {letter.id}", f"webhook-timestamp: {math.floor(moment.timestamp())}",
        f"webhook-signature: {signature}",
    ]  # fmt: skip


def request(
    place: Place, addresses: tuple[str, ...], channel: WebhookChannel, headers: list[str], body: bytes
) -> Request:
    """The request. No redirect of its answer is followed."""
    own = [f"{name}: {value.get_secret_value()}" for name, value in channel.headers.items()]
    return Request(
        place.url, place.host, place.port, addresses, PATIENCE, "POST",
        ["Content-Type: application/json", "Accept: application/json", *own, *headers], place.literal,
        body=body, largest=LARGEST_ANSWER, keep=KEPT,
    )  # fmt: skip


def result(answer: Answer, now: int) -> Result:
    """What that answer means. `now` is UTC microseconds, for a Retry-After that is a date."""
    if answer.error:
        reason, words = failure(answer, PATIENCE)
        return Result(False, words, permanent=reason == "blocked")
    said = _said(answer)
    if 200 <= answer.status < 300:
        return Result(True, said)
    wait = _retry_after(answer.headers.get("retry-after"), now)
    if answer.status >= 500 or answer.status in _AGAIN:
        return Result(False, said, retry_after=wait)
    if 300 <= answer.status < 400:
        return Result(False, f"{said}; redirects are not followed: write the address it leads to", permanent=True)
    return Result(False, said, permanent=True)


def _said(answer: Answer) -> str:
    try:
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        status = str(answer.status)
    body = line(answer.body.decode("utf-8", "replace"), 300)
    return f"{status}: {body}" if body else status


def _retry_after(text: str | None, now: int) -> float | None:
    """Seconds, from seconds or from a date (RFC 9110, 10.2.3); None where it says neither."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(max((aware - datetime.fromtimestamp(now / 1e6, UTC)).total_seconds(), 0.0), _LONGEST_WAIT)
