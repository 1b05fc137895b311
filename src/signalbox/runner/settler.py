"""When are signals kept and settled? In slices, a few times a second, by one thread a process.

A slice that cannot be kept now is tried again until it can; what piles up meanwhile is bounded, and what falls out
is logged and shows in the ledger as due but never answered.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain, islice

import structlog

from signalbox import clock, ledger
from signalbox.checks.evidence import Evidence
from signalbox.db import Database
from signalbox.errors import SignalboxError, Unavailable
from signalbox.monitors.roster import Roster
from signalbox.pipeline import Recheck, Settling, SignalName, Slice, keep
from signalbox.signals import Signal
from signalbox.stores.base import Store

log = structlog.get_logger(__name__)

GATHER = 0.2  # seconds that signals wait for company: one transaction instead of many
HELD = 200_000  # signals held at the most while the store refuses them
EVIDENCE = 2_000  # checks of which evidence is held at the most
RETRY = 1.0  # seconds between two tries
NOTED_BY = 300  # seconds after its moment by which a batch's ledger row is there, or never will be

Listener = Callable[[Sequence[Signal]], None]
Again = Callable[[Recheck], None]


class Settler:
    """Takes signals from any thread; one thread of its own keeps them, settles them and tells the listeners."""

    def __init__(
        self, store: Store, database: Database, roster: Roster, again: Again, listeners: Sequence[Listener] = ()
    ) -> None:
        """`again` is told what to ask again out of turn."""
        self._store, self._database, self._listeners, self._again = store, database, listeners, again
        self._settling = Settling(roster)
        self._slice, self._lock = Slice(), threading.Lock()
        self._unsettled: Counter[ledger.Name] = Counter()  # kept, but the ledger does not know yet
        self._unjudged: list[Signal] = []  # kept, but nobody has looked yet what they mean
        self._evidence: dict[SignalName, Evidence] = {}  # of those
        self.refusals = 0  # slices that the store did not take at once
        self._some, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="settler", daemon=True)

    def start(self) -> None:
        """Begin to settle."""
        self._thread.start()

    def deliver(self, batch: ledger.Name | None, signal: Signal, evidence: Evidence | None = None) -> None:
        """Take one signal, and what shows why it is not up. Cheap, never waits."""
        with self._lock:
            self._slice.signals.append(signal)
            self._slice.batches.append(batch)
            if evidence:
                self._slice.evidence[signal[:3]] = evidence
        if not self._some.is_set():
            self._some.set()

    def close(self, patience: float) -> None:
        """Settle what was delivered, for at most `patience` seconds, and stop. Says what was left."""
        self._closing.set()
        self._some.set()
        self._thread.join(patience)
        if self._unjudged:
            log.error(
                "signals.unjudged", count=len(self._unjudged), why="the database was away; the next ones tell anew"
            )
        if self._thread.is_alive() or self._slice.signals:
            log.error("signals.dropped", count=len(self._slice.signals), why="the store did not take them in time")

    def _run(self) -> None:
        while not (self._closing.is_set() and not self._slice.signals):
            self._some.wait()
            self._closing.wait(GATHER)
            self._some.clear()
            try:
                self._settle_once()
            except Exception:  # a bug here must not end the thread that everything waits for
                log.exception("settler.bug")
                time.sleep(RETRY)

    def _settle_once(self) -> None:
        with self._lock:
            piece, self._slice = self._slice, Slice()
        if piece.signals:
            try:
                keep(self._store, piece)
            except SignalboxError as error:
                self.refusals += 1
                log.error("store.refused", error=str(error), waiting=len(piece.signals))
                self._put_back(piece)
                time.sleep(RETRY)
                return
            except Exception:
                log.exception("signals.dropped", count=len(piece.signals), why="a bug in the store")
                return
            self._unsettled.update(piece.answered())
            self._unjudged = [*self._unjudged, *piece.signals][-HELD:]
            self._evidence = dict(islice(chain(piece.evidence.items(), self._evidence.items()), EVIDENCE))
            for listener in self._listeners:
                listener(piece.signals)
        self._write_state()

    def _write_state(self) -> None:
        if not self._unsettled and not self._unjudged:
            return
        try:
            self._settle(self._unjudged)
        except Unavailable as error:
            log.error("state.behind", error=str(error), batches=len(self._unsettled), signals=len(self._unjudged))
            return
        except Exception:
            log.exception("state.refused", signals=len(self._unjudged), now="each monitor is judged by itself")
            self._judge_apart()
            return
        self._unjudged, self._evidence = [], {}

    def _judge_apart(self) -> None:
        """One monitor that cannot be judged must not keep the others from it."""
        by_monitor: dict[str, list[Signal]] = {}
        for signal in self._unjudged:
            by_monitor.setdefault(signal.monitor, []).append(signal)
        self._unjudged = []
        for key, signals in by_monitor.items():
            try:
                self._settle(signals)
            except Unavailable:
                self._unjudged += signals
            except Exception:
                log.exception("signals.unjudged", monitor=key, count=len(signals), why="the next ones tell anew")

    def _settle(self, signals: Sequence[Signal]) -> None:
        """Settle these, and what the ledger does not know yet, in one transaction."""
        now = clock.now()
        with self._database.begin() as session:
            settled = self._settling.settle(session, self._unsettled, signals, now, self._evidence)
        self._settling.done(settled)
        since = now - NOTED_BY * clock.MICROS
        self._unsettled = Counter({name: self._unsettled[name] for name in settled.unknown if name.moment > since})
        for wanted in settled.rechecks:
            self._again(wanted)

    def _put_back(self, piece: Slice) -> None:
        with self._lock:
            piece.signals.extend(self._slice.signals)
            piece.batches.extend(self._slice.batches)
            dropped = len(piece.signals) - HELD
            if dropped > 0:
                log.error("signals.dropped", count=dropped, why="the store has refused them for too long")
                del piece.signals[:dropped], piece.batches[:dropped]
            piece.evidence = dict(islice(chain(self._slice.evidence.items(), piece.evidence.items()), EVIDENCE))
            self._slice = piece
        self._some.set()
