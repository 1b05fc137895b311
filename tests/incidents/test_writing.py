"""What people do with incidents: each verb and what it refuses, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from signalbox.audit import AuditRow
from signalbox.clock import iso
from signalbox.db.installation import changes
from signalbox.errors import Conflict, NotFound, Refused
from signalbox.incidents import service, writing
from signalbox.incidents.models import EditRow, IncidentRow, UpdateRow
from signalbox.incidents.service import Incident
from signalbox.incidents.specs import Affected, EditSpec, PostmortemSpec, Status, UpdateEditSpec
from tests.incidents.hostile import HOSTILE
from tests.incidents.reading import read
from tests.incidents.scene import BY, MINUTE, NOW, Scene, said

LATER = NOW + 10 * MINUTE


def edit(scene: Scene, public: str, *, now: int = LATER, **spec: Any) -> Incident:
    with scene.database.begin() as session:
        return writing.edit(session, public, EditSpec.model_validate(spec), by=BY, now=now, pages=["main"])


def edit_update(scene: Scene, public: str, number: int, *, now: int = LATER, **spec: Any) -> Incident:
    with scene.database.begin() as session:
        return writing.edit_update(session, public, number, UpdateEditSpec.model_validate(spec), by=BY, now=now)


def publish(scene: Scene, public: str, *, now: int = LATER) -> Incident:
    with scene.database.begin() as session:
        return writing.publish(session, public, by=BY, now=now)


def learn(scene: Scene, public: str, body: str, *, now: int = LATER) -> Incident:
    with scene.database.begin() as session:
        return writing.write_postmortem(session, public, PostmortemSpec(body=body), by=BY, now=now)


def active(scene: Scene) -> list[str]:
    with scene.database.read() as session:
        return [one.public for one in service.active(session)]


def test_an_incident_is_opened_updated_and_resolved(scene: Scene) -> None:
    one = scene.open(impact="major", body="We **look**.", monitors={"api": "major", "web": "degraded"})
    assert (one.status, one.started_at, one.automatic) == (Status.INVESTIGATING, NOW, False)
    assert one.monitors == {"api": Affected.MAJOR, "web": Affected.DEGRADED}
    assert one.updates[0].html == "<p>We <strong>look</strong>.</p>"
    scene.update(one.public, now=NOW + MINUTE, status="identified", body="Found.", monitors={"web": "operational"})
    assert active(scene) == [one.public]
    done = scene.update(one.public, now=NOW + 2 * MINUTE, resolves=True, body="Done.")
    assert (done.status, done.resolved_at) == (Status.RESOLVED, NOW + 2 * MINUTE)
    assert done.monitors == dict.fromkeys(("api", "web"), Affected.OPERATIONAL)
    assert [update.number for update in done.updates] == [3, 2, 1]
    assert active(scene) == []
    assert scene.audited() == [(BY, "create"), (BY, "update"), (BY, "resolve")]


def test_operators_are_told_of_each_update_in_words_and_on_the_way_of_its_monitors(scene: Scene) -> None:
    one = scene.open(impact="critical", body="We **look**.", monitors={"api": "major"})
    scene.update(one.public, now=NOW + MINUTE, body="Still.", next_update_by=iso(LATER))
    scene.update(one.public, now=NOW + 2 * MINUTE, resolves=True)
    told = scene.told()
    assert [notice.kind for notice in told] == ["incident", "update", "resolved"]
    assert {(notice.thread, notice.severity) for notice in told} == {(f"incident:{one.id}", "down")}
    assert {(notice.monitor, notice.group, tuple(notice.tags)) for notice in told} == {("api", "Core", ("prod",))}
    assert told[0].facts == {
        "title": "Trouble", "body": "We look.", "status": "investigating", "impact": "critical",
        "monitors": {"Api": "major"}, "next_update_by": None,
    }  # fmt: skip
    assert told[1].facts["next_update_by"] == LATER


def test_nobody_is_told_of_what_is_to_be_quiet(scene: Scene) -> None:
    quiet = scene.open(notify=False)
    scene.update(quiet.public, now=NOW + MINUTE, body="Still quiet.")
    scene.open(draft=True)
    loud = scene.open(title="Loud")
    scene.update(loud.public, now=NOW + MINUTE, body="Hush.", notify=False)
    assert [notice.facts["title"] for notice in scene.told()] == ["Loud"]


def test_pages_hear_of_each_change(scene: Scene) -> None:
    def count() -> int:
        with scene.database.read() as session:
            return changes(session)

    before = count()
    public = scene.open().public
    scene.update(public, now=NOW + MINUTE, body="More.")
    edit(scene, public, title="Other")
    assert count() == before + 3


def test_a_draft_is_seen_by_nobody_until_it_is_published(scene: Scene) -> None:
    one = scene.open(draft=True, body="Soon.", monitors={"api": "partial"})
    assert (active(scene), one.monitors) == ([], {"api": Affected.PARTIAL})
    edited = edit_update(scene, one.public, 1, body="Now.", monitors={"web": "major"}, status="identified")
    assert (edited.edits, edited.updates[0].edited_at) == ((), None)
    done = publish(scene, one.public)
    assert (active(scene), done.status, done.updates[0].happened_at) == ([one.public], Status.IDENTIFIED, LATER)
    assert [notice.kind for notice in scene.told()] == ["incident"]
    with pytest.raises(Conflict, match="published already"):
        publish(scene, one.public)


def test_the_draft_of_an_update_changes_nothing_until_it_is_published(scene: Scene) -> None:
    public = scene.open(monitors={"api": "major"}).public
    one = scene.update(public, now=NOW + MINUTE, status="monitoring", monitors={"api": "operational"}, draft=True)
    assert (one.status, one.monitors) == (Status.INVESTIGATING, {"api": Affected.MAJOR})
    with scene.database.read() as session:
        assert len(service.active(session)[0].updates) == 1
    done = edit_update(scene, public, 2, publish=True)
    assert (done.status, done.monitors) == (Status.MONITORING, {"api": Affected.OPERATIONAL})
    assert [notice.kind for notice in scene.told()] == ["incident", "update"]


def test_a_draft_can_be_discarded_and_what_was_published_cannot(scene: Scene) -> None:
    draft, there = scene.open(draft=True).public, scene.open().public
    scene.update(there, now=NOW + MINUTE, body="Perhaps.", draft=True)
    with scene.database.begin() as session:
        writing.discard(session, draft, by=BY)
        writing.discard_update(session, there, 2, by=BY)
    with scene.database.begin() as session:
        with pytest.raises(Conflict, match="resolved, not deleted"):
            writing.discard(session, there, by=BY)
        with pytest.raises(Conflict, match="edited, not deleted"):
            writing.discard_update(session, there, 1, by=BY)
        assert len(session.scalars(select(IncidentRow)).all()) == len(session.scalars(select(UpdateRow)).all()) == 1


def test_what_was_published_is_kept_beside_what_it_became(scene: Scene) -> None:
    public = scene.open(body="Teh disk.").public
    edit(scene, public, title="Worse trouble", impact="critical")
    one = edit_update(scene, public, 1, body="The disk.")
    assert (one.title, one.impact, one.updates[0].body, one.updates[0].edited_at) == (
        "Worse trouble", "critical", "The disk.", LATER,
    )  # fmt: skip
    assert [(kept.number, kept.field, kept.earlier, kept.by) for kept in one.edits] == [
        (None, "title", "Trouble", BY), (1, "body", "Teh disk.", BY)
    ]  # fmt: skip
    with scene.database.read() as session:
        (row,) = session.scalars(select(AuditRow).where(AuditRow.action == "change-update"))
        assert row.before is not None
        assert row.before["body"] == "Teh disk."


def test_an_edit_that_changes_nothing_leaves_no_mark(scene: Scene) -> None:
    public = scene.open(body="Same.").public
    edit(scene, public, title="Trouble")
    edit_update(scene, public, 1, body="Same.")
    one = scene.one()
    assert (one.edited_at, one.updates[0].edited_at) == (None, None)
    with scene.database.read() as session:
        assert session.scalars(select(EditRow)).all() == []


def test_an_update_is_backdated_and_takes_its_place(scene: Scene) -> None:
    public = scene.open(started_at=iso(NOW - 9 * MINUTE)).public
    scene.update(public, now=NOW + 5 * MINUTE, status="identified", body="b")
    scene.update(public, now=NOW + 6 * MINUTE, body="c", happened_at=iso(NOW - 3 * MINUTE))
    one = edit_update(scene, public, 2, happened_at=iso(NOW - 5 * MINUTE))
    assert [update.number for update in one.updates] == [1, 3, 2]
    assert one.updates[2].edited_at == LATER


def test_moving_the_last_update_moves_the_end(scene: Scene) -> None:
    public = scene.open().public
    scene.update(public, now=LATER, resolves=True)
    one = edit_update(scene, public, 2, happened_at=iso(NOW + MINUTE))
    assert one.resolved_at == NOW + MINUTE
    assert said(one)[0][0] == "resolved"


def test_a_postmortem_comes_after_the_end_and_keeps_its_earlier_text(scene: Scene) -> None:
    public = scene.open().public
    with pytest.raises(Conflict, match="not resolved yet"):
        learn(scene, public, "Too soon.")
    scene.update(public, now=NOW + MINUTE, resolves=True)
    learn(scene, public, "It was *us*.")
    one = learn(scene, public, "It was **us**.")
    assert one.postmortem_html == "<p>It was <strong>us</strong>.</p>"
    assert [(kept.field, kept.earlier) for kept in one.edits] == [("postmortem", "It was *us*.")]
    assert one.postmortem_at == LATER


def test_a_template_speaks_of_the_monitors_that_are_named(scene: Scene) -> None:
    scene.templates(
        {"id": "down", "title": "{monitor} is away", "body": "{monitor} of {group} since {since}."},
        {"id": "back", "title": "-", "body": "{monitor} is back after {duration}.", "when": "resolved"},
    )
    one = scene.open(title=None, template="down", monitors={"api": "major", "web": "major"})
    assert (one.title, said(one)) == (
        "Api and Web is away", [("investigating", "Api and Web of Core since 08:00 UTC.")],
    )  # fmt: skip
    done = scene.update(one.public, now=NOW + 90 * MINUTE, resolves=True, template="back")
    assert said(done)[0] == ("resolved", "Api and Web is back after 1h30m.")
    with pytest.raises(NotFound, match="there are down, back"):
        scene.open(template="dwon")


REFUSED: dict[str, tuple[Callable[[Scene, str], object], type[Exception], str]] = {
    "an unknown incident": (lambda scene, _: scene.update("ffff", now=NOW, body="x"), NotFound, "incident list"),
    "an unknown monitor": (
        lambda scene, at: scene.update(at, now=NOW, monitors={"apy": "major"}), Refused, "apy: .*monitor list",
    ),
    "an unknown page": (lambda scene, at: scene.open(pages=["mian"]), Refused, "no page mian; there are main"),
    "an unknown update": (lambda scene, at: edit_update(scene, at, 9, body="x"), NotFound, "no update 9"),
    "a beginning to come": (lambda scene, _: scene.open(started_at=iso(LATER)), Refused, "started_at: .*to come"),
    "an update to come": (
        lambda scene, at: scene.update(at, now=NOW, body="x", happened_at=iso(LATER)), Refused, "_at: .*to come",
    ),
    "an update before the beginning": (
        lambda scene, at: scene.update(at, now=NOW, body="x", happened_at=iso(NOW - 1)), Refused, "before the incident",
    ),
    "a beginning after the first update": (
        lambda scene, at: edit(scene, at, started_at=iso(NOW + 1)), Refused, "something is said of it earlier",
    ),
    "a promise of what is over": (
        lambda scene, at: scene.update(at, now=NOW, next_update_by=iso(NOW)), Refused, "write a later moment",
    ),
    "nothing at all": (lambda scene, at: scene.update(at, now=NOW), Refused, "it says nothing"),
    "the status of what is published": (
        lambda scene, at: edit_update(scene, at, 1, status="identified"), Conflict, r"in a further update \(status\)",
    ),
    "no title": (lambda scene, _: scene.open(title=None), ValidationError, "write a title, or name a template"),
    "an empty title": (lambda scene, at: edit(scene, at, title=" \n "), ValidationError, "write what it is called"),
    "too long a text": (lambda scene, at: scene.open(body="x" * 20_001), ValidationError, "longer than 20,000"),
    "a time without its offset": (
        lambda scene, _: scene.open(started_at="2026-11-24T14:30:00"), ValidationError, "with its offset",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_nobody_means_is_refused_with_what_to_do(scene: Scene, name: str) -> None:
    public = scene.open(body="There.").public
    verb, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        verb(scene, public)
    assert said(scene.one()) == [("investigating", "There.")]


def test_nothing_more_is_said_of_what_is_resolved(scene: Scene) -> None:
    public = scene.open().public
    scene.update(public, now=NOW + MINUTE, resolves=True)
    for resolves in (False, True):
        with pytest.raises(Conflict, match="write a postmortem, or edit"):
            scene.update(public, now=LATER, resolves=resolves, body="x")
    with pytest.raises(Refused, match="after the incident ended"):
        edit_update(scene, public, 1, happened_at=iso(NOW + 2 * MINUTE))


def test_pages_of_a_list_join_without_gap_or_double(scene: Scene) -> None:
    made = [scene.open(now=NOW + number // 2 * MINUTE, title=str(number)).public for number in range(7)]
    found: list[str] = []
    before = None
    while True:
        with scene.database.read() as session:
            part = service.listing(session, before=before, limit=2)
        if not part:
            break
        found += [one.public for one in part]
        before = (part[-1].started_at, part[-1].id)
    assert found == made[::-1]


def test_recent_are_those_that_are_open_or_were_lately(scene: Scene) -> None:
    old, new, going = (scene.open(title=title).public for title in ("old", "new", "going"))
    scene.update(old, now=NOW + MINUTE, resolves=True)
    scene.update(new, now=LATER, resolves=True)
    scene.open(title="draft", draft=True)
    with scene.database.read() as session:
        assert {one.public for one in service.recent(session, NOW + 2 * MINUTE)} == {new, going}


def test_hostile_texts_are_inert_wherever_an_incident_shows_them(scene: Scene) -> None:
    public = scene.open(started_at=iso(NOW - MINUTE)).public
    payloads = [text for text in HOSTILE.values() if "\ud800" not in text]
    for text in payloads:
        scene.update(public, now=NOW, body=f"x{text}")
        edit(scene, public, title=f"x{text}"[:200])
    scene.update(public, now=NOW + MINUTE, resolves=True)
    one = learn(scene, public, "\n\n".join(payloads))
    assert all(read(update.html).wrong == [] for update in one.updates)
    assert read(one.postmortem_html or "").wrong == []
    assert "\n" not in one.title
