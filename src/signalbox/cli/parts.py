"""`signalbox api`, `worker`, `beat`: the parts of the distributed mode, each a process of its own."""

from __future__ import annotations

import importlib
import os
import signal
from typing import Annotated, Any

import typer
import uvicorn

from signalbox import logs
from signalbox.api import server
from signalbox.errors import MissingExtra
from signalbox.settings import PREFIX, load


def api(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the API and the page from the stores that workers write to."""
    _set(host=host, port=port)
    settings = load()
    logs.configure(settings.log_format)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # monitors and pages are followed in the database anyway
    uvicorn.run("signalbox.api.app:app", **server.options(settings))


def worker(
    location: Annotated[str | None, typer.Option(help="Serve this location's queue.")] = None,
    concurrency: Annotated[int, typer.Option("--concurrency", "-c", min=1, help="Processes that ask.")] = 1,
    with_beat: Annotated[bool, typer.Option("--beat", help="Run the beat beside it.")] = False,
) -> None:
    """Ask what the beat says is due, and keep what was seen."""
    _set(location=location)
    celery = _celery()
    arguments = ["worker", "-Q", celery.queue_of(celery.settings.location), "-c", str(concurrency)]
    celery.app.start([*arguments, "--without-gossip", "--without-mingle", *(["--beat"] if with_beat else [])])


def beat(location: Annotated[str | None, typer.Option(help="Hand out this location's batches.")] = None) -> None:
    """Hand out what is due, once a second. Of several beats one leads; the others wait to replace it."""
    _set(location=location)
    _celery().app.start(["beat", "--pidfile="])


def _set(**flags: object) -> None:
    """What the raw commands import reads its settings from the environment, so that is where flags go."""
    os.environ.update({f"{PREFIX}{name.upper()}": str(value) for name, value in flags.items() if value is not None})


def _celery() -> Any:
    try:
        return importlib.import_module("signalbox.runner.celery")
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in {"celery", "kombu", "redis"}:
            raise MissingExtra("The distributed mode", "celery") from None
        raise
