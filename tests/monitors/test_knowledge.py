"""What we know ourselves: how members of a group stand."""

from __future__ import annotations

from signalbox.checks.base import Member
from signalbox.db import Database
from signalbox.monitors import editing
from signalbox.monitors.knowledge import Knowledge
from signalbox.signals import Verdict
from tests.pipeline.stage import Stage


async def test_members_stand_as_they_were_confirmed(database: Database) -> None:
    stage = Stage(database, [{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "d"}])
    stage.see(a="uu", b="ddd", c="uud")
    members = await Knowledge(database).members(["a", "b", "c", "d", "nobody"])
    assert members == {
        "a": Member("A", Verdict.UP),
        "b": Member("B", Verdict.DOWN),
        "c": Member("C", Verdict.UP),  # once is not confirmed
        "d": Member("D", Verdict.UNKNOWN),
    }


async def test_a_member_that_is_paused_is_unknown(database: Database) -> None:
    stage = Stage(database, [{"id": "a"}])
    stage.see(a="ddd")
    with database.begin() as session:
        editing.pause(session, "a", by="cli:test", now=stage.now)
    stage.sweep()
    assert (await Knowledge(database).members(["a"]))["a"].verdict is Verdict.UNKNOWN
