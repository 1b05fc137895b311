"""How do several monitors stand together? Worst of all, any of them, a number of them, or a share by weight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from signalbox.checks.base import DerivedCheck, Member, Outcome
from signalbox.signals import Reason, Verdict
from signalbox.slugs import PATTERN

Id = Annotated[str, Field(pattern=PATTERN)]
Rule = Literal["worst", "any", "count", "share"]
_SHOWN = 5  # names in a message
_RANK = {Verdict.UP: 0, Verdict.DEGRADED: 1, Verdict.DOWN: 2}


class GroupCheck(DerivedCheck):
    """Several monitors together. Members that are unknown do not count; where they could decide, it is unknown."""

    examples = (
        {"kind": "group", "members": ["web", "api"]},
        {"kind": "group", "members": ["node-1", "node-2", "node-3"], "rule": "count", "down_below": 2},
        {
            "kind": "group", "members": ["big", "small"], "rule": "share", "weights": {"big": 3},
            "degraded_below": 100, "down_below": 50,
        },
    )  # fmt: skip

    kind: Literal["group"] = "group"
    members: tuple[Id, ...] = Field(min_length=1, max_length=1_000, description="Ids of the monitors it consists of.")
    rule: Rule = Field(
        "worst",
        description="worst: as bad as its worst member; any: as good as its best; count: by how many are not down; "
        "share: by what part of the weight is not down.",
    )
    weights: dict[Id, Annotated[float, Field(gt=0, le=1_000_000)]] = Field(
        {}, description="For share: how much a member weighs; 1 where it is not written."
    )
    down_below: float | None = Field(
        None, gt=0, description="For count: down with fewer members than this; for share: below this many percent."
    )
    degraded_below: float | None = Field(
        None, gt=0, description="For count: degraded with fewer members than this; for share: below this many percent."
    )

    @model_validator(mode="after")
    def _fits(self) -> GroupCheck:
        if len(set(self.members)) < len(self.members):
            raise ValueError("members: one is named twice")
        counted = self.rule in ("count", "share")
        if counted and self.down_below is None:
            raise ValueError(f"rule: {self.rule}  needs  down_below:")
        if not counted and (self.down_below is not None or self.degraded_below is not None):
            raise ValueError(f"rule: {self.rule}  takes neither down_below nor degraded_below")
        most = len(self.members) if self.rule == "count" else 100
        limits = [limit for limit in (self.down_below, self.degraded_below) if limit is not None]
        if any(limit > most for limit in limits):
            raise ValueError(f"down_below and degraded_below are at most {most} here")
        if len(limits) == 2 and limits[0] > limits[1]:
            raise ValueError("down_below is at most degraded_below")
        if self.weights and self.rule != "share":
            raise ValueError("weights are for  rule: share")
        if strangers := sorted(set(self.weights) - set(self.members)):
            raise ValueError(f'weights: "{strangers[0]}" is no member')
        return self

    @property
    def follows(self) -> tuple[str, ...]:
        """Its members."""
        return self.members

    @property
    def target(self) -> str:
        """`group:` and how many there are."""
        return f"group:{self.rule} of {len(self.members)}"

    def answer(self, members: Mapping[str, Member]) -> Outcome:
        """What the members that we know of mean together."""
        known = [(id_, members[id_]) for id_ in self.members if id_ in members]
        seen = [member for _, member in known if member.verdict is not Verdict.UNKNOWN]
        if not seen:
            return Outcome(Verdict.UNKNOWN, Reason.MISSED, "none of its members is known to be up or down")
        if self.down_below is None:
            pick = max if self.rule == "worst" else min
            verdict = pick((member.verdict for member in seen), key=_RANK.__getitem__)
        else:
            worst, best = self._standing(known, Verdict.DOWN), self._standing(known, Verdict.UP)
            verdict = worst if worst is best else Verdict.UNKNOWN if worst is Verdict.DOWN else best
        return _outcome(verdict, [member for _, member in known])

    def _standing(self, known: Iterable[tuple[str, Member]], unknown: Verdict) -> Verdict:
        """Count or share, if every unknown member were that."""
        whole = there = 0.0
        for id_, member in known:
            weight = self.weights.get(id_, 1.0)
            verdict = unknown if member.verdict is Verdict.UNKNOWN else member.verdict
            whole += weight
            there += weight if verdict is not Verdict.DOWN else 0.0
        reached = there if self.rule == "count" else 100 * there / whole
        assert self.down_below is not None
        if reached < self.down_below:
            return Verdict.DOWN
        return Verdict.DEGRADED if self.degraded_below is not None and reached < self.degraded_below else Verdict.UP


def _outcome(verdict: Verdict, members: list[Member]) -> Outcome:
    down = [member.name for member in members if member.verdict is Verdict.DOWN]
    worse = down or [member.name for member in members if member.verdict is Verdict.DEGRADED]
    unknown = sum(member.verdict is Verdict.UNKNOWN for member in members)
    if verdict is Verdict.UNKNOWN:
        return Outcome(verdict, Reason.MISSED, f"{unknown} of {len(members)} members are unknown, and could decide")
    if verdict is Verdict.UP:
        return Outcome(verdict, Reason.OK, _words(down, len(members)) if down else "", available=True)
    words = _words(worse, len(members), "down" if down else "degraded")
    return Outcome(verdict, Reason.ASSERTION, words, available=verdict is Verdict.DEGRADED)


def _words(names: list[str], count: int, state: str = "down") -> str:
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return f"{len(names)} of {count} members {'is' if len(names) == 1 else 'are'} {state}: {shown}"
