"""Where do jobs send their heartbeats? To addresses of our own, and to those that three other tools have, with their
answers: who comes from one of them changes a host name.

    /ping/{token}[/start|/fail|/log|/{exit status}]           ours, and Healthchecks'
    /{token}[/start|/fail|/log|/{exit status}]                 the same for tokens that are UUIDs, as its hosted one has
    /ping/{ping key}/{slug}[/start|/fail|/log|/{exit status}]  Healthchecks'; ?create=1 makes what is not there
    /api/push/{token}?status=&msg=&ping=                       Uptime Kuma's
    /api/v1/endpoints/{key}/external?success=&error=&duration= Gatus'

The token is the permission. A 200 says that the heartbeat is on disk.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections.abc import Mapping
from math import ceil, isfinite
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from signalbox import clock
from signalbox.api.clients import client
from signalbox.api.intake import Intake
from signalbox.api.paths import EXTERNAL
from signalbox.api.provision import provided
from signalbox.durations import parse
from signalbox.heartbeats.addresses import Addresses
from signalbox.heartbeats.pings import Ping, Sort
from signalbox.heartbeats.service import LONGEST_BODY
from signalbox.monitors.service import Monitor

router = APIRouter(include_in_schema=False)

SLOWEST_BODY = 20.0  # seconds
_PINGS = ["GET", "POST", "PUT"]  # HEAD, too: the envelope turns it into GET
_ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_WORDS = {"start": Sort.START, "fail": Sort.FAIL, "log": Sort.LOG}
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Access-Control-Allow-Origin": "*"}
_LIMIT = {"Ping-Body-Limit": str(LONGEST_BODY)}
_MOST_MS = 1e11
_LONGEST = 1_000  # characters of what a sender says in the address
_GO = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}
_GO_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")


class _Refusal(Exception):
    """What is answered instead."""

    def __init__(self, response: Response) -> None:
        self.response = response


@router.api_route("/ping/{rest:path}", methods=_PINGS)
async def ping(rest: str, request: Request) -> Response:
    """Healthchecks' addresses, and ours."""
    intake: Intake = request.app.state.intake
    first, *more = rest.split("/")
    try:
        monitor = await _by_token(request, intake, first)
        if monitor is not None and len(more) <= 1:
            sort, status = _action(more)
            await _take(request, intake, monitor, sort, status, **_asked(request))
            return _text("OK", more=_LIMIT)
        if monitor is None and len(more) in (1, 2):
            return await _by_name(request, intake, first, more)
    except _Refusal as refusal:
        return refusal.response
    return _stranger(request, intake, _text("not found", 404))


@router.api_route("/{code:uuid}", methods=_PINGS)
@router.api_route("/{code:uuid}/{action}", methods=_PINGS)
async def hosted_ping(code: UUID, request: Request, action: str = "") -> Response:
    """The addresses of Healthchecks' hosted service, which leave out the first word."""
    return await ping(f"{code}/{action}" if action else str(code), request)


async def _by_name(request: Request, intake: Intake, key: str, more: list[str]) -> Response:
    setting = request.app.state.site.settings.ping_key
    if setting is None or not hmac.compare_digest(setting.get_secret_value().encode(), key.encode()):
        return _stranger(request, intake, _text("not found", 404))
    slug, sort, status = more[0], *_action(more[1:])
    asked = _asked(request)
    found = intake.addresses.by_slug(slug) or (await _refreshed(request, intake)).by_slug(slug)
    if len(found) > 1:
        return _text("ambiguous slug", 409)
    made = None
    if not found:
        if request.query_params.get("create") != "1":
            return _text("not found", 404)
        made = await provided(request.app.state.site.database, slug)
        if made is None:
            return _text("invalid url format", 400)
        found = (await intake.refreshed()).by_slug(slug)
        if not found:  # a monitor of another kind has the id that it would get
            return _text("ambiguous slug", 409)
    await _take(request, intake, found[0], sort, status, **asked)
    return _text("OK", more=_LIMIT) if made is None else _text("Created", 201, _LIMIT)


@router.api_route("/api/push/{token}", methods=_ANY)
async def push(token: str, request: Request) -> Response:
    """Uptime Kuma's address."""
    intake: Intake = request.app.state.intake
    missing = _json({"ok": False, "msg": "Monitor not found or not active."}, 404)
    query = request.query_params
    try:
        monitor = await _by_token(request, intake, token)
        if monitor is None or monitor.paused:
            return _stranger(request, intake, missing)
        sort = Sort.SUCCESS if (query.get("status") or "up") == "up" else Sort.FAIL
        await _take(request, intake, monitor, sort, said=query.get("msg", ""), took=_milliseconds(query.get("ping")))
    except _Refusal as refusal:
        return refusal.response
    return _json({"ok": True})


