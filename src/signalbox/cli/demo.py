"""`signalbox demo`: see a page with a past, without watching anything."""

from __future__ import annotations

import logging
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from signalbox import clock, logs
from signalbox.api import server
from signalbox.api.app import app_of
from signalbox.api.opening import joined
from signalbox.api.site import Site
from signalbox.cli.up import address, announced, faster_switching, listening
from signalbox.demo import folder
from signalbox.demo.live import Live
from signalbox.demo.seeding import RAW_DAYS, Say, seed, zone
from signalbox.demo.world import Beginning, World
from signalbox.installation import Installation, opened
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import active
from signalbox.runner.embedded import alone
from signalbox.settings import Settings, load


def demo(
    *,
    data: Annotated[
        Path | None, typer.Option(help="Folder to keep it in, and to go on in. Default: a temporary one.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one. Default: 8000.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="Days of past.")] = 90,
    raw: Annotated[int, typer.Option(min=1, max=RAW_DAYS, help="Days of them with every single signal.")] = RAW_DAYS,
    number: Annotated[int, typer.Option("--seed", help="Another number, another past.")] = 1,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve it, or only make it.")] = True,
) -> None:
    """Show a page with an invented past: 20 services, 90 days, outages, incidents and maintenance."""
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="signalbox-demo-")))
        settings = _own(load(data=data, host=host, port=port))
        logs.configure(settings.log_format)
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        listener = stack.enter_context(listening(settings)) if serve else None
        folder.refuse_another(data)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, _leave)
        stack.enter_context(alone(data))
        beginning = folder.beginning_of(data)
        fresh = beginning is None
        if beginning is None:
            beginning = Beginning(number, clock.now() // clock.MICROS * clock.MICROS, days, zone())
            _make(settings, beginning, raw)
        if listener is not None:
            faster_switching()
            site = stack.enter_context(_going_on(settings, beginning, listener, fresh))
            uvicorn.Server(uvicorn.Config(app_of(site), **server.options(settings))).run(sockets=[listener])


def _own(settings: Settings) -> Settings:
    """The settings without what belongs to somebody's real installation: a demo keeps all it has in its own folder."""
    return settings.model_copy(
        update=dict.fromkeys(("signals_url", "database_url", "broker_url", "smtp_url", "secret_key", "retain_raw"))
    )


def _leave(*_: object) -> None:
    raise SystemExit(0)


def _make(settings: Settings, beginning: Beginning, raw: int) -> None:
    folder.mark(settings.data, beginning, complete=False)
    began = time.monotonic()
    with _progress() as say, opened(settings, follow=False) as installation:
        seed(installation.database, installation.store, beginning, raw_days=raw, say=say)
    folder.mark(settings.data, beginning, complete=True)
    size = sum(file.stat().st_size for file in settings.data.iterdir())
    took = f"{time.monotonic() - began:.1f} s"
    typer.echo(f"Made {beginning.days} days of past in {took}: {size / 1e6:.0f} MB in {settings.data}", err=True)


@contextmanager
def _progress() -> Iterator[Say]:
    """How far it is, on a terminal; nothing elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("Inventing a past: {task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda words, share: progress.update(task, description=words, completed=share)


@contextmanager
def _going_on(settings: Settings, beginning: Beginning, listener: socket.socket, fresh: bool) -> Iterator[Site]:
    """The site of the demo, which goes on for as long as the `with` lasts; `fresh`: it was made a moment ago."""
    with opened(settings, follow=False) as installation:
        roster = Roster(installation.database)
        world = _world(installation, beginning)
        with joined(installation, roster) as (site, window):
            live = Live(installation, roster, world, [window.add])
            if fresh:
                live.catch_up()
            live.start()
            try:
                with announced(address(settings, listener), live.meter, window):
                    yield site
            finally:
                live.close()


def _world(installation: Installation, beginning: Beginning) -> World:
    with installation.database.read() as session:
        return World(active(session), beginning)
