"""Uptime, receipts, spells and annotations, from both databases."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signalbox.audit import AuditRow
from signalbox.clock import MICROS
from signalbox.db import Database
from signalbox.db.installation import changes
from signalbox.errors import Conflict, NotFound, Refused
from signalbox.ledger import LedgerRow
from signalbox.maintenance import service as maintenance
from signalbox.maintenance.specs import MaintenanceSpec
from signalbox.monitors import editing
from signalbox.monitors.models import SpellRow
from signalbox.monitors.specs import MonitorSpec
from signalbox.uptime import service
from signalbox.uptime.annotations import annotate, annotate_spell, listing, withdraw
from signalbox.uptime.days import day, days
from signalbox.uptime.percent import Sums
from signalbox.uptime.pieces import Saying

HOUR = 3_600 * MICROS
START, END = day("UTC", date(2024, 11, 23))


def watch(session: Session, *ids: str, **more: object) -> None:
    """Monitors with these ids; their keys are the same."""
    for id_ in ids:
        spec = MonitorSpec.model_validate(
            {"id": id_, "name": id_.title(), "check": {"kind": "http", "url": f"http://{id_}.example"}, **more}
        )
        assert editing.create(session, spec, by="test", now=START - HOUR).key == id_


def judge(session: Session, monitor: str, *spells: tuple[float, float | None, str], paused: bool = False) -> list[int]:
    """Spells by hours of the day. Their ids."""
    rows = [
        SpellRow(
            monitor=monitor, verdict=verdict, reason="ok" if verdict == "up" else "connect", message="",
            start=START + round(start * HOUR), end=None if end is None else START + round(end * HOUR),
            confirmed=START, trouble=None, flapping=False, paused=paused,
        )
        for start, end, verdict in spells
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def test_the_uptime_of_many_is_read_together(database: Database) -> None:
    ids = [f"m{number}" for number in range(1_200)]
    with database.begin() as session:
        watch(session, "api", "docs", "new")
        judge(session, "api", (-5, 6, "up"), (6, 7, "down"), (7, None, "up"))
        judge(session, "docs", (12, 13, "up"), (13, 16, "unknown"), (16, None, "degraded"))
        judge(session, "new", (30, None, "up"))  # after the window
        for id_ in ids[::100]:
            judge(session, id_, (0, None, "up"))
    with database.read() as session:
        known = [service.Who(id_, id_, id_, None, ()) for id_ in ids]
        found = service.uptime(session, [*service.watched(session), *known], START, END, END)
    assert found["api"].sums == Sums(up=23 * HOUR, down=HOUR)
    assert found["api"].text == "95.83"
    assert found["docs"].sums == Sums(up=HOUR, unknown=3 * HOUR, degraded=8 * HOUR, not_expected=12 * HOUR)
    assert (found["docs"].text, found["docs"].coverage_text) == ("100.00", "75.00")
    assert found["new"].text == "—"
    assert [found[id_].text for id_ in ids[:101]] == ["100.00", *["—"] * 99, "100.00"]
    assert len(found) == 1_203


def test_announced_work_is_left_out_of_what_it_touches(database: Database) -> None:
    with database.begin() as session:
        watch(session, "api", group="Backend")
        watch(session, "docs")
        for id_ in ("api", "docs"):
            judge(session, id_, (0, 6, "up"), (6, 8, "down"), (8, None, "up"))
        spec = MaintenanceSpec.model_validate(
            {"title": "New disks", "start": "2024-11-23 06:30", "for": "1h", "groups": ["Backend"]}
        )
        maintenance.schedule(session, spec, by="test", now=START)
    with database.read() as session:
        api, docs = service.watched(session, ["api", "docs"])
        found = service.uptime(session, [api, docs], START, END, END)
        receipt = service.receipt(session, api, START, END, END)
    assert found["api"].sums == Sums(up=22 * HOUR, down=HOUR, maintenance=HOUR)
    assert found["docs"].sums == Sums(up=22 * HOUR, down=2 * HOUR)
    assert receipt.uptime == found["api"]
    assert [(piece.counted, piece.why) for piece in receipt.pieces] == [
        ("up", ""), ("down", ""), ("maintenance", "announced: New disks"), ("down", ""), ("up", ""),
    ]  # fmt: skip


def test_bars_of_days_add_up_to_the_window(database: Database) -> None:
    with database.begin() as session:
        watch(session, "api")
        judge(session, "api", (-50, -20, "up"), (-20, 5, "down"), (5, None, "up"))
    edges = days("Europe/Budapest", date(2024, 11, 20), 5)
    with database.read() as session:
        (api,) = service.watched(session)
        bars = service.sums(session, [api], edges, END)["api"]
        whole = service.uptime(session, [api], edges[0], edges[-1], END)["api"]
    assert [bar.window for bar in bars] == [end - start for start, end in pairwise(edges)]
    together = Sums()
    for bar in bars:
        together = together.plus(bar)
    assert together == whole.sums


def test_an_annotation_changes_the_sum_and_not_the_record(database: Database) -> None:
    with database.begin() as session:
        watch(session, "api")
        _, down, _ = judge(session, "api", (0, 6, "up"), (6, 8, "down"), (8, None, "up"))
        before = changes(session)
        said = annotate_spell(session, down, "false-positive", by="cli:ann", now=END, note="our proxy", monitor="api")
        assert (said.start, said.end) == (START + 6 * HOUR, START + 8 * HOUR)
        assert changes(session) > before
    with database.read() as session:
        (api,) = service.watched(session)
        assert service.uptime(session, [api], START, END, END)["api"].text == "100.00"
        assert [row.verdict for row in service.spells(session, "api")] == ["up", "down", "up"]
    with database.begin() as session:
        withdraw(session, said.id, by="cli:bob", now=END)
        with pytest.raises(Conflict, match="already"):
            withdraw(session, said.id, by="cli:bob", now=END)
    with database.read() as session:
        assert service.uptime(session, [api], START, END, END)["api"].text == "91.66"
        assert listing(session) == []
        (kept,) = listing(session, monitor="api", withdrawn=True)
        assert (kept.by, kept.note, kept.withdrawn_at) == ("cli:ann", "our proxy", END)
        audited = session.execute(
            select(AuditRow.actor, AuditRow.action, AuditRow.subject).where(AuditRow.kind == "annotation")
        )
        assert [tuple(row) for row in audited] == [
            ("cli:ann", "create", str(said.id)), ("cli:bob", "withdraw", str(said.id)),
        ]  # fmt: skip


def test_of_overlapping_annotations_the_last_made_counts(database: Database) -> None:
    with database.begin() as session:
        watch(session, "api")
        judge(session, "api", (0, None, "down"))
        for what, start, end in ((Saying.OUR_SIDE, 0, 12), (Saying.MAINTENANCE, 6, 18)):
            annotate(session, "api", what, START + start * HOUR, START + end * HOUR, by="test", now=END)
    with database.read() as session:
        (api,) = service.watched(session)
        assert service.uptime(session, [api], START, END, END)["api"].sums == Sums(
            unknown=6 * HOUR, maintenance=12 * HOUR, down=6 * HOUR
        )


def test_a_spell_that_goes_on_is_annotated_as_far_as_it_has_come(database: Database) -> None:
    with database.begin() as session:
        watch(session, "api")
        (down,) = judge(session, "api", (0, None, "down"))
        annotate_spell(session, down, "our-side", by="test", now=START + HOUR)
    with database.read() as session:
        (api,) = service.watched(session)
        assert service.uptime(session, [api], START, END, START + 3 * HOUR)["api"].sums == Sums(
            unknown=HOUR, down=2 * HOUR, not_expected=21 * HOUR
        )


def test_odd_annotations_are_refused_and_leave_nothing(database: Database) -> None:
    with database.begin() as session:
        watch(session, "api", "docs")
        (spell,) = judge(session, "api", (0, 1, "down"))
        for what, start, end, note, words in (
            ("fine", START, END, "", "choose from maintenance, false-positive, our-side"),
            ("our-side", END, START, "", "later end"),
            ("our-side", START, END + 1, "", "about the past"),
            ("our-side", START, END, "x" * 2_001, "2000 characters"),
        ):
            with pytest.raises(Refused, match=words):
                annotate(session, "api", what, start, end, by="test", now=END, note=note)
        with pytest.raises(NotFound, match="nobody"):
            annotate(session, "nobody", "our-side", START, END, by="test", now=END)
        with pytest.raises(NotFound, match="spell"):
            annotate_spell(session, spell, "our-side", by="test", now=END, monitor="docs")
        with pytest.raises(NotFound, match="annotation 9"):
            withdraw(session, 9, by="test", now=END)
        assert session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.kind == "annotation")) == 0


def test_spells_come_in_pages_the_newest_first(database: Database) -> None:
    with database.begin() as session:
        ids = judge(session, "api", *[(number // 2, number // 2 + 1, "up") for number in range(11)])
    seen: list[int] = []
    before = None
    with database.read() as session:
        while found := service.spells(session, "api", before, 4):
            seen += [row.id for row in found]
            before = found[-1].start, found[-1].id
    assert seen == ids[::-1]


def test_an_archived_monitor_keeps_its_uptime_under_its_id(database: Database) -> None:
    with database.begin() as session:
        watch(session, "api")
        judge(session, "api", (0, 12, "up"))
        editing.archive(session, "api", by="test", now=END)
    with database.begin() as session:
        assert service.watched(session) == []
        (api,) = service.watched(session, ["api"])
        assert service.uptime(session, [api], START, END, END)["api"].sums.not_expected == 12 * HOUR
        with pytest.raises(NotFound, match="nobody"):
            service.watched(session, ["api", "nobody"])
        spec = MonitorSpec.model_validate(
            {"id": "api", "name": "Api", "check": {"kind": "http", "url": "http://a.example"}}
        )
        again = editing.create(session, spec, by="test", now=END)
        (api,) = service.watched(session, ["api"])
        assert api.key == again.key


def test_a_window_that_ends_before_it_begins_is_refused(database: Database) -> None:
    with database.read() as session, pytest.raises(Refused, match="later end"):
        service.uptime(session, [], END, START, END)


def test_while_nobody_watches_what_went_on_is_no_data(database: Database) -> None:
    with database.begin() as session:
        watch(session, "api", "docs", every="1m")
        judge(session, "api", (0, None, "up"))
        judge(session, "docs", (0, None, "unknown"), paused=True)
        assert service.silent_since(session, END) is None  # nobody ever asked: there is nothing to say
        session.add(
            LedgerRow(moment=START + 6 * HOUR, location="local", part=0, due=2, settled=2, revision=1, missed=0)
        )
    with database.read() as session:
        assert service.silent_since(session, START + 6 * HOUR + 3 * 60 * MICROS) is None
        silent = service.silent_since(session, END)
        assert silent == START + 6 * HOUR
        watched = service.watched(session)
        found = service.uptime(session, watched, START, END, END, silent=silent)
        (_, unseen) = service.receipt(session, watched[0], START, END, END, silent=silent).pieces
    assert found["api"].sums == Sums(up=6 * HOUR, unknown=18 * HOUR)
    assert found["docs"].sums == Sums(paused=24 * HOUR)
    assert unseen.spell is not None
    assert (unseen.spell.reason, unseen.spell.message) == ("missed", "nobody has asked since")
