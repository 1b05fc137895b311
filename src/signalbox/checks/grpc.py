"""Is a gRPC service serving? Asked by its own health check (https://github.com/grpc/grpc/blob/master/doc/health-checking.md)
over HTTP/2 by libcurl: one message of five bytes and the service's name, and one enum back."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import SplitResult

from pydantic import Field

from signalbox.checks.base import Outcome
from signalbox.checks.call import Call, Family
from signalbox.checks.failures import status_words
from signalbox.checks.fetches import fetch
from signalbox.checks.hosts import HostCheck, known_host
from signalbox.checks.probe import Probe
from signalbox.checks.trust import Trust
from signalbox.checks.urls import Place
from signalbox.signals import Reason

_PATH = "/grpc.health.v1.Health/Check"
_HEADERS = ("Content-Type: application/grpc", "TE: trailers")
_LARGEST = 1_024  # bytes of an answer, which has two or so
_SERVING = 1
_STATES = {0: "its state is unknown", 2: "it is not serving", 3: "there is no such service"}
_CODES = {  # https://grpc.io/docs/guides/status-codes/
    4: (Reason.TIMEOUT, "the server's own deadline passed"),
    5: (Reason.ASSERTION, "there is no such service"),
    7: (Reason.ASSERTION, "the server forbids the health check"),
    12: (Reason.ASSERTION, "the server has no health check (grpc.health.v1)"),
    14: (Reason.STATUS, "the server says that it is unavailable"),
    16: (Reason.ASSERTION, "the server wants to know who we are"),
}


class GrpcCheck(HostCheck):
    """A gRPC service. Up when its health check says that it is serving."""

    schemes = ("grpc", "grpcs")
    examples = (
        {"kind": "grpc", "host": "api.example.com", "port": 50051},
        {"kind": "grpc", "host": "api.example.com", "port": 443, "tls": {}, "service": "shop.Orders"},
    )

    kind: Literal["grpc"] = "grpc"
    service: str = Field(
        "", max_length=127, pattern=r"^[!-~]*$", description="Name of the service; empty for the server as a whole."
    )
    tls: Trust | None = Field(None, description="Speak TLS; {} for the usual authorities.")
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    @classmethod
    def options_of(cls, url: str, parts: SplitResult) -> dict[str, Any]:
        """Host and port; grpcs:// is over TLS."""
        options = super().options_of(url, parts)
        return {**options, "tls": {}} if parts.scheme == "grpcs" else options

    async def ask(self, probe: Probe, timeout: float, *, fresh: bool = False) -> Outcome:  # noqa: ASYNC109
        """Ask once, in at most `timeout` seconds."""
        call = Call(probe, timeout, fresh=fresh)
        async with call.held_to_time():
            await self._talk(call)
        return call.outcome

    async def _talk(self, call: Call) -> None:
        host = known_host(self.host)[0]
        scheme = "http" if self.tls is None else "https"
        at = Place.of(f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}{_PATH}")
        name = self.service.encode()
        message = b"\x0a" + bytes((len(name),)) + name if name else b""
        body = b"\0" + len(message).to_bytes(4, "big") + message
        answer = await fetch(
            call, at, "POST", _HEADERS, body, largest=_LARGEST, trust=self.tls, family=self.family, http2=True
        )
        call.evidence.note("answer", answer.lines)
        call.expect(answer.status == 200, f"the server answered {status_words(answer.status)}", Reason.STATUS)
        headers = answer.headers
        call.expect(headers.get("content-type", "").startswith("application/grpc"), "the answer is not gRPC's")
        code = headers.get("grpc-status", "")
        call.expect(code.isascii() and code.isdecimal() and len(code) <= 3, "the answer has no grpc-status")
        if code != "0":
            call.fail(*_CODES.get(int(code), (Reason.STATUS, f"the server answered with gRPC's code {code}")))
        state = _state(answer.body)
        call.expect(state is not None, "the answer is not a health check's")
        if state != _SERVING:
            call.fail(Reason.ASSERTION, _STATES.get(state or 0, f"its state is {state}"))


def _state(body: bytes) -> int | None:
    """The enum of a HealthCheckResponse: field 1, a varint; absent where it is 0."""
    if len(body) < 5 or body[0] or len(body) != 5 + int.from_bytes(body[1:5], "big"):
        return None
    message = body[5:]
    if not message:
        return 0
    return message[1] if len(message) == 2 and message[0] == 0x08 else None
