"""What does one notice say, in words that people understand? Pure: a notice and a zone in, an entry out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import tzinfo

from signalbox.notifications.notices import Kind, Notice, Severity
from signalbox.notifications.texts import body, lasted, line, listed, moment


@dataclass(frozen=True, slots=True)
class Entry:
    """One notice in words. All texts are harmless, none is escaped."""

    kind: Kind
    word: str  # `Down`, `Still down`, `Up again`
    name: str  # what it is about
    headline: str
    lines: tuple[str, ...]  # the most important first


REASONS = {
    "status": "It answers, but with an error",
    "assertion": "It answers, but not as it should",
    "slow": "It answers slowly",
    "dns": "Its name was not found",
    "connect": "It accepts no connection",
    "tls": "It makes no secure connection",
    "certificate": "There is something about its certificate",
    "timeout": "It did not answer in time",
    "protocol": "It answers something that cannot be read",
    "silent": "It has stopped reporting",
    "blocked": "Its address may not be asked from here",
    "offline": "It could not be asked: our own network was down",
    "missed": "It could not be asked in time",
    "internal": "It could not be asked: a fault of our own",
}
_IMPACTS = {"minor": "Minor impact", "major": "Major impact", "critical": "Critical impact"}
_STATUSES = {
    "investigating": "Investigating", "identified": "Identified", "monitoring": "Monitoring", "resolved": "Resolved",
}  # fmt: skip


def entry(notice: Notice, zone: tzinfo, *, reminder: bool = False) -> Entry:
    """What to say of that notice; as a reminder if it was told before."""
    name = _name(notice)
    word = _word(notice, reminder=reminder)
    headline, lines = _SAID[notice.kind](notice, name, zone)
    if reminder and notice.kind in _REMINDED:
        headline = f"{name} is still {headline.removeprefix(f'{name} ').removeprefix('has been ').removeprefix('is ')}"
    return Entry(notice.kind, word, name, headline, tuple(one for one in lines if one))


def _name(notice: Notice) -> str:
    facts = notice.facts
    for key in ("title", "name", "location"):
        if facts.get(key) and (found := line(facts[key], 120)):
            return found
    return line(notice.monitor or notice.thread, 120) or "unnamed"


_WORDS = {
    Kind.DOWN: "Down", Kind.DEGRADED: "Degraded", Kind.UP: "Up again", Kind.FLAPPING: "Comes and goes",
    Kind.OFFLINE: "Own network down", Kind.ONLINE: "Own network back", Kind.INCIDENT: "Incident",
    Kind.UPDATE: "Update", Kind.RESOLVED: "Resolved", Kind.TEST: "Test",
}  # fmt: skip
_REMINDED = frozenset({Kind.DOWN, Kind.DEGRADED, Kind.FLAPPING})


def _word(notice: Notice, *, reminder: bool) -> str:
    word = _WORDS[notice.kind]
    if reminder and notice.kind in _REMINDED:
        return f"Still {word[0].lower()}{word[1:]}"
    return word


Said = tuple[str, list[str]]


def _troubled(state: str) -> Callable[[Notice, str, tzinfo], Said]:
    def say(notice: Notice, name: str, zone: tzinfo) -> Said:
        lines = [_why(notice), *_related(notice), _target(notice)]
        if notice.confirmed > notice.happened:
            lines.append(f"Confirmed {moment(notice.confirmed, zone)}")
        return f"{name} has been {state} since {moment(notice.happened, zone)}", lines

    return say


def _up(notice: Notice, name: str, zone: tzinfo) -> Said:
    state = "degraded" if notice.severity is Severity.DEGRADED else "down"
    spent = notice.facts.get("down_s")
    was = f", was {state} {lasted(spent)}" if isinstance(spent, int | float) and spent > 0 else ""
    return f"{name} is up again{was}", [f"Since {moment(notice.happened, zone)}", _target(notice)]


def _flapping(notice: Notice, name: str, zone: tzinfo) -> Said:
    lines = [
        f"Since {moment(notice.happened, zone)}. You hear of it again when it is steady.", _why(notice),
        *_related(notice), _target(notice),
    ]  # fmt: skip
    return f"{name} is unsteady: it comes and goes", lines


def _offline(notice: Notice, name: str, zone: tzinfo) -> Said:
    return f"Our own network at {name} has been down since {moment(notice.happened, zone)}", [
        "What is watched from there counts as unknown, not as down, until it is back.", _message(notice),
    ]  # fmt: skip


def _online(notice: Notice, name: str, zone: tzinfo) -> Said:
    spent = notice.facts.get("down_s")
    after = f" after {lasted(spent)}" if isinstance(spent, int | float) and spent > 0 else ""
    return f"Our own network at {name} is back{after}", [f"Since {moment(notice.happened, zone)}"]


def _incident(notice: Notice, name: str, zone: tzinfo) -> Said:
    facts = notice.facts
    status = _STATUSES.get(str(facts.get("status") or "").lower(), "")
    head = " · ".join(part for part in (status, _IMPACTS.get(str(facts.get("impact") or "").lower(), "")) if part)
    by = facts.get("next_update_by")
    lines = [
        head, body(facts.get("body") or ""), _affected(notice), f"At {moment(notice.happened, zone)}",
        f"Next update by {moment(by, zone)}" if isinstance(by, int) and not isinstance(by, bool) else "",
    ]  # fmt: skip
    return f"{_WORDS[notice.kind]}: {name}", lines


def _test(notice: Notice, name: str, zone: tzinfo) -> Said:
    by = line(notice.facts.get("by") or "", 120)
    sent = f"Sent {moment(notice.happened, zone)}" + (f" by {by}" if by else "")
    lines = ["If you read this, notices reach you here.", sent]
    return "This is a test: nothing happened", lines


_SAID: dict[Kind, Callable[[Notice, str, tzinfo], Said]] = {
    Kind.DOWN: _troubled("down"), Kind.DEGRADED: _troubled("degraded"), Kind.UP: _up, Kind.FLAPPING: _flapping,
    Kind.OFFLINE: _offline, Kind.ONLINE: _online, Kind.INCIDENT: _incident, Kind.UPDATE: _incident,
    Kind.RESOLVED: _incident, Kind.TEST: _test,
}  # fmt: skip


def _why(notice: Notice) -> str:
    sentence, said = REASONS.get(str(notice.facts.get("reason")), ""), _message(notice)
    return f"{sentence} ({said})" if sentence and said else sentence or said[:1].upper() + said[1:]


def _message(notice: Notice) -> str:
    return line(notice.facts.get("message") or "")


def _related(notice: Notice) -> Iterator[str]:
    cause, held = notice.facts.get("cause"), _names(notice, "dependents")
    if cause:
        yield f"Cause: {line(cause, 120)} is down, and it depends on that"
    if held:
        yield f"Holds back {len(held)} that {'depends' if len(held) == 1 else 'depend'} on it: {listed(held)}"


def _target(notice: Notice) -> str:
    target = line(notice.facts.get("target") or "")
    return f"Asked: {target}" if target else ""


def _affected(notice: Notice) -> str:
    names = _names(notice, "monitors")
    return f"Affects {listed(names, 10)}" if names else ""


def _names(notice: Notice, key: str) -> list[str]:
    found = notice.facts.get(key)
    if isinstance(found, dict):
        found = list(found)
    return [line(one, 120) for one in found if isinstance(one, str)] if isinstance(found, list | tuple) else []
