"""How does a test ask once, and what must no outcome tell?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter

from signalbox.checks import AnyCheck
from signalbox.checks.base import AskedCheck, BaseCheck, Outcome
from signalbox.checks.probe import Probe
from tests.servers.hostile import Server, Visit

ADAPTER: TypeAdapter[BaseCheck] = TypeAdapter(AnyCheck)
SECRET = "planted-password"
MakeProbe = Callable[..., Probe]


def check_of(**options: Any) -> AskedCheck:
    """A check of these options."""
    check = ADAPTER.validate_python(options)
    assert isinstance(check, AskedCheck)
    return check


async def asked(probe: Probe, timeout: float = 5.0, /, **options: Any) -> Outcome:
    """Ask once. What was planted as a secret must show nowhere."""
    check = check_of(**options)
    outcome = await check.ask(probe, timeout)
    assert SECRET not in f"{outcome} {check!r} {check.target}"
    assert outcome.total is not None
    assert outcome.available is (outcome.verdict in ("up", "degraded"))
    return outcome


def said(outcome: Outcome) -> tuple[str, str]:
    """Verdict and reason."""
    return outcome.verdict.value, outcome.reason.value


def hanging() -> Server:
    """Accepts and never says a word."""
    return Server(_hang)


def _hang(visit: Visit) -> None:
    visit.pause(60)


def garbage() -> Server:
    """Answers whatever it is asked with what is no protocol at all."""
    return Server(lambda visit: visit.send(b"\xff\x00\x13garbage\r\n" * 100))
