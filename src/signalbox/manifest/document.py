"""What is this installation to be? The shape of `signalbox.yaml`, read with every mistake found at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as File
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from signalbox.checks import canary
from signalbox.incidents.specs import IncidentTemplateSpec
from signalbox.maintenance.specs import MaintenanceSpec
from signalbox.manifest import references
from signalbox.manifest.entries import listed, spec_of
from signalbox.manifest.expansion import surroundings
from signalbox.manifest.monitors import Monitors
from signalbox.manifest.problems import Path, sort_of, unknown_key
from signalbox.manifest.sorts import OTHERS, Sort
from signalbox.manifest.source import Source, read
from signalbox.monitors.specs import Defaults, MonitorSpec
from signalbox.notifications.routes import RouteSpec
from signalbox.notifications.specs import ChannelSpec
from signalbox.pages.specs import PageSpec
from signalbox.slugs import slug

MAIN_PAGE = PageSpec(slug="main", title="Service status", timezone="UTC")
_COMMAND_LINE = "command line"
_EXTENSION = "x-"  # top-level keys that are the writer's own, for anchors


class Manifest(BaseModel):
    """A manifest that holds: defaults filled in, ids unique. Its order is the order on the page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pages: tuple[PageSpec, ...] = Field((MAIN_PAGE,), description="Status pages; the first is served at /.")
    defaults: Defaults = Field(Defaults(), description="What monitors have that do not say otherwise.")
    monitors: tuple[MonitorSpec, ...] = Field(description="What is watched, in the order of the page.")
    channels: tuple[ChannelSpec, ...] = Field((), description="Where operators are told: mail, webhooks, services.")
    routes: tuple[RouteSpec, ...] = Field(
        (), description="Who hears of what, when; without any, every channel hears everything."
    )
    maintenance: tuple[MaintenanceSpec, ...] = Field((), description="Work announced beforehand.")
    templates: tuple[IncidentTemplateSpec, ...] = Field((), description="Words kept for incidents.")
    canaries: tuple[str, ...] = Field(
        (), description="Addresses such as 1.1.1.1:443 that tell whether our own network works."
    )

    def specs(self, sort: str) -> tuple[Any, ...]:
        """The specs of one sort, by its key here."""
        found: tuple[Any, ...] = getattr(self, sort)
        return found


def load(file: File, environment: Mapping[str, str] | None = None) -> Manifest:
    """Read a manifest file. Raises BadManifest with all that is wrong; ConfigurationError when it cannot be read.

    `environment` is what `${NAME}` refers to; by default this process's, and below it `.env` in the working folder.
    """
    source = read(file, surroundings() if environment is None else environment)
    return _Reader(source).manifest()


def from_urls(urls: Sequence[str]) -> Manifest:
    """The manifest that watches these URLs and says nothing else. Raises BadManifest."""
    source = Source(_COMMAND_LINE, {"monitors": list(urls)}, say=lambda path: f"URL {int(path[1]) + 1}")
    return _Reader(source).manifest()


class _Reader:
    """Turns plain values into a manifest, collecting problems on the way."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def manifest(self) -> Manifest:
        """The manifest, or BadManifest with all problems."""
        data = self._top()
        pages = self._pages(data.get("pages"), "pages" in data)
        defaults = spec_of(self._source, Defaults, data.get("defaults", {}), ("defaults",)) or Defaults()
        found = Monitors(self._source, defaults).read(data.get("monitors", []))
        others = {sort.name: self._others(sort, data.get(sort.name, [])) for sort in OTHERS}
        canaries = self._canaries(data.get("canaries", []))
        for path, text in references.problems([(int(one.path[1]), one.spec) for one in found], pages, others):
            self._source.refuse(path, text)
        if self._source.problems:
            raise self._source.give_up()
        monitors = tuple(one.spec for one in found)
        specs = {name: tuple(spec for _, spec in entries) for name, entries in others.items()}
        return Manifest(pages=pages, defaults=defaults, monitors=monitors, canaries=canaries, **specs)

    def _top(self) -> dict[str, object]:
        data = self._source.data
        if not isinstance(data, dict):
            what = "is empty" if data is None else f"is {sort_of(data)}"
            self._source.refuse((), f"the manifest {what}: write a list of URLs, or `monitors:` and below it a list")
            raise self._source.give_up()
        for name in data:
            if name not in Manifest.model_fields and not name.startswith(_EXTENSION):
                self._source.refuse((name,), unknown_key(name, Manifest.model_fields))
        if "monitors" not in data and not self._source.problems:
            self._source.refuse(
                (), "the manifest has no monitors: write a list of URLs below it, or `monitors: []` for none"
            )
        return data

    def _pages(self, value: object, given: bool) -> tuple[PageSpec, ...]:
        entries = listed(self._source, value, ("pages",)) if given else []
        pages: dict[str, PageSpec] = {}
        for index, entry in enumerate(entries):
            page = spec_of(self._source, PageSpec, entry, ("pages", index))
            if page and page.slug in pages:
                first = list(pages).index(page.slug)
                self._source.refuse(
                    ("pages", index, "slug"), f'pages[{first}] has the slug "{page.slug}" already: choose another'
                )
            elif page:
                pages[page.slug] = page
        return tuple(pages.values()) or (MAIN_PAGE,)

    def _others(self, sort: Sort, value: object) -> list[tuple[int, Any]]:
        """What is written of one sort, each with its index. Double ids are refused."""
        found: dict[str, tuple[int, Any]] = {}
        for index, entry in enumerate(listed(self._source, value, (sort.name,))):
            path: Path = (sort.name, index)
            if not isinstance(entry, dict):
                self._source.refuse(path, f"must be a mapping (`key: value`), not {sort_of(entry)}")
                continue
            model = self._model(sort, entry, path)
            spec: Any = model and spec_of(self._source, model, _with_id(sort, entry, index), path)
            if spec and spec.id in found:
                text = f'{sort.name}[{found[spec.id][0]}] has the id "{spec.id}" already: choose another'
                self._source.refuse((*path, "id"), text)
            elif spec:
                found[spec.id] = (index, spec)
        return list(found.values())

    def _model(self, sort: Sort, entry: Mapping[str, object], path: Path) -> type[BaseModel] | None:
        """The model that reads an entry: of its kind, where there are several."""
        if len(sort.models) == 1:
            return sort.models[0]
        kinds = {model.model_fields["kind"].default: model for model in sort.models}
        if "kind" not in entry:
            self._source.refuse((*path, "kind"), f"is missing: write `kind:` and one of {', '.join(kinds)}")
        elif entry["kind"] not in kinds:
            self._source.refuse((*path, "kind"), f"must be one of: {', '.join(kinds)}")
        return kinds.get(entry.get("kind"))

    def _canaries(self, value: object) -> tuple[str, ...]:
        found = []
        for index, entry in enumerate(listed(self._source, value, ("canaries",))):
            try:
                canary.parse(str(entry))
            except ValueError as error:
                self._source.refuse(("canaries", index), str(error))
            else:
                found.append(str(entry))
        return tuple(found)


def _with_id(sort: Sort, entry: Mapping[str, object], index: int) -> dict[str, object]:
    """An entry as written, with an id made of what it is called by."""
    if "id" in entry:
        return dict(entry)
    texts = [entry[key] for key in sort.named_by if key in entry]
    first: object = texts[0] if texts else ""
    name = "-".join(map(str, first)) if isinstance(first, list) else str(first)
    return {**entry, "id": slug(name) or f"{sort.word}-{index + 1}"}
