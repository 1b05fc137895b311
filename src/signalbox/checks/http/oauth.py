"""Which token does the token server give us? OAuth 2 client credentials (RFC 6749 section 4.4).

What goes wrong here says nothing of the target, so it is `unknown`, and told as the token server's.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from signalbox.checks.call import Trouble
from signalbox.checks.curl import Answer, Extras
from signalbox.checks.failures import status_words
from signalbox.checks.http.options import ClientCredentials, client_header
from signalbox.checks.http.route import Question, Route
from signalbox.checks.tokens import UNTOLD, Token
from signalbox.checks.urls import place
from signalbox.signals import Reason, Verdict

if TYPE_CHECKING:
    from signalbox.checks.probe import Probe

_LARGEST = 64_000  # bytes of its answer
_LONGEST = 16_384  # characters of a token
# RFC 6749 section 5.2; other texts of a server are not repeated.
_ERRORS = frozenset({
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope",
})  # fmt: skip


async def access_token(
    auth: ClientCredentials, ca: str | None, probe: Probe, route: Route, *, refused: str | None
) -> tuple[str, bool]:
    """A token, and whether it came just now; `refused`: one that the target does not take any more.

    Trouble when there is none.
    """

    async def fetch() -> Token:
        return await _asked(auth, ca, route)

    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout_at(loop.time() + max(0.0, route.left)):
            return await probe.tokens.get((auth, ca, *route.key), fetch, refused)
    except TimeoutError:
        raise _trouble(Reason.TIMEOUT, f"no answer within {route.timeout:g} s") from None


def _trouble(reason: Reason, words: str) -> Trouble:
    return Trouble(reason, f"the token server: {words}", Verdict.UNKNOWN)


async def _asked(auth: ClientCredentials, ca: str | None, route: Route) -> Token:
    at = place(auth.url)
    form = {"grant_type": "client_credentials"}
    if auth.scopes:
        form["scope"] = " ".join(auth.scopes)
    if auth.audience is not None:
        form["audience"] = auth.audience
    headers = ["Accept: application/json", "Content-Type: application/x-www-form-urlencoded"]
    if auth.sent_in == "header":
        headers.append(f"Authorization: {client_header(auth)}")
    else:
        form |= {"client_id": auth.client_id, "client_secret": auth.client_secret}
    try:
        lookup = await route.lookup(at.host, literal=at.literal)
        if not lookup.addresses:
            raise _trouble(Reason.DNS, lookup.problem)
        extras = None if ca is None else Extras(ca=ca)
        question = Question(at, "POST", headers, urlencode(form).encode(), _LARGEST, _LARGEST, extras)
        answer = await route.fetch(question, lookup.addresses)
    except Trouble as trouble:
        raise trouble if trouble.message.startswith("the ") else _trouble(trouble.reason, trouble.message) from None
    return _read(answer, route)


def _read(answer: Answer, route: Route) -> Token:
    if answer.error:
        raise _trouble(*route.failure(answer)[:2])
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    said = told if isinstance(told, dict) else {}
    if answer.status != 200:
        error = f" ({said['error']})" if said.get("error") in _ERRORS else ""
        raise _trouble(Reason.STATUS, f"it answered {status_words(answer.status)}{error}")
    text, kind = said.get("access_token"), said.get("token_type")
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST or not all("!" <= sign <= "~" for sign in text):
        raise _trouble(Reason.PROTOCOL, "its answer holds no token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise _trouble(Reason.PROTOCOL, "its token is not one of type bearer")
    return Token(text, _life(said.get("expires_in")))


def _life(told: object) -> float:
    try:
        life = float(told) if isinstance(told, str | int | float) else UNTOLD
    except ValueError:
        return UNTOLD
    return min(life, 86_400.0) if life > 0 else UNTOLD
