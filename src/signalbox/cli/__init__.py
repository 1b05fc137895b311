"""The `signalbox` command. Each module here is one command, and thin: it reads flags and calls the rooms below.

A module has a function of the command's name; or, for `signalbox token create …`, a `typer.Typer` of that name with
one function for each subcommand.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from signalbox import __version__
from signalbox.errors import ConfigurationError, SignalboxError

_COMMANDS = {
    "up": "up", "init": "init", "check": "check", "validate": "validate", "schema": "schema",
    "api": "parts", "worker": "parts", "beat": "parts",
    "status": "status", "monitor": "monitor", "audit": "audit", "token": "token", "notify": "notify",
    "maintenance": "maintenance", "incident": "incident",
    "uptime": "uptime", "annotation": "annotation", "prune": "prune", "demo": "demo",
}  # fmt: skip
_CONTEXT = {"help_option_names": ["-h", "--help"]}


class _Commands(TyperGroup):
    """Commands by name, each imported when it is called: what serves pages takes long to load."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"signalbox.cli.{_COMMANDS[cmd_name]}")
        found = getattr(module, cmd_name)
        if isinstance(found, typer.Typer):
            return _noun(found, cmd_name)
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings=_CONTEXT)
        single.command(cmd_name)(found)
        return typer.main.get_command(single)


def _noun(verbs: typer.Typer, name: str) -> Any:
    """A command whose subcommands are the verbs of one noun."""
    group = typer.main.get_group(verbs)
    group.name, group.no_args_is_help = name, True
    for command in (group, *group.commands.values()):
        command.context_settings = {**_CONTEXT, **command.context_settings}
    return group


app = typer.Typer(
    cls=_Commands,
    name="signalbox",
    help="Watches services and publishes their status page.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=_CONTEXT,
)


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
