"""`signalbox up`: watch, keep and show, all in this process."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvicorn
from rich.console import Console

from signalbox import logs
from signalbox.api import server
from signalbox.api.app import app_of
from signalbox.api.opening import joined
from signalbox.api.site import Site
from signalbox.cli.live import Display, Summary
from signalbox.errors import ConfigurationError
from signalbox.installation import opened
from signalbox.manifest import document
from signalbox.manifest.document import Manifest, from_urls
from signalbox.monitors.roster import Roster
from signalbox.pages.window import Window
from signalbox.runner.embedded import Embedded, alone
from signalbox.runner.meter import Meter
from signalbox.settings import Settings, load

log = structlog.get_logger(__name__)

_BACKLOG = 2_048  # connections that may wait to be accepted, as uvicorn has it


def up(
    urls: Annotated[
        list[str] | None, typer.Argument(metavar="[URL]", help="URLs to watch, in place of a manifest.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The manifest. Default: signalbox.yaml.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for databases and keys. Default: data.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one. Default: 8000.")
    ] = None,
) -> None:
    """Watch services and serve their status page from one process."""
    settings = load(config=config, data=data, host=host, port=port)
    logs.configure(settings.log_format)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # it reports each step of starting and ending
    manifest = from_urls(urls) if urls else document.load(settings.config)
    faster_switching()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    with listening(settings) as listener, watching(settings, manifest, not urls, listener) as site:
        uvicorn.Server(uvicorn.Config(app_of(site), **server.options(settings))).run(sockets=[listener])


def _leave(*_: object) -> None:
    """uvicorn hands the signal on when it has stopped serving; then what it stood on is closed."""
    raise SystemExit(0)


def faster_switching() -> None:
    """Let threads take turns every half millisecond instead of five: a busy API must not make checks late."""
    sys.setswitchinterval(0.0005)


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The socket that readers connect to, taken before anything else starts. Who connects before the API serves waits
    a moment; a monitor of this page itself is one of them, and must not see it down."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
            listener.listen(_BACKLOG)
        except OSError as error:
            flag = "--port" if error.errno in {errno.EADDRINUSE, errno.EACCES} else "--host"
            raise ConfigurationError(
                f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; choose another with {flag}"
            ) from None
        yield listener


def address(settings: Settings, listener: socket.socket) -> str:
    """The page's URL as a person here would open it."""
    if settings.public_url:
        return settings.public_url
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 - not a bind
    return f"http://{host}:{listener.getsockname()[1]}/"


@contextmanager
def watching(settings: Settings, manifest: Manifest, follow: bool, listener: socket.socket) -> Iterator[Site]:
    """The site of this process, watched for as long as the `with` lasts."""
    hung_up = threading.Event()
    signal.signal(signal.SIGHUP, lambda *_: hung_up.set())  # by default it would end us before we can reload
    with alone(settings.data), opened(settings, manifest, follow=follow) as installation:
        roster = Roster(installation.database)
        with joined(installation, roster) as (site, window):
            runner = Embedded(installation, roster, [window.add])
            signal.signal(signal.SIGHUP, lambda *_: runner.housekeeping.reload())
            if hung_up.is_set():
                runner.housekeeping.reload()
            runner.start()
            try:
                with announced(address(settings, listener), runner.meter, window):
                    yield site
            finally:
                runner.close()


@contextmanager
def announced(url: str, meter: Meter, window: Window) -> Iterator[None]:
    """Say where the page is: in a live summary on a terminal, in a line otherwise."""
    console = Console(stderr=True)
    if not console.is_terminal:
        log.info("up", page=url, monitors=len(window.monitors))
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        yield
        return
    display = Display(Summary(url, meter, window), console)
    display.start()
    try:
        yield
    finally:
        display.close()
