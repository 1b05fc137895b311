"""What do we know ourselves, for checks that ask nobody? How members stand, and what was told. Reads in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from sqlalchemy import select

from signalbox.checks.base import Member, Told
from signalbox.db import Database
from signalbox.monitors.models import MonitorRow, StandingRow
from signalbox.signals import Verdict


class Knowledge:
    """`checks.probe.Known`, from the database."""

    def __init__(self, database: Database, told: Callable[[str], Awaitable[Told | None]] | None = None) -> None:
        """`told` knows what was told."""
        self._database, self._told = database, told

    async def told(self, key: str) -> Told | None:
        """The newest that was told for the monitor of that key."""
        return await self._told(key) if self._told is not None else None

    async def members(self, ids: Sequence[str]) -> Mapping[str, Member]:
        """How the monitors of these ids stand; archived ones are left out."""
        return await asyncio.to_thread(self._members, ids)

    def _members(self, ids: Sequence[str]) -> dict[str, Member]:
        verdict = select(MonitorRow.id, MonitorRow.name, StandingRow.verdict, StandingRow.paused).outerjoin(
            StandingRow, StandingRow.monitor == MonitorRow.key
        )
        query = verdict.where(MonitorRow.id.in_(ids), MonitorRow.archived_at.is_(None))
        with self._database.read() as session:
            return {
                row.id: Member(row.name, Verdict(row.verdict) if row.verdict and not row.paused else Verdict.UNKNOWN)
                for row in session.execute(query)
            }
