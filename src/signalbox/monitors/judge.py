"""What does a signal mean for its monitor? A pure state machine: standing + signal → standing, perhaps a change.

A verdict is confirmed when enough signals in a row speak for it: `failures` for something worse, `recoveries` for
something better. The first signal that speaks for worse makes the monitor *suspect* and asks for a recheck; nobody is
told of that. A spell begins at the first signal of the row that confirmed it.

`unknown` is what people see while nobody could look. The last known verdict stays behind it: a monitor that was down,
could not be seen for a while and is down still, has been down in one trouble, and nobody is told twice.

Nothing here knows the clock or a database. Times are UTC microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from signalbox.clock import MICROS
from signalbox.monitors import flapping
from signalbox.signals import Reason, Signal, Verdict

UP, DEGRADED, DOWN, UNKNOWN = Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN
_RANK = {UP: 0, DEGRADED: 1, DOWN: 2}


class Rules(NamedTuple):
    """How one monitor is judged. Durations are seconds."""

    failures: int = 2  # signals in a row, the recheck among them, that confirm something worse
    recoveries: int = 2  # signals in a row that confirm something better
    recheck: float = 3.0  # from the first failure to the recheck; 0: none
    flapping: bool = True
    every: float = 60.0


DEFAULT_RULES = Rules()


class Run(NamedTuple):
    """Signals in a row that speak for one other verdict."""

    length: int = 0
    since: int = 0  # moment of the first


_NONE = Run()


class Place(NamedTuple):
    """What one location says: its confirmed verdict, and the two rows of signals that lead away from it."""

    seen: int = 0  # newest moment that was written; steady signals after it need no writing
    known: Verdict | None = None
    far: Run = _NONE  # towards the first of `_TARGETS`
    near: Run = _NONE  # towards the second
    blind: bool = False  # its newest signal could not tell


class Standing(NamedTuple):
    """How a monitor stands."""

    verdict: Verdict = UNKNOWN  # as people see it; unknown while nobody could look
    known: Verdict | None = None  # the last one that was confirmed; None: none yet
    reason: Reason = Reason.OK
    message: str = ""
    since: int = 0  # when the spell of this verdict began; 0: no spell yet
    trouble: int | None = None  # when the trouble began that is not over yet; what it is told under
    flapping: bool = False
    paused: bool = False
    flips: tuple[int, ...] = ()  # moments of the latest confirmed changes between up and not up
    places: Mapping[str, Place] = {}  # by location

    @property
    def restless(self) -> bool:
        """May a healthy signal change it? Of all others a healthy signal leaves everything as it is."""
        return (
            self.verdict is not UP
            or self.known is not UP
            or self.flapping
            or any(place.far.length or place.near.length or place.blind for place in self.places.values())
        )


class Change(NamedTuple):
    """A standing that flipped. If its verdict did, one spell ends and the next begins, at `after.since`."""

    monitor: str
    before: Standing
    after: Standing
    confirmed: int  # when we were sure
    location: str


class Judgement(NamedTuple):
    """What a signal led to. `standing` is the very object that was passed in when nothing has to be written."""

    standing: Standing
    change: Change | None = None
    recheck: bool = False  # ask again, soon and afresh


def _speaks(known: Verdict | None, target: Verdict, verdict: Verdict) -> bool:
    worse = _RANK[target] > _RANK[known or UP]
    return _RANK[verdict] >= _RANK[target] if worse else _RANK[verdict] <= _RANK[target]


# Where each known verdict may go, the farther first, and whether that is worse.
_TARGETS: dict[Verdict | None, tuple[tuple[Verdict, bool], tuple[Verdict, bool]]] = {
    None: ((DOWN, True), (DEGRADED, True)),
    UP: ((DOWN, True), (DEGRADED, True)),
    DEGRADED: ((DOWN, True), (UP, False)),
    DOWN: ((UP, False), (DEGRADED, False)),
}
# Which verdicts of signals speak for going there.
_SPEAKS = {
    (known, verdict): tuple(_speaks(known, target, verdict) for target, _ in targets)
    for known, targets in _TARGETS.items()
    for verdict in (UP, DEGRADED, DOWN)
}


def judge(standing: Standing, signal: Signal, rules: Rules) -> Judgement:
    """Judge one signal. One that is not newer than what its location has seen leaves everything as it is."""
    place = _continued(standing.places.get(signal.location, _NEW), signal.moment, rules)
    if signal.moment <= place.seen or standing.paused:
        return Judgement(standing)
    if signal.verdict is place.known is standing.verdict and not (place.far.length or place.near.length or place.blind):
        # the steady case: as it was, and so nothing to write, unless it has been steady for long enough
        return _calmed(standing, signal, rules) if standing.flapping else Judgement(standing)
    if signal.verdict is UNKNOWN:
        return _blinded(standing, place, signal)
    stepped, since = _stepped(place, signal, rules)
    places = {**standing.places, signal.location: stepped}
    after = _combined(_at(standing, places), signal, since, rules)
    suspect = place.far.length + place.near.length == 0 and stepped.far.length + stepped.near.length > 0
    worse = _RANK[signal.verdict] > _RANK[place.known or UP]
    return Judgement(after, _change(standing, after, signal), bool(suspect and worse and rules.recheck))


_NEW = Place()
_APART = 3  # intervals: signals with a longer silence between them are not in a row


def _continued(place: Place, moment: int, rules: Rules) -> Place:
    """The location without rows that a long silence has ended."""
    if (place.far.length or place.near.length) and moment - place.seen > _APART * rules.every * MICROS:
        return place._replace(far=_NONE, near=_NONE)
    return place


def _stepped(place: Place, signal: Signal, rules: Rules) -> tuple[Place, int]:
    """The location after a signal that could tell, and since when its verdict holds."""
    known, moment = place.known, signal.moment
    if known is None and signal.verdict is UP:
        return Place(moment, UP), moment
    far_speaks, near_speaks = _SPEAKS[known, signal.verdict]
    far, near = _longer(place.far, moment, far_speaks), _longer(place.near, moment, near_speaks)
    targets = _TARGETS[known]
    for run, (target, worse) in ((far, targets[0]), (near, targets[1])):
        if run.length and _is_enough(run, moment, worse, rules):
            return _arrived(moment, known, target, far), run.since
    return Place(moment, known, far, near), moment


def _arrived(moment: int, known: Verdict | None, target: Verdict, far: Run) -> Place:
    """The location once a verdict is confirmed. On the way to the far one, the near one keeps what spoke for it."""
    if target is not DEGRADED:
        return Place(moment, target)
    return Place(moment, target, near=far) if known is DOWN else Place(moment, target, far=far)


def _is_enough(run: Run, moment: int, worse: bool, rules: Rules) -> bool:
    """Is a row long enough? Failures must also lie apart: two within one moment are one failure seen twice."""
    if not worse:
        return run.length >= rules.recoveries
    apart = 0.0 if rules.failures == 1 else min(rules.recheck or rules.every, rules.every)
    return run.length >= rules.failures and moment - run.since >= apart * MICROS


def _longer(run: Run, moment: int, speaks: bool) -> Run:
    if not speaks:
        return _NONE
    return Run(run.length + 1, run.since) if run.length else Run(1, moment)


def _combined(standing: Standing, signal: Signal, since: int, rules: Rules) -> Standing:
    """The whole monitor after one of its locations was heard: the worst that any location has confirmed."""
    known = _worst(standing.places)
    if known is None:
        return standing
    if known is standing.known:
        # it can be seen again, and is what it was before; anything else has to be confirmed first
        sees = standing.verdict is UNKNOWN and signal.verdict is known
        return _shown(standing, known, signal, signal.moment) if sees else standing
    if standing.since and since <= standing.since:
        # the row began before the present spell: what nobody could see stays unknown
        since = signal.moment if standing.verdict is UNKNOWN else standing.since + 1
    crossed = (known is UP) != (standing.known in (UP, None))
    flips = flapping.noted(standing.flips, signal.moment, rules.every) if crossed else standing.flips
    is_flapping = rules.flapping and flapping.is_flapping(flips, signal.moment, rules.every, standing.flapping)
    trouble = standing.trouble if is_flapping or known is not UP else None
    if known is not UP and trouble is None:
        trouble = since
    return Standing(
        known, known, signal.reason, signal.message, since, trouble, is_flapping, False, flips, standing.places
    )


def _worst(places: Mapping[str, Place]) -> Verdict | None:
    verdicts = [place.known for place in places.values() if place.known is not None]
    if len(verdicts) < 2:
        return verdicts[0] if verdicts else None
    return max(verdicts, key=_RANK.__getitem__)


def _at(standing: Standing, places: Mapping[str, Place]) -> Standing:
    """The same with other places; `_replace` takes three times as long."""
    return Standing(
        standing.verdict, standing.known, standing.reason, standing.message, standing.since, standing.trouble,
        standing.flapping, standing.paused, standing.flips, places,
    )  # fmt: skip


def _shown(standing: Standing, verdict: Verdict, signal: Signal, since: int) -> Standing:
    return standing._replace(verdict=verdict, reason=signal.reason, message=signal.message, since=since)


def _blinded(standing: Standing, place: Place, signal: Signal) -> Judgement:
    """Nobody could look from there. What was in a row stays: not looking speaks for nothing."""
    places = {**standing.places, signal.location: place._replace(seen=signal.moment, blind=True)}
    after = standing._replace(places=places)
    if standing.verdict is UNKNOWN and standing.since:
        return Judgement(standing if place.blind else after)
    if not all(one.blind for one in places.values()):
        return Judgement(after)
    after = _shown(after, UNKNOWN, signal, max(signal.moment, standing.since + 1))
    return Judgement(after, _change(standing, after, signal))


def _calmed(standing: Standing, signal: Signal, rules: Rules) -> Judgement:
    """Has a flapping monitor been steady for long enough?"""
    if rules.flapping and flapping.is_flapping(standing.flips, signal.moment, rules.every, True):
        return Judgement(standing)
    trouble = None if standing.known is UP else standing.trouble
    after = standing._replace(flapping=False, trouble=trouble)
    return Judgement(after, Change(signal.monitor, standing, after, signal.observed, signal.location))


def _change(before: Standing, after: Standing, signal: Signal) -> Change | None:
    if (before.verdict, before.known, before.flapping, before.since) == (
        after.verdict, after.known, after.flapping, after.since,
    ):  # fmt: skip
        return None
    return Change(signal.monitor, before, after, signal.observed, signal.location)


def pause(standing: Standing, moment: int) -> Standing:
    """Nothing is asked from now on; what was under way is over."""
    return standing._replace(
        verdict=UNKNOWN, reason=Reason.OK, message="paused", since=max(moment, standing.since + 1), paused=True,
        flapping=False, places={name: Place(place.seen, place.known) for name, place in standing.places.items()},
    )  # fmt: skip


def resume(standing: Standing, moment: int) -> Standing:
    """It is asked again; unknown until the first answer."""
    places = {name: place._replace(blind=True) for name, place in standing.places.items()}
    return standing._replace(
        message="not asked yet since it was resumed", since=max(moment, standing.since + 1), paused=False, places=places
    )


def graded(verdict: Verdict, total: float | None, expires: int | None, moment: int, *,
           slow: float | None, certificate: float | None) -> tuple[Reason, str] | None:  # fmt: skip
    """Why an answer that is up is degraded all the same: it took longer than `slow`, or its certificate expires within
    `certificate` seconds. `total` is milliseconds. None: it is what it is."""
    if verdict is not UP:
        return None
    if slow is not None and total is not None and total > slow * 1000:
        return Reason.SLOW, f"took {total:.0f} ms; more than {slow * 1000:g} ms is slow"
    if certificate is not None and expires is not None and expires - moment < certificate * MICROS:
        left = max(0, expires - moment) / MICROS / 86_400
        return Reason.CERTIFICATE, f"the certificate expires in {left:.1f} days"
    return None
