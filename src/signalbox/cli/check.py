"""`signalbox check URL…`: how is it right now? Asked once each, from here, nothing stored."""

from __future__ import annotations

import asyncio
import json as json_module
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from signalbox.checks import AnyCheck, from_url
from signalbox.checks.base import AskedCheck, BaseCheck, Outcome
from signalbox.checks.probe import Probe
from signalbox.checks.report import report as reported
from signalbox.checks.report import tried
from signalbox.cli.flags import Json
from signalbox.cli.looks import VERDICTS, milliseconds
from signalbox.durations import parse
from signalbox.errors import ConfigurationError, SignalboxError
from signalbox.guard import Guard
from signalbox.settings import load
from signalbox.signals import NO_ANSWER, Reason, Verdict

_PHASES = {  # each with a shade of its own beside its colour, so that the bar reads without colours, too
    "dns": ("░", "cyan", "dns"),
    "connect": ("▒", "blue", "connect"),
    "tls": ("▓", "magenta", "tls"),
    "ttfb": ("█", "green", "first byte"),
    "rest": ("─", "bright_black", "rest"),
}
_BAR = 40  # characters for the slowest one's total
_INDENT = 11
_LINES = 6  # of each thing that was seen
_CHECK: TypeAdapter[BaseCheck] = TypeAdapter(AnyCheck)


def check(
    urls: Annotated[list[str], typer.Argument(metavar="URL", help="What to ask: https://…, tcp://host:port, …")],
    json: Json = False,
    timeout: Annotated[str, typer.Option(help="Longest time for each, such as 10s.")] = "10s",
    method: Annotated[str | None, typer.Option(help="How to ask over HTTP: HEAD, GET, POST, …")] = None,
) -> None:
    """Ask each URL once, store nothing: verdict, reason, and where the time went. Exit code 1 when any is not up."""
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
        typer.echo(
            json_module.dumps(
                [_document(*pair) for pair in zip(checks, outcomes, strict=True)], indent=2, ensure_ascii=False
            )
        )
    else:
        Console(highlight=False).print(report(checks, outcomes))
    if any(outcome.verdict is not Verdict.UP for outcome in outcomes):
        raise typer.Exit(1)


def _read(urls: Sequence[str], method: str | None, timeout: str) -> tuple[list[AskedCheck], float]:
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
            written = from_url(url)
            if method is not None and written["kind"] == "http":
                written["method"] = method.upper()
            check = _CHECK.validate_python(written)
            assert isinstance(check, AskedCheck), "only kinds that ask have schemes"
            checks.append(check)
        except ValidationError as error:
            first = error.errors()[0]
            where = "--method" if first["loc"][-1] == "method" else f"URL {number}"
            raise ConfigurationError(f"{where}: {_words(first)}") from None
        except ValueError as error:
            raise ConfigurationError(f"URL {number}: {error}") from None
    return checks, seconds


def _words(error: ErrorDetails) -> str:
    if error["type"] == "literal_error":
        return f"write {error['ctx']['expected'].replace(chr(39), '')}"
    return error["msg"].removeprefix("Value error, ")


async def _asked(checks: Sequence[AskedCheck], probe: Probe, timeout: float) -> list[Outcome]:  # noqa: ASYNC109
    return list(await asyncio.gather(*(tried(check, probe, timeout) for check in checks)))


def _document(check: AskedCheck, outcome: Outcome) -> dict[str, Any]:
    return {"url": check.target, **reported(check, outcome).model_dump(mode="json", exclude={"target"})}


def report(checks: Sequence[AskedCheck], outcomes: Sequence[Outcome]) -> Group:
    """A few lines a check: the verdict with its sign, what was answered, and the phases as a bar to one scale."""
    slowest = max((outcome.total or 0.0 for outcome in outcomes), default=0.0)
    pairs = list(zip(checks, outcomes, strict=True))
    return Group(*(Padding(_one(check_, outcome, slowest), (0, 0, 1, 0)) for check_, outcome in pairs))


def _one(check: AskedCheck, outcome: Outcome, slowest: float) -> Group:
    look = VERDICTS[outcome.verdict]
    head = Table.grid(padding=(0, 2, 0, 0))
    head.add_column(width=_INDENT - 2, no_wrap=True)
    head.add_column(overflow="fold")
    head.add_row(Text(f"{look.sign} {outcome.verdict}", f"bold {look.colour}"), Text(check.target, "bold"))
    head.add_row("", Text(_answer(outcome)))
    spent = _spent(check, outcome)
    parts: list[Text] = []
    if spent:
        widths = _widths(spent, slowest)
        parts += [Text.assemble(*((_PHASES[name][0] * width, _PHASES[name][1]) for name, width in widths))]
        parts += [_legend(spent)]
    parts += _seen(outcome)
    return Group(head, *(Padding(part, (0, 0, 0, _INDENT)) for part in parts))


def _seen(outcome: Outcome) -> list[Text]:
    """What shows why, a line each; of long texts the beginning."""
    lines = []
    for name, text in outcome.evidence or ():
        shown = text.splitlines()
        more = f" … ({len(shown) - _LINES} more lines; --json has all)" if len(shown) > _LINES else ""
        lines.append(Text.assemble((f"{name}: ", "bright_black"), "\n".join(shown[:_LINES]), (more, "bright_black")))
    return lines


def _answer(outcome: Outcome) -> str:
    """What was answered, and in which time; why not, where it is not up."""
    if outcome.verdict is not Verdict.UP:
        return f"{outcome.reason}: {outcome.message}"
    status = "" if outcome.http_status == NO_ANSWER else str(outcome.http_status)
    return ", ".join(filter(None, (f"{status} {outcome.message}".strip(), milliseconds(outcome.total or 0.0))))


def _spent(check: AskedCheck, outcome: Outcome) -> dict[str, float]:
    """Milliseconds by phase, those that took any time. What is left belongs to the phase that did not end."""
    took = {name: getattr(outcome, name) for name in ("dns", "connect", "tls", "ttfb")}
    shaking = check.target.startswith(("https:", "tls:")) or outcome.reason in (Reason.TLS, Reason.CERTIFICATE)
    if outcome.tls is None and not shaking:
        del took["tls"]  # nobody asked for it
    if outcome.connect is None and outcome.ttfb is not None:
        del took["connect"]  # nor for this: it asks by packets
    open_ = next((name for name, value in took.items() if value is None), "rest")
    spent = {name: value for name, value in took.items() if value}
    spent[open_] = spent.get(open_, 0.0) + max((outcome.total or 0.0) - sum(spent.values()), 0.0)
    return {name: value for name, value in spent.items() if value >= 0.05}


def _widths(spent: Mapping[str, float], slowest: float) -> list[tuple[str, int]]:
    """Characters of each phase; a phase that took any time has at least one."""
    return [(name, max(round(value / slowest * _BAR), 1)) for name, value in spent.items()]


def _legend(spent: Mapping[str, float]) -> Text:
    parts = [
        Text.assemble((_PHASES[name][0], _PHASES[name][1]), f" {_PHASES[name][2]} {milliseconds(value)}")
        for name, value in spent.items()
    ]
    return Text("   ").join(parts)
