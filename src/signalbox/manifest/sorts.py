"""What sorts of things may stand in a manifest, and where is each kept? The list that reading and applying share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel
from sqlalchemy.orm import Session

from signalbox.db.configured import ConfiguredRow
from signalbox.incidents.models import TemplateRow
from signalbox.incidents.specs import IncidentTemplateSpec
from signalbox.maintenance.models import MaintenanceRow
from signalbox.maintenance.service import keep_versions
from signalbox.maintenance.specs import MaintenanceSpec
from signalbox.monitors.models import MonitorRow
from signalbox.monitors.service import columns as monitor_columns
from signalbox.monitors.specs import MonitorSpec
from signalbox.notifications.models import ChannelRow, RouteRow
from signalbox.notifications.routes import RouteSpec
from signalbox.notifications.specs import AnyChannel, masked_document
from signalbox.pages.models import PageRow
from signalbox.pages.service import columns as page_columns
from signalbox.pages.specs import PageSpec


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of thing: its key in the manifest, its word, the models that read it, the table that keeps it."""

    name: str
    word: str
    models: tuple[type[BaseModel], ...]  # one a kind where there are several
    row: type[ConfiguredRow]
    columns: Callable[[Any], Mapping[str, Any]]  # the row's own, in the clear
    named_by: tuple[str, ...] = ()  # keys that an id is made of when none is written
    masked: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict  # beyond what the audit log masks by itself

    keep: Callable[[Session, Sequence[str], int], None] | None = None  # what to do before these keys change

    def id_of(self, spec: Any) -> str:
        """The id that a spec is known by."""
        return str(spec.slug if isinstance(spec, PageSpec) else spec.id)


def _channel(spec: Any) -> Mapping[str, Any]:
    return {"id": spec.id, "name": spec.name, "kind": spec.kind}


def _titled(spec: Any) -> Mapping[str, Any]:
    return {"id": spec.id, "title": spec.title}


def _template(spec: Any) -> Mapping[str, Any]:
    return {"id": spec.id, "when": spec.when.value, "automatic": spec.automatic}


def _plain(spec: Any) -> Mapping[str, Any]:
    return {"id": spec.id}


MONITORS = Sort("monitors", "monitor", (MonitorSpec,), MonitorRow, monitor_columns)
PAGES = Sort("pages", "page", (PageSpec,), PageRow, page_columns)
OTHERS = (
    Sort("channels", "channel", get_args(AnyChannel), ChannelRow, _channel, ("name", "kind"), masked_document),
    Sort("routes", "route", (RouteSpec,), RouteRow, _plain, ("to",)),
    Sort("maintenance", "maintenance", (MaintenanceSpec,), MaintenanceRow, _titled, ("title",), keep=keep_versions),
    Sort("templates", "template", (IncidentTemplateSpec,), TemplateRow, _template, ("title",)),
)
ALL = (MONITORS, PAGES, *OTHERS)
