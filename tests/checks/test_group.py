"""A group stands as its members do: by its rule, never down for what is only unknown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from signalbox.checks.base import Member
from signalbox.checks.group import GroupCheck
from signalbox.signals import Reason, Verdict

_SIGNS = {"u": Verdict.UP, "g": Verdict.DEGRADED, "d": Verdict.DOWN, "?": Verdict.UNKNOWN}
_NAMES = {verdict: sign for sign, verdict in _SIGNS.items()}


def stands(signs: str, **options: Any) -> str:
    """How a group stands whose members are: u up, g degraded, d down, ? unknown, - gone."""
    ids = [f"m{number}" for number in range(len(signs))]
    check = GroupCheck.model_validate({"kind": "group", "members": ids, **options})
    members = {id_: Member(id_.upper(), _SIGNS[sign]) for id_, sign in zip(ids, signs, strict=True) if sign != "-"}
    return _NAMES[check.answer(members).verdict]


@pytest.mark.parametrize(
    ("signs", "worst", "any_"),
    [
        ("uuu", "u", "u"), ("uud", "d", "u"), ("ugu", "g", "u"), ("gdg", "d", "g"), ("ddd", "d", "d"),
        ("u?u", "u", "u"), ("?d?", "d", "d"), ("???", "?", "?"), ("--", "?", "?"), ("u-d", "d", "u"),
    ],
)  # fmt: skip
def test_worst_and_any(signs: str, worst: str, any_: str) -> None:
    assert stands(signs) == worst
    assert stands(signs, rule="any") == any_


@pytest.mark.parametrize(
    ("signs", "stands_"),
    [("uuu", "u"), ("uud", "g"), ("udd", "d"), ("ugd", "g"), ("u?d", "?"), ("uu?", "u"), ("u??", "?"), ("d?d", "d")],
)
def test_a_number_of_them(signs: str, stands_: str) -> None:
    assert stands(signs, rule="count", down_below=2, degraded_below=3) == stands_


@pytest.mark.parametrize(
    ("signs", "stands_"), [("uu", "u"), ("ud", "g"), ("du", "d"), ("dd", "d"), ("?u", "?"), ("u?", "u")]
)
def test_a_share_by_weight(signs: str, stands_: str) -> None:
    limits = {"down_below": 50, "degraded_below": 100}
    assert stands(signs, rule="share", weights={"m0": 3}, **limits) == stands_


@given(st.text("ugd?-", min_size=1, max_size=8), st.integers(1, 8))
def test_what_is_unknown_never_makes_it_down(signs: str, least: int) -> None:
    """Were every unknown member up, a group that is down would be down all the same."""
    options = {"rule": "count", "down_below": min(least, len(signs))}
    if stands(signs, **options) == "d":
        assert stands(signs.replace("?", "u"), **options) == "d"


def test_it_says_who() -> None:
    check = GroupCheck.model_validate({"kind": "group", "members": ["a", "b"]})
    outcome = check.answer({"a": Member("Shop", Verdict.DOWN), "b": Member("API", Verdict.UP)})
    assert (outcome.reason, outcome.message) == (Reason.ASSERTION, "1 of 2 members is down: Shop")
    assert check.target == "group:worst of 2"
    assert check.local


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"members": []}, "at least 1 item"),
        ({"members": ["a", "a"]}, "named twice"),
        ({"members": ["A B"]}, "match pattern"),
        ({"members": ["a"], "rule": "count"}, "needs  down_below"),
        ({"members": ["a"], "down_below": 1}, "takes neither"),
        ({"members": ["a"], "rule": "count", "down_below": 2}, "at most 1"),
        ({"members": ["a"], "rule": "share", "down_below": 101}, "at most 100"),
        ({"members": ["a", "b"], "rule": "count", "down_below": 2, "degraded_below": 1}, "at most degraded_below"),
        ({"members": ["a"], "weights": {"a": 2}}, "rule: share"),
        ({"members": ["a"], "rule": "share", "down_below": 1, "weights": {"b": 2}}, "no member"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        GroupCheck.model_validate({"kind": "group", **options})
