"""What did one check say, all of it? The document that the command line prints and the API answers."""

from __future__ import annotations

from pydantic import BaseModel, Field

from signalbox.checks.base import AskedCheck, BaseCheck, Outcome
from signalbox.checks.failures import internal
from signalbox.checks.probe import Probe
from signalbox.clock import iso
from signalbox.signals import Reason, Verdict

PHASES = ("dns", "connect", "tls", "ttfb", "total")


class EntryReport(BaseModel):
    """One thing that was seen."""

    name: str = Field(description="What it is: addresses, certificate, headers, body, …")
    text: str = Field(description="Bounded, and without our secrets; what a server said is in it as it came.")


class AssertionReport(BaseModel):
    """One expectation, and whether it held."""

    what: str = Field(description="What was looked at, such as status or $.queue.")
    expected: str
    seen: str
    passed: bool


class CheckReport(BaseModel):
    """What one check said."""

    kind: str
    target: str = Field(description="What was asked, without secrets.")
    verdict: Verdict
    reason: Reason
    message: str
    http_status: int = Field(description="-1 where no HTTP answer came.")
    available: bool
    phases_ms: dict[str, float | None] = Field(
        description="Milliseconds of dns, connect, tls, ttfb and total; null where it did not get that far."
    )
    certificate_expires: str | None = None
    assertions: list[AssertionReport] = Field([], description="Every expectation, in the order written.")
    evidence: list[EntryReport] = Field([], description="What shows why, where it is not up.")


def report(check: BaseCheck, outcome: Outcome) -> CheckReport:
    """The report of a check that was asked."""
    expires = outcome.certificate_expires
    return CheckReport(
        kind=check.kind,
        target=check.target,
        verdict=outcome.verdict,
        reason=outcome.reason,
        message=outcome.message,
        http_status=outcome.http_status,
        available=outcome.available,
        phases_ms={
            name: None if (value := getattr(outcome, name)) is None else round(value, 3) for name in PHASES
        },
        certificate_expires=None if expires is None else iso(expires),
        assertions=[AssertionReport(**_told(one)) for one in outcome.assertions],
        evidence=[EntryReport(name=name, text=text) for name, text in outcome.evidence or ()],
    )  # fmt: skip


def _told(assertion: object) -> dict[str, object]:
    return {name: getattr(assertion, name) for name in AssertionReport.model_fields}


async def tried(check: AskedCheck, probe: Probe, timeout: float) -> Outcome:  # noqa: ASYNC109
    """Ask once and afresh. A bug of ours is an outcome, too."""
    try:
        return await check.ask(probe, timeout, fresh=True)
    except Exception as error:
        return internal(error)
