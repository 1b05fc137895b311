"""`signalbox token`: who may use the admin API?"""

from __future__ import annotations

import json as json_module
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from signalbox import clock
from signalbox.accounts import tokens
from signalbox.accounts.scopes import MEANINGS
from signalbox.accounts.tokens import Token
from signalbox.cli.flags import Json, seconds
from signalbox.cli.looks import columns, moment
from signalbox.cli.state import actor, opened_database
from signalbox.clock import iso

_SCOPES = "What it may do, once for each: " + "; ".join(f"{scope} ({text})" for scope, text in MEANINGS.items()) + "."

token = typer.Typer(help="Make, list and revoke tokens for the admin API.")


@token.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for; stands in the audit log.")],
    scope: Annotated[list[str], typer.Option("--scope", "-s", help=_SCOPES)],
    expires: Annotated[
        str | None, typer.Option(help="How long it is good for, such as 90d. Default: until revoked.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a token and print it, for the only time."""
    lasts = None if expires is None else seconds("--expires", expires)
    with opened_database() as database, database.begin() as session:
        secret, made = tokens.create(session, name, scope, by=actor(), now=clock.now(), expires=lasts)
    if json:
        typer.echo(json_module.dumps({"token": secret, **_document(made)}, indent=2))
        return
    typer.echo(secret)
    until = "until revoked" if made.expires_at is None else f"until {iso(made.expires_at)[:16]}Z"
    typer.echo(f'"{made.name}" may: {", ".join(made.scopes)}; {until}. It is not shown again.', err=True)


@token.command("list")
def list_(json: Json = False) -> None:
    """List the tokens that are not revoked."""
    with opened_database() as database, database.read() as session:
        found = tokens.tokens(session)
    if json:
        typer.echo(json_module.dumps([_document(one) for one in found], indent=2))
    elif not found:
        typer.echo("There is no token. Make one:  signalbox token create NAME --scope read")
    else:
        Console(highlight=False).print(_table(found))


@token.command()
def revoke(name: Annotated[str, typer.Argument(help="Its name.")]) -> None:
    """Let a token open nothing from now on."""
    with opened_database() as database, database.begin() as session:
        tokens.revoke(session, name, by=actor(), now=clock.now())
    typer.echo(f'"{name}" opens nothing from now on')


def _document(one: Token) -> dict[str, Any]:
    times = {"created_at": one.created_at, "expires_at": one.expires_at, "last_used_at": one.last_used_at}
    return {
        "name": one.name, "scopes": [*one.scopes], "created_by": one.created_by,
        **{name: None if value is None else iso(value) for name, value in times.items()},
    }  # fmt: skip


def _table(found: list[Token]) -> Table:
    table = columns("name", "scopes", "made", "by", "expires", "last used")
    now = clock.now()
    for one in found:
        gone = one.expires_at is not None and one.expires_at <= now
        expires = "never" if one.expires_at is None else f"{moment(one.expires_at)}{' (over)' if gone else ''}"
        used = "never" if one.last_used_at is None else moment(one.last_used_at)
        style = "bright_black" if gone else ""
        table.add_row(
            one.name, ", ".join(one.scopes), moment(one.created_at), one.created_by, expires, used, style=style
        )
    return table