@router.post(EXTERNAL)
async def external(key: str, request: Request) -> Response:
    """Gatus' address."""
    intake: Intake = request.app.state.intake
    query = request.query_params
    success = query.get("success")
    if success not in ("true", "false"):
        return _text("missing or invalid success query parameter", 400)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer":
        return _text("invalid Authorization header", 401)
    if not token.strip():
        return _text("bearer token must not be empty", 401)
    try:
        monitor = intake.addresses.by_endpoint(key) or (await _refreshed(request, intake)).by_endpoint(key)
        if monitor is None:
            return _stranger(request, intake, _text("not found", 404))
        if not intake.addresses.is_of(token.strip(), monitor):
            return _stranger(request, intake, _text("invalid token", 401))
        took = _go_duration(query.get("duration"))
        sort = Sort.SUCCESS if success == "true" else Sort.FAIL
        await _take(request, intake, monitor, sort, said=query.get("error", ""), took=took)
    except _Refusal as refusal:
        return refusal.response
    return _text("")


async def _by_token(request: Request, intake: Intake, token: str) -> Monitor | None:
    return intake.addresses.by_token(token) or (await _refreshed(request, intake)).by_token(token)


async def _refreshed(request: Request, intake: Intake) -> Addresses:
    """Addresses as of now, for what is not known yet; not for who has asked for too much that there is not."""
    return intake.addresses if _wait(request, intake) else await intake.refreshed()


async def _take(
    request: Request, intake: Intake, monitor: Monitor, sort: Sort, status: int | None = None, **told: Any
) -> None:
    """Put it on disk, or refuse it."""
    now = clock.now()
    wait = intake.rates.wait(monitor.key, now)
    if wait:
        raise _Refusal(_text("rate limit exceeded", 429, {"Retry-After": str(ceil(wait))}))
    intake.rates.use(monitor.key, now)
    body = await _body(request)
    said = told.pop("said", "")
    one = Ping(
        monitor.key, now, sort, status, method=_method(request), source=client(request.scope)[:100],
        agent=_clean(request.headers.get("user-agent", ""), 300), said=_clean(said, _LONGEST), body=body or None,
        **told,
    )  # fmt: skip
    await intake.take(one)


async def _body(request: Request) -> bytes:
    """The first 100 kB of the body; what comes behind is not read."""
    if _method(request) in ("GET", "HEAD"):
        return b""
    found = bytearray()
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            async for chunk in request.stream():
                found += chunk[: LONGEST_BODY - len(found)]
                if len(found) >= LONGEST_BODY:
                    break
    except TimeoutError:
        raise _Refusal(_text("the body took too long", 408, {"Connection": "close"})) from None
    return bytes(found)


def _method(request: Request) -> str:
    return "HEAD" if request.scope.get("signalbox.head") else request.method


def _action(more: list[str]) -> tuple[Sort, int | None]:
    """What the last part of an address says."""
    if not more or more == [""]:
        return Sort.SUCCESS, None
    word = more[0]
    if word in _WORDS:
        return _WORDS[word], None
    if re.fullmatch(r"[0-9]{1,9}", word) and int(word) <= 255:
        return (Sort.FAIL if int(word) else Sort.SUCCESS), int(word)
    raise _Refusal(_text("invalid url format", 400))


def _asked(request: Request) -> dict[str, Any]:
    """What the query of a ping says: its run, and how long that took."""
    query: Mapping[str, str] = request.query_params
    found: dict[str, Any] = {"said": query.get("msg", "")}
    if "rid" in query:
        try:
            found["run"] = str(UUID(query["rid"]))
        except ValueError:
            raise _Refusal(_text("invalid uuid format", 400)) from None
    if "duration" in query:
        try:
            text = query["duration"]
            found["took"] = parse(float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else text) * 1_000
        except ValueError as error:
            raise _Refusal(_text(f"invalid duration: {error}", 400)) from None
    return found


def _milliseconds(text: str | None) -> float | None:
    """Uptime Kuma's `ping`; what is no number of milliseconds is none."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) and 0 <= value <= _MOST_MS else None


def _go_duration(text: str | None) -> float | None:
    """`1m30s`, `10s` or `1.5h` in milliseconds, as Go writes durations."""
    if not text or text == "0":
        return None
    parts = _GO_PART.findall(text)
    if "".join(number + unit for number, unit in parts) != text:
        raise _Refusal(_text(f"invalid duration: time: invalid duration {json.dumps(text[:100])}", 400))
    return min(sum(float(number) * _GO[unit] for number, unit in parts), _MOST_MS)


def _clean(text: str, longest: int) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text[:longest])


def _wait(request: Request, intake: Intake) -> float:
    """Seconds until that address may ask again for what there is not."""
    return intake.strangers.wait(client(request.scope), clock.now())


def _stranger(request: Request, intake: Intake, answer: Response) -> Response:
    """The answer to a token or name that is none; who asks too often is told to wait."""
    wait = _wait(request, intake)
    if wait:
        return _text("rate limit exceeded", 429, {"Retry-After": str(ceil(wait))})
    intake.strangers.use(client(request.scope), clock.now())
    return answer


def _text(text: str, status: int = 200, more: Mapping[str, str] | None = None) -> Response:
    return PlainTextResponse(text, status, {**_HEADERS, **(more or {})})


def _json(document: Mapping[str, object], status: int = 200) -> Response:
    return JSONResponse(document, status, _HEADERS)
