"""How does Celery call the pipeline? The only file that knows Celery; raw commands work on it as they are:

    celery --app signalbox.runner.celery worker --beat -Q main-queue -c 1

A task hands its batch to the worker's loop and returns at once, so that a hanging target holds up nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Any

import structlog
from celery import Celery, beat, signals
from celery.bootsteps import RUN
from celery.worker.components import Beat as BeatStep
from kombu.exceptions import OperationalError

from signalbox import logs
from signalbox.errors import ConfigurationError, SignalboxError
from signalbox.installation import Installation, opened
from signalbox.monitors.roster import Roster
from signalbox.runner.beat import Beat
from signalbox.runner.due import Batch
from signalbox.runner.worker import Worker
from signalbox.settings import Settings, load

log = structlog.get_logger(__name__)

TASK = "signalbox.check"
RESTART = 1.0  # seconds between two starts of a beat that keeps dying
EXPIRY = 60.0  # seconds after which a batch that nobody took is dropped: its checks would be late


def queue_of(location: str) -> str:
    """Where batches of a location are sent: `main-queue` for the default one."""
    return "main-queue" if location == "local" else f"checks.{location}"


def make_app(settings: Settings) -> Celery:
    """The Celery application of these settings."""
    broker = settings.broker_url.get_secret_value() if settings.broker_url else "redis://127.0.0.1:6379/0"
    made = Celery("signalbox", broker=broker)
    made.conf.update(
        task_default_queue=queue_of(settings.location),
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_time_limit=60,
        task_store_errors_even_if_ignored=False,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=100_000,
        worker_proc_alive_timeout=120.0,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        beat_scheduler="signalbox.runner.celery:SlotScheduler",
        beat_max_loop_interval=1,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
            "health_check_interval": 10,
        },
        timezone="UTC",
        enable_utc=True,
    )
    return made


settings = load()
app = make_app(settings)


# --- the worker: one of ours in each process that Celery forks ---


class _Ours:
    """The worker of this process, and the installation it stands on."""

    def __init__(self) -> None:
        self._installation = Installation.open(settings, follow=False)  # the manifest is the beat's to follow
        roster = Roster(self._installation.database)
        roster.refresh()
        self.worker = Worker(self._installation, roster)
        self.worker.start()

    def close(self) -> None:
        """End within about five seconds; signals that were seen are kept."""
        self.worker.close()
        self._installation.close()


_ours: _Ours | None = None
_is_prepared = False  # this process, or the one that forked it, has read the manifest; it may be a bad one by now
_opening = threading.Lock()


def ours() -> Worker:
    """This process's worker, opened on first use."""
    global _ours  # noqa: PLW0603 - Celery's processes have no other place for what is theirs
    with _opening:
        _ours = _ours or _Ours()
        return _ours.worker


@app.task(name=TASK)
def check(location: str, moment: int, part: int, monitors: list[str], revision: int) -> None:
    """Ask these monitors; returns when the batch is handed over, not when it is answered."""
    ours().accept(Batch(location, moment, part, tuple(monitors), revision))


@signals.worker_init.connect
def _refuse_or_prepare(**_: Any) -> None:
    """Migrate and apply the manifest before Celery starts, so that a wrong one ends the command with words."""
    global _is_prepared  # noqa: PLW0603 - what Celery forks from here on inherits it
    logs.configure(settings.log_format)
    try:
        with opened(settings):
            pass
    except SignalboxError as error:
        sys.stderr.write(f"signalbox: {error}\n")
        raise SystemExit(2 if isinstance(error, ConfigurationError) else 1) from None
    _is_prepared = True


@signals.setup_logging.connect
def _set_up_logging(**_: Any) -> None:
    logs.configure(settings.log_format)


@signals.worker_process_init.connect
def _open_ours(**_: Any) -> None:
    ours()


@signals.worker_process_shutdown.connect
@signals.worker_shutdown.connect
def _close_ours(**_: Any) -> None:
    global _ours  # noqa: PLW0603
    with _opening:
        if _ours is not None:
            _ours.close()
        _ours = None


