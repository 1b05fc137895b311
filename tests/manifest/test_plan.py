"""What applying would change: right for each case, and for any manifest nothing the second time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalbox.db.configured import Known, Origin
from signalbox.errors import ConfigurationError
from signalbox.manifest.plan import Action, Plan, Step, Wanted, compare


def _known(
    id: str, position: int = 0, key: str | None = None, *, archived: int | None = None, spec: Any = None
) -> Known:
    return Known(key or id, id, Origin.MANIFEST, position, archived, spec or {"id": id})


def _wanted(id: str, was: str | None = None, **spec: object) -> Wanted:
    return Wanted(id, {"id": id, **spec}, was)


def _steps(wanted: list[Wanted], known: list[Known]) -> list[tuple[Action, str, str]]:
    return [(step.action, step.key, step.id) for step in compare(wanted, known, "monitor")]


def test_what_is_new_is_created_and_what_is_gone_is_archived() -> None:
    assert _steps([_wanted("new")], [_known("old")]) == [(Action.CREATE, "new", "new"), (Action.ARCHIVE, "old", "old")]


def test_what_differs_is_changed_and_the_plan_says_in_what() -> None:
    (step,) = compare([_wanted("a", every=30)], [_known("a", spec={"id": "a", "every": 60, "group": "G"})], "monitor")
    assert step == Step(Action.CHANGE, "a", "a", 0, "a", ("every", "group"))


def test_another_order_only_moves() -> None:
    known = [_known("a", 0), _known("b", 1), _known("c", 2)]
    assert _steps([_wanted("b"), _wanted("a"), _wanted("c")], known) == [
        (Action.MOVE, "b", "b"), (Action.MOVE, "a", "a"), (Action.KEEP, "c", "c"),
    ]  # fmt: skip


def test_a_rename_keeps_the_key() -> None:
    known = [_known("old", key="first-name")]
    assert _steps([_wanted("new", was="old")], known) == [(Action.RENAME, "first-name", "new")]


def test_a_rename_that_is_done_is_nothing_to_do() -> None:
    assert _steps([_wanted("new", was="old")], [_known("new", key="old")]) == [(Action.KEEP, "old", "new")]


def test_a_new_thing_may_take_the_id_that_a_renamed_one_gave_up() -> None:
    wanted = [_wanted("new", was="old"), _wanted("old")]
    assert _steps(wanted, [_known("old")]) == [(Action.RENAME, "old", "new"), (Action.CREATE, "old-2", "old")]
    after = [_known("new", 0, "old"), _known("old", 1, "old-2")]
    assert _steps(wanted, after) == [(Action.KEEP, "old", "new"), (Action.KEEP, "old-2", "old")]


def test_ids_may_be_handed_on_in_a_row() -> None:
    wanted = [_wanted("b", was="a"), _wanted("c", was="b")]
    assert _steps(wanted, [_known("a"), _known("b")]) == [(Action.RENAME, "a", "b"), (Action.RENAME, "b", "c")]
    after = [_known("b", 0, "a"), _known("c", 1, "b")]
    assert _steps(wanted, after) == [(Action.KEEP, "a", "b"), (Action.KEEP, "b", "c")]


def test_a_rename_onto_an_id_that_stays_in_use_is_not_done() -> None:
    known = [_known("a", 1), _known("b", 0)]
    assert _steps([_wanted("b", was="a")], known) == [(Action.KEEP, "b", "b"), (Action.ARCHIVE, "a", "a")]


def test_what_returns_is_restored_with_its_key() -> None:
    known = [_known("a", key="a", archived=5), _known("a", key="a-2", archived=9)]
    assert _steps([_wanted("a")], known) == [(Action.RESTORE, "a-2", "a")]


def test_what_was_archived_may_return_under_another_id() -> None:
    assert _steps([_wanted("new", was="old")], [_known("old", archived=5)]) == [(Action.RENAME, "old", "new")]


def test_what_the_api_made_is_left_alone_and_its_id_is_refused() -> None:
    foreign = Known("a", "a", Origin.API, 0, None, {})
    assert _steps([], [foreign]) == []
    with pytest.raises(ConfigurationError, match=r"made through the API.*: a;"):
        compare([_wanted("a")], [foreign], "monitor")
    archived = foreign._replace(archived_at=5)
    assert _steps([_wanted("a")], [archived]) == [(Action.CREATE, "a-2", "a")]


def test_a_plan_says_in_words_what_it_does() -> None:
    plan = Plan(compare([_wanted("a"), _wanted("b")], [_known("b", 1), _known("c")], "monitor"), ())
    assert str(plan) == "monitors: 1 created, 1 archived, 1 unchanged; pages: none"
    assert not plan.empty


IDS = st.sampled_from("abcdef")


@st.composite
def _manifests(draw: st.DrawFn) -> list[Wanted]:
    """Ids that are unique, renames that claim each id once and go in no circle, as the manifest's reader allows."""
    ids = draw(st.lists(IDS, unique=True))
    wanted, claimed = [], set()
    for place, id in enumerate(ids):
        was = draw(st.none() | IDS)
        earlier = {*ids[: place + 1]}  # claims point forward only, so no circle
        if was is None or was in claimed or was in earlier:
            was = None
        else:
            claimed.add(was)
        wanted.append(_wanted(id, was, n=draw(st.integers(0, 1))))
    return wanted


def _applied(steps: tuple[Step, ...], wanted: list[Wanted], known: list[Known], now: int) -> list[Known]:
    """What the database knows after these steps."""
    by_key = {one.key: one for one in known}
    for step in steps:
        if step.place is None:
            by_key[step.key] = by_key[step.key]._replace(archived_at=now)
        else:
            document = wanted[step.place].document
            by_key[step.key] = Known(step.key, step.id, Origin.MANIFEST, step.place, None, document)
    return list(by_key.values())


@settings(deadline=None)  # a busy machine is no mistake
@given(st.lists(_manifests(), min_size=1, max_size=5))
def test_any_manifests_one_after_the_other_are_applied_in_full_and_a_second_time_change_nothing(
    manifests: list[list[Wanted]],
) -> None:
    known: list[Known] = []
    for now, wanted in enumerate(manifests):
        keys = {one.key for one in known}
        known = _applied(compare(wanted, known, "monitor"), wanted, known, now)
        active = sorted((one for one in known if one.archived_at is None), key=lambda one: one.position)
        assert [(one.id, one.spec) for one in active] == [(one.id, one.document) for one in wanted]
        assert keys <= {one.key for one in known}  # nothing is ever lost
        assert all(step.action is Action.KEEP for step in compare(wanted, known, "monitor"))
