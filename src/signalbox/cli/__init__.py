"""The `signalbox` command. Each module here is one command, and thin: it reads flags and calls the rooms below."""

from __future__ import annotations

import sys

import typer

from signalbox import __version__
from signalbox.cli.check import check
from signalbox.cli.init import init
from signalbox.cli.parts import api, beat, worker
from signalbox.cli.schema import schema
from signalbox.cli.up import up
from signalbox.cli.validate import validate
from signalbox.errors import ConfigurationError, SignalboxError

app = typer.Typer(
    name="signalbox",
    help="Watches services and publishes their status page.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (up, init, check, validate, schema, api, worker, beat):
    app.command()(command)


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if version:
        typer.echo(f"signalbox {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command. Exit codes: 0 fine, 1 a target or plan says no, 2 usage or configuration error."""
    try:
        app()
    except SignalboxError as error:
        sys.stderr.write(f"signalbox: {error}\n")
        raise SystemExit(2 if isinstance(error, ConfigurationError) else 1) from None
