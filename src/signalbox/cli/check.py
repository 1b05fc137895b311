"""`signalbox check URL…`: how is it right now? Asked once each, from here, nothing stored."""

from __future__ import annotations

import asyncio
import json as json_module
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signalbox.checks import HttpCheck
from signalbox.checks.base import Outcome
from signalbox.checks.failures import internal
from signalbox.checks.probe import Probe
from signalbox.clock import iso
from signalbox.durations import parse
from signalbox.errors import ConfigurationError, SignalboxError
from signalbox.guard import Guard
from signalbox.settings import load
from signalbox.signals import NO_ANSWER, Verdict

_PHASES = (("dns", "cyan"), ("connect", "blue"), ("tls", "magenta"), ("ttfb", "green"), ("rest", "bright_black"))
_LOOKS = {Verdict.UP: ("✔", "green"), Verdict.DEGRADED: ("▲", "yellow"), Verdict.DOWN: ("✘", "red")}
_UNKNOWN = ("?", "bright_black")
_BAR = 40  # characters for the slowest one's total


def check(
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="What to ask, http:// or https://.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")] = False,
    timeout: Annotated[str, typer.Option(help="Longest time for each, such as 10s.")] = "10s",
    method: Annotated[str, typer.Option(help="How to ask: HEAD, GET, POST, …")] = "HEAD",
) -> None:
    """Ask each URL once; print verdict, reason, status and where the time went. Exit 1 when any is not up."""
    try:
        checks, seconds = _read(urls, method, timeout)
        settings = load()
        probe = Probe(Guard.from_setting(settings.guard), settings.ca_file)
    except SignalboxError as error:
        typer.echo(f"signalbox check: {error}", err=True)
        raise typer.Exit(2) from None
    with probe:
        outcomes = asyncio.run(_asked(checks, probe, seconds))
    if json:
        typer.echo(json_module.dumps([_document(*pair) for pair in zip(checks, outcomes, strict=True)], indent=2))
    else:
        Console(highlight=False).print(table(checks, outcomes))
    if any(outcome.verdict is not Verdict.UP for outcome in outcomes):
        raise typer.Exit(1)


def _read(urls: Sequence[str], method: str, timeout: str) -> tuple[list[HttpCheck], float]:
    """The checks asked for and their timeout in seconds. ConfigurationError says what is wrong, without secrets."""
    try:
        seconds = parse(timeout)
    except ValueError as error:
        raise ConfigurationError(f"--timeout: {error}") from None
    if not 0 < seconds <= 300:
        raise ConfigurationError("--timeout: write more than 0s and at most 5m")
    checks = []
    for number, url in enumerate(urls, 1):
        try:
            checks.append(HttpCheck.model_validate({"url": url, "method": method.upper()}))
        except ValidationError as error:
            first = error.errors()[0]
            where = f"URL {number}" if first["loc"][0] == "url" else f"--{first['loc'][0]}"
            raise ConfigurationError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None
    return checks, seconds


async def _asked(checks: Sequence[HttpCheck], probe: Probe, timeout: float) -> list[Outcome]:  # noqa: ASYNC109
    async def ask(check: HttpCheck) -> Outcome:
        try:
            return await check.ask(probe, timeout)
        except Exception as error:
            return internal(error)

    return list(await asyncio.gather(*(ask(check) for check in checks)))


def _document(check: HttpCheck, outcome: Outcome) -> dict[str, Any]:
    expires = outcome.certificate_expires
    return {
        "url": check.target,
        "verdict": outcome.verdict,
        "reason": outcome.reason,
        "message": outcome.message,
        "http_status": outcome.http_status,
        "available": outcome.available,
        "phases_ms": {
            name: None if (value := getattr(outcome, name)) is None else round(value, 3)
            for name in ("dns", "connect", "tls", "ttfb", "total")
        },
        "certificate_expires": None if expires is None else iso(expires),
    }


def table(checks: Sequence[HttpCheck], outcomes: Sequence[Outcome]) -> Table:
    """A row a check: verdict with its sign and word, what was answered, and the phases as a bar to one scale."""
    rows = Table(box=None, pad_edge=False, show_header=True, header_style="bold")
    for heading in ("", "URL", "Answer", "Time"):
        rows.add_column(heading, overflow="fold")
    rows.add_column(_legend(), no_wrap=True)
    slowest = max((outcome.total or 0.0 for outcome in outcomes), default=0.0)
    for check_, outcome in zip(checks, outcomes, strict=True):
        sign, colour = _LOOKS.get(outcome.verdict, _UNKNOWN)
        rows.add_row(
            Text(f"{sign} {outcome.verdict}", style=colour),
            Text(check_.target),
            Text(_answer(outcome)),
            Text(f"{outcome.total or 0.0:.0f} ms"),
            _bar(outcome, slowest),
        )
    return rows


def _answer(outcome: Outcome) -> str:
    status = "" if outcome.http_status == NO_ANSWER else str(outcome.http_status)
    if outcome.verdict is Verdict.UP:
        return f"{status} {outcome.message}".strip()
    return f"{outcome.reason}: {outcome.message}"


def _legend() -> Text:
    return Text(" ").join(Text(f"{_SIGNS[name]} {name}", style=colour) for name, colour in _PHASES)


# Each phase has a shade of its own beside its colour, so that the bar reads without colours, too.
_SIGNS = {"dns": "░", "connect": "▒", "tls": "▓", "ttfb": "█", "rest": "─"}


def _bar(outcome: Outcome, slowest: float) -> Text:
    """The phases one after the other; a phase that took any time has at least one character."""
    bar, left = Text(), outcome.total or 0.0
    for name, colour in _PHASES:
        took = left if name == "rest" else getattr(outcome, name) or 0.0
        left = max(left - took, 0.0)
        width = round(took / slowest * _BAR) if slowest else 0
        bar.append(_SIGNS[name] * (max(width, 1) if took > 0 and name != "rest" else width), style=colour)
    return bar
