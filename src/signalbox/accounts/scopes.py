"""What may a token be allowed to do? A closed list; what is not in it, nobody can be given."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

from signalbox.errors import Refused


class Scope(StrEnum):
    """One area. Whoever may write in an area may read it."""

    READ = "read"
    MONITORS = "monitors"
    INCIDENTS = "incidents"
    MAINTENANCE = "maintenance"
    CHANNELS = "channels"
    ANNOTATIONS = "annotations"
    ACKS = "acks"
    AUDIT = "audit"
    TOKENS = "tokens"
    ADMIN = "admin"


MEANINGS = {
    Scope.READ: "read everything but the audit log and the tokens",
    Scope.MONITORS: "make, change, archive, pause and resume monitors",
    Scope.INCIDENTS: "open, update and resolve incidents",
    Scope.MAINTENANCE: "announce, start and end maintenance",
    Scope.CHANNELS: "make, change, try and archive channels",
    Scope.ANNOTATIONS: "say what a spell really was",
    Scope.ACKS: "acknowledge trouble",
    Scope.AUDIT: "read the audit log",
    Scope.TOKENS: "make and revoke tokens that may do no more than this one",
    Scope.ADMIN: "everything, also what later versions add",
}

_NOT_BY_READ = frozenset({Scope.AUDIT, Scope.TOKENS, Scope.ADMIN})


def parse(names: Iterable[str]) -> tuple[Scope, ...]:
    """The scopes of these names, each once, in the order of the list. `Refused` names the first that there is not."""
    wanted = set(names)
    unknown = sorted(wanted - set(Scope))
    if unknown:
        raise Refused(f'there is no scope "{unknown[0]}": choose from {", ".join(Scope)}')
    if not wanted:
        raise Refused(f"a token needs a scope: choose from {', '.join(Scope)}")
    return tuple(scope for scope in Scope if scope in wanted)


def allows(held: Collection[str], needed: Scope, *, reading: bool) -> bool:
    """May somebody with the scopes `held` do what needs `needed`? For reading, `read` does for most areas."""
    if Scope.ADMIN in held or needed in held:
        return True
    return reading and Scope.READ in held and needed not in _NOT_BY_READ


def covers(held: Collection[str], wanted: Iterable[str]) -> bool:
    """May somebody with the scopes `held` give all of `wanted` away?"""
    return all(allows(held, Scope(scope), reading=False) for scope in wanted)