# --- the beat: ours in place of Celery's, for `celery beat` and for `worker --beat` ---


class SlotScheduler(beat.Scheduler):  # type: ignore[misc]
    """Celery's beat calls `tick`; what is due is our ticker's business. Celery's own periodic tasks are not used."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parent = os.getppid()
        keep_taken(INHERITED)
        self._beat = None if kwargs.get("lazy") else Beat(settings, Sender(self.app).send, later=_is_prepared)
        if self._beat is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _leave)
            signal.signal(signal.SIGHUP, lambda *_: self._reload())

    def _reload(self) -> None:
        if self._beat is not None:
            self._beat.housekeeping.reload()

    def setup_schedule(self) -> None:
        """Nothing: slots are arithmetic, no schedule is kept anywhere."""

    def tick(self, *_: Any, **__: Any) -> float:
        """Send what came due. An embedded beat whose worker died ends as well."""
        if os.getppid() != self._parent:
            os.kill(os.getpid(), signal.SIGTERM)
        return self._beat.tick() if self._beat is not None else 1.0

    def close(self) -> None:
        """Give the lease back."""
        if self._beat is not None:
            self._beat.close()
            self._beat = None


INHERITED = 256
"""Descriptors that a worker's main process may have open when it forks the beat: it asks nothing, so they are few."""


def keep_taken(numbers: int) -> None:
    """Let nothing of ours get the numbers of descriptors that the parent had.

    Celery closes them all in an embedded beat. But the objects that they belonged to (sockets of the broker) are still
    there, and close their number once more when they are collected: whatever has it by then, such as our database.
    """
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number in range(3, numbers):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(nothing, number, inheritable=False)
    if nothing >= numbers:
        os.close(nothing)


def _leave(*_: Any) -> None:
    raise SystemExit(0)


class Sender:
    """Sends batches; says once that the broker is away, and once that it is back."""

    def __init__(self, to: Celery) -> None:
        self._app, self._away = to, False

    def send(self, batch: Batch) -> None:
        """Send one batch. When the broker is away its checks will show as unknown."""
        location, moment, part, monitors, revision = batch
        try:
            self._app.send_task(
                TASK, (location, moment, part, monitors, revision),
                queue=queue_of(location), expires=EXPIRY, retry=False, ignore_result=True,
                argsrepr=f"{len(monitors)} monitors",  # else Celery spells them all out, for its logs
            )  # fmt: skip
        except (OperationalError, OSError) as error:
            if not self._away:
                log.error("broker.away", error=str(error), checks="are not asked until it is back")
            self._away = True
        else:
            if self._away:
                log.info("broker.back")
            self._away = False


@signals.worker_ready.connect
def _watch_beat(sender: Any, **_: Any) -> None:
    """Start the embedded beat again whenever it died, and hand a reload on to it."""
    worker = sender.controller
    step = next((step for step in worker.steps if isinstance(step, BeatStep) and step.obj is not None), None)
    if step is not None:
        threading.Thread(target=_keep_beat, args=(worker, step), name="beat-watch", daemon=True).start()
    if threading.current_thread() is threading.main_thread():
        # Celery's own handler would start the worker anew, and a bad manifest would then end it
        signal.signal(signal.SIGHUP, lambda *_: _reload_beat(step))


def _reload_beat(step: Any) -> None:
    if step is not None and step.obj.is_alive():
        os.kill(step.obj.pid, signal.SIGHUP)


def _keep_beat(worker: Any, step: Any) -> None:
    while worker.blueprint.state == RUN:
        if step.obj.is_alive():
            step.obj.join(1.0)
            continue
        log.error("beat.died", exit=step.obj.exitcode, now="it is started again")
        try:
            step.obj = worker.beat = step.create(worker)
            step.obj.start()
        except OSError:  # no process to be had now; without this thread nobody would try again
            log.exception("beat.unstarted")
        time.sleep(RESTART)
