"""What is this installation to be? The shape of `signalbox.yaml`, read with every mistake found at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signalbox.checks import canary, from_url
from signalbox.incidents.specs import IncidentTemplateSpec
from signalbox.maintenance.specs import MaintenanceSpec
from signalbox.manifest import references
from signalbox.manifest.expansion import surroundings
from signalbox.manifest.problems import Path, sort_of, unknown_key
from signalbox.manifest.sorts import OTHERS, Sort
from signalbox.manifest.source import Source, read
from signalbox.manifest.wording import complaints, kind_has
from signalbox.monitors.specs import Defaults, MonitorSpec
from signalbox.notifications.routes import RouteSpec
from signalbox.notifications.specs import ChannelSpec
from signalbox.pages.specs import PageSpec
from signalbox.slugs import name_of_url, slug

MAIN_PAGE = PageSpec(slug="main", title="Service status", timezone="UTC")
_COMMAND_LINE = "command line"
_PLACEHOLDER = "unnamed"  # for what cannot be told, so that the rest is looked at too
_EXTENSION = "x-"  # top-level keys that are the writer's own, for anchors
_Spec = TypeVar("_Spec", bound=BaseModel)


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


@dataclass(frozen=True, slots=True)
class _Found:
    """A monitor that was read, and where."""

    spec: MonitorSpec
    path: Path


class _Reader:
    """Turns plain values into a manifest, collecting problems on the way."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def manifest(self) -> Manifest:
        """The manifest, or BadManifest with all problems."""
        data = self._top()
        pages = self._pages(data.get("pages"), "pages" in data)
        defaults = self._spec(Defaults, data.get("defaults", {}), ("defaults",)) or Defaults()
        found = self._monitors(data.get("monitors", []), defaults)
        self._refuse_double(found)
        self._refuse_odd_renames(found)
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

    def _list(self, value: object, path: Path) -> list[object]:
        if isinstance(value, list):
            return value
        self._source.refuse(path, f"must be a list, not {sort_of(value)}: begin each entry with a hyphen")
        return []

    def _spec(
        self, model: type[_Spec], value: object, path: Path, renamed: Mapping[Path, Path] | None = None
    ) -> _Spec | None:
        """A validated spec; else None, and its problems are noted at the paths they were written at."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for where, text in complaints(error, model, also=("url",) if model is MonitorSpec else ()):
                self._source.refuse((*path, *(renamed or {}).get(where, where)), text)
            return None

    def _pages(self, value: object, given: bool) -> tuple[PageSpec, ...]:
        entries = self._list(value, ("pages",)) if given else []
        pages: dict[str, PageSpec] = {}
        for index, entry in enumerate(entries):
            page = self._spec(PageSpec, entry, ("pages", index))
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
        for index, entry in enumerate(self._list(value, (sort.name,))):
            path: Path = (sort.name, index)
            if not isinstance(entry, dict):
                self._source.refuse(path, f"must be a mapping (`key: value`), not {sort_of(entry)}")
                continue
            model = self._model(sort, entry, path)
            spec: Any = model and self._spec(model, _with_id(sort, entry, index), path)
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
        for index, entry in enumerate(self._list(value, ("canaries",))):
            try:
                canary.parse(str(entry))
            except ValueError as error:
                self._source.refuse(("canaries", index), str(error))
            else:
                found.append(str(entry))
        return tuple(found)

    def _monitors(self, value: object, defaults: Defaults) -> list[_Found]:
        found = []
        for index, entry in enumerate(self._list(value, ("monitors",))):
            path: Path = ("monitors", index)
            spec = self._monitor(entry, path, defaults)
            if spec:
                found.append(_Found(spec, path))
        return found

    def _monitor(self, entry: object, path: Path, defaults: Defaults) -> MonitorSpec | None:
        written: dict[str, object]
        match entry:
            case str():
                written, url_path = {"url": entry}, path
            case dict():
                written, url_path = dict(entry), (*path, "url")
            case _:
                self._source.refuse(path, f"must be a URL, or a mapping with `name:` and `url:`, not {sort_of(entry)}")
                return None
        renamed: dict[Path, Path] = {("check", "url"): url_path[len(path) :]} if "url" in written else {}
        return self._spec(MonitorSpec, self._filled(written, path, url_path, defaults), path, renamed)

    def _filled(self, entry: dict[str, object], path: Path, url_path: Path, defaults: Defaults) -> dict[str, object]:
        """A monitor as written, with what it leaves out: check from `url`, name, id, interval and deadline."""
        url = entry.pop("url", None)
        if url is not None and "check" in entry:
            self._source.refuse(url_path, "write either `url:` or `check:`, not both")
        elif url is not None:
            entry["check"] = self._short(url, url_path)
        elif "check" not in entry:
            self._source.refuse(path, "has nothing to check: add `url: https://…`, or `check:` with a `kind:`")
            entry["check"] = {"kind": "http", "url": "http://localhost"}  # so that the rest is looked at too
        check = entry["check"]
        if isinstance(check, dict) and "kind" not in check:
            self._source.refuse((*path, "check", "kind"), "is missing: write the kind of check, such as `kind: http`")
        if "name" not in entry:
            entry["name"] = self._name(entry, path, url_path)
        entry.setdefault("id", self._id(entry, path))
        return {**defaults.model_dump(), **entry}

    def _short(self, url: object, path: Path) -> dict[str, object]:
        """The check that a URL is short for."""
        if isinstance(url, str):
            try:
                return from_url(url)
            except ValueError as error:
                self._source.refuse(path, str(error))
        return {"kind": "http", "url": url}

    def _name(self, entry: Mapping[str, object], path: Path, url_path: Path) -> object:
        """The name of a monitor without one: host and path of its URL, else its id."""
        check = entry["check"]
        url = check.get("url") if isinstance(check, dict) else None
        if isinstance(check, dict) and isinstance(check.get("host"), str) and "id" not in entry:
            return f"{check['host']}:{check['port']}" if "port" in check else check["host"]
        if not isinstance(url, str):
            if isinstance(check, dict) and not kind_has(MonitorSpec, check.get("kind"), "url") and "id" not in entry:
                self._source.refuse(path, "has no name: add `name:`")
            return entry.get("id", _PLACEHOLDER)
        where = url_path if url_path in self._source.expanded else (*path, "check", "url")
        try:
            unfilled = self._source.expanded[where].unfilled() if where in self._source.expanded else url
            return _name_of(url, unfilled) or _PLACEHOLDER
        except ValueError:
            return _PLACEHOLDER  # the check says what is wrong with its URL

    def _id(self, entry: Mapping[str, object], path: Path) -> object:
        name = entry["name"]
        made = slug(name) if isinstance(name, str) else ""
        if not made and isinstance(name, str) and name:
            self._source.refuse(path, "its name has no letter or digit to make an id of: add `id:`")
        return made or _PLACEHOLDER

    def _refuse_double(self, found: Sequence[_Found]) -> None:
        first: dict[str, _Found] = {}
        for one in found:
            other = first.setdefault(one.spec.id, one)
            if other is not one:
                place = self._source.place(other.path)
                where = f"{self._source.say(other.path)}{f' on line {place.line}' if place else ''}"
                self._source.refuse(one.path, _double(one.spec, other.spec, where, bool(place)))

    def _refuse_odd_renames(self, found: Sequence[_Found]) -> None:
        """Two monitors cannot have been one, and renames must not go round in a circle."""
        claims: dict[str, _Found] = {}
        for one in found:
            if one.spec.was is None:
                continue
            other = claims.setdefault(one.spec.was, one)
            if other is not one:
                self._source.refuse((*one.path, "was"), f'monitors[{other.path[1]}] was "{one.spec.was}" already')
        came_from = {one.spec.id: one.spec.was for one in claims.values() if one.spec.was}
        for one in claims.values():
            if _returns(one.spec.id, came_from):
                text = "these renames go in a circle: rename one of them to an id that is new"
                self._source.refuse(
                    (*one.path, "was"), text if one.spec.was != one.spec.id else "is its id already: leave it out"
                )


def _with_id(sort: Sort, entry: Mapping[str, object], index: int) -> dict[str, object]:
    """An entry as written, with an id made of what it is called by."""
    if "id" in entry:
        return dict(entry)
    texts = [entry[key] for key in sort.named_by if key in entry]
    first: object = texts[0] if texts else ""
    name = "-".join(map(str, first)) if isinstance(first, list) else str(first)
    return {**entry, "id": slug(name) or f"{sort.word}-{index + 1}"}


def _name_of(url: str, unfilled: str) -> str:
    """Host and path of a URL; the path with names in place of values, so that it tells no secret and stays."""
    if url == unfilled:
        return name_of_url(url)
    parts = urlsplit(url)
    path = urlsplit(unfilled).path if "://" in unfilled else ""
    return name_of_url(parts._replace(path=path).geturl())


def _double(spec: MonitorSpec, other: MonitorSpec, where: str, in_file: bool) -> str:
    if spec.check == other.check:
        return f"watches the same as {where}: leave one out, or give this one an `id:` of its own"
    advice = "give this one an `id:` of its own" if in_file else "write a manifest, where each can have an `id:`"
    if spec.name == other.name:
        advice += "; an id made from a URL leaves out scheme, query and credentials"
    return f'has the id "{spec.id}", as {where} has: {advice}'


def _returns(start: str, came_from: Mapping[str, str]) -> bool:
    here, steps = came_from.get(start), 0
    while here is not None and here != start and steps <= len(came_from):
        here, steps = came_from.get(here), steps + 1
    return here == start
