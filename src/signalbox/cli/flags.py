"""Which flags do several commands have, and what do the words behind a flag mean?"""

from __future__ import annotations

from typing import Annotated

import typer

from signalbox.durations import parse
from signalbox.errors import ConfigurationError

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]
MonitorId = Annotated[str, typer.Argument(metavar="ID", help="The monitor's id.")]


def seconds(flag: str, text: str) -> float:
    """How long that is. ConfigurationError names the flag."""
    try:
        return parse(text)
    except ValueError as error:
        raise ConfigurationError(f"{flag}: {error}") from None
