"""Who takes notices out of the outbox and sends them? One thread that looks, and one for each letter under way.

Any number of processes may do so at once: letters are claimed by lease. One that is killed loses nothing; what it was
sending arrives once or twice. A channel that is slow has one thread waiting for it, and holds up no other.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping

import structlog

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.installation import revision
from signalbox.errors import SignalboxError
from signalbox.notifications import channels, dispatch, outcomes
from signalbox.notifications.channels import Channel
from signalbox.notifications.dispatch import Claim, Rates
from signalbox.notifications.letters import Letter, Result
from signalbox.rounds import Rounds

log = structlog.get_logger(__name__)

LOOK = 1.0  # seconds between two looks
AT_ONCE = 64  # letters under way in one process; one a channel
RETRY = 1.0  # seconds between two tries to write down how it went

Send = Callable[[str, Letter], Result]
"""Sends a letter to the channel of that key."""


class Courier:
    """Sends what is due until it is closed. Goes on while the database is away."""

    def __init__(
        self,
        database: Database,
        send: Send,
        rates: Callable[[], Rates] = dict,
        now: Callable[[], int] = clock.now,
    ) -> None:
        """`rates` says how many letters each channel bears (`dispatch.Rates`)."""
        self._database, self._send, self._rates, self._now = database, send, rates, now
        self._name = uuid.uuid4().hex  # unlike that of any other process, over restarts too
        self._under_way: dict[str, Claim] = {}
        self._lock = threading.Lock()
        self._renewed = time.monotonic()
        self._rounds = Rounds("courier", self._look, LOOK)

    def start(self) -> None:
        """Begin to look."""
        self._rounds.start()

    def close(self, patience: float = 5.0) -> None:
        """Take no more letters, and wait for those under way. What takes longer is sent again, when its lease ran
        out, by whoever runs then."""
        deadline = time.monotonic() + patience
        self._rounds.close(patience)
        while self.under_way and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.under_way:
            log.warning("courier.left", letters=self.under_way)

    @property
    def under_way(self) -> int:
        """Letters that are being sent."""
        return len(self._under_way)

    def _look(self) -> None:
        self.look()

    def look(self) -> int:
        """Take what is due and begin to send it. Returns how many letters."""
        self._renew()
        with self._lock:
            busy = set(self._under_way)
        room = AT_ONCE - len(busy)
        with self._database.read() as session:
            if room <= 0 or not dispatch.is_anything_due(session, self._now(), busy):
                return 0
        rates = self._rates()
        with self._database.begin() as session:
            claims = dispatch.take(session, self._now(), self._name, rates=rates, busy=busy, limit=room)
        for claim in claims:
            with self._lock:
                self._under_way[claim.channel] = claim
            threading.Thread(target=self._carry, args=(claim,), name="courier-letter", daemon=True).start()
        return len(claims)

    def _renew(self) -> None:
        """Letters that take long stay ours."""
        if time.monotonic() - self._renewed < dispatch.LEASE / MICROS / 3:
            return
        self._renewed = time.monotonic()
        with self._lock:
            letters = [claim.letter.id for claim in self._under_way.values()]
        if letters:
            with self._database.begin() as session:
                dispatch.renew(session, letters, self._name, self._now())

    def _carry(self, claim: Claim) -> None:
        try:
            self._write_down(claim, self._sent(claim))
        finally:
            with self._lock:
                del self._under_way[claim.channel]

    def _sent(self, claim: Claim) -> Result:
        try:
            return self._send(claim.channel, claim.letter)
        except SignalboxError as error:
            return Result(False, str(error))
        except Exception as error:  # a bug in one kind of channel must not end the others'
            log.exception("courier.bug", letter=claim.letter.id)
            return Result(False, f"our own fault: {type(error).__name__}")

    def _write_down(self, claim: Claim, result: Result) -> None:
        """Until it is written; meanwhile nobody else takes the letter from this process."""
        while True:
            try:
                with self._database.begin() as session:
                    outcomes.finish(session, claim, result, self._name, self._now())
            except SignalboxError as error:
                log.error("courier.waits", error=str(error), letter=claim.letter.id)
            except Exception:
                log.exception("courier.bug", letter=claim.letter.id)
            else:
                return
            if self._rounds.pause(RETRY):
                return


class Post:
    """The channels as they are configured now, and how letters leave by them. Specs are opened once a change."""

    def __init__(self, database: Database, send: Callable[[Channel, Letter], Result]) -> None:
        self._database, self._send = database, send
        self._revision, self._channels = -1, dict[str, Channel]()
        self._lock = threading.Lock()

    def send(self, key: str, letter: Letter) -> Result:
        """Send it by the channel of that key."""
        channel = self._current().get(key)
        if channel is None:
            return Result(False, "this channel cannot be read, or is configured no more")
        return self._send(channel, letter)

    def rates(self) -> Rates:
        """How much each channel bears."""
        return {key: channel.cap for key, channel in self._current().items()}

    def _current(self) -> Mapping[str, Channel]:
        with self._lock, self._database.read() as session:
            current = revision(session)
            if current != self._revision:
                self._channels = {channel.key: channel for channel in channels.active(session)}
                self._revision = current
            return self._channels
