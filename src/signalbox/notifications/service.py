"""Which routes and channels are there? Verbs that take a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox.db.vault import Vault
from signalbox.notifications.models import ChannelRow, RouteRow
from signalbox.notifications.routes import RouteSpec

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Directory:
    """All that decides who is told: routes in their order, and keys of channels by id."""

    routes: tuple[RouteSpec, ...]
    channels: Mapping[str, str]

    @property
    def asks_for_monitors(self) -> bool:
        """Does any route choose by the ids of monitors?"""
        return any(route.match.monitors for route in self.routes)


def directory(session: Session) -> Directory:
    """Routes and channels that are not archived."""
    channels = select(ChannelRow.id, ChannelRow.key).where(ChannelRow.archived_at.is_(None))
    ordered = channels.order_by(ChannelRow.position, ChannelRow.key)
    return Directory(tuple(active_routes(session)), {row.id: row.key for row in session.execute(ordered)})


def active_routes(session: Session) -> list[RouteSpec]:
    """All routes that are not archived, in their order. One that cannot be read is logged and left out."""
    vault = Vault.of(session)
    query = select(RouteRow.key, RouteRow.spec).where(RouteRow.archived_at.is_(None))
    found = []
    for row in session.execute(query.order_by(RouteRow.position, RouteRow.key)):
        try:
            found.append(RouteSpec.model_validate_json(vault.open(row.spec)))
        except ValidationError as error:
            places = [".".join(map(str, part["loc"])) for part in error.errors(include_input=False)]
            log.error("route.unreadable", key=row.key, wrong=places)
    return found


def route_columns(spec: RouteSpec) -> Mapping[str, Any]:
    """What a route's row says in the clear, for queries."""
    return {"id": spec.id}
