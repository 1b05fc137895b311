"""What are the entries of `monitors:`? Read from a URL or a mapping, with what it leaves out: check, name, id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from signalbox.checks import from_url
from signalbox.manifest.entries import listed, spec_of
from signalbox.manifest.problems import Path, sort_of
from signalbox.manifest.source import Source
from signalbox.manifest.wording import kind_has
from signalbox.monitors.specs import Defaults, MonitorSpec
from signalbox.slugs import name_of_url, slug

_PLACEHOLDER = "unnamed"  # for what cannot be told, so that the rest is looked at too


@dataclass(frozen=True, slots=True)
class Found:
    """A monitor that was read, and where."""

    spec: MonitorSpec
    path: Path


class Monitors:
    """Reads the monitors of a manifest."""

    def __init__(self, source: Source, defaults: Defaults) -> None:
        self._source, self._defaults = source, defaults

    def read(self, value: object) -> list[Found]:
        """Those that are right, each with where it was written."""
        found = []
        for index, entry in enumerate(listed(self._source, value, ("monitors",))):
            path: Path = ("monitors", index)
            spec = self._monitor(entry, path)
            if spec:
                found.append(Found(spec, path))
        self._refuse_double(found)
        self._refuse_odd_renames(found)
        return found

    def _monitor(self, entry: object, path: Path) -> MonitorSpec | None:
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
        return spec_of(self._source, MonitorSpec, self._filled(written, path, url_path), path, renamed)

    def _filled(self, entry: dict[str, object], path: Path, url_path: Path) -> dict[str, object]:
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
        return {**self._defaults.model_dump(), **entry}

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

    def _refuse_double(self, found: Sequence[Found]) -> None:
        first: dict[str, Found] = {}
        for one in found:
            other = first.setdefault(one.spec.id, one)
            if other is not one:
                place = self._source.place(other.path)
                where = f"{self._source.say(other.path)}{f' on line {place.line}' if place else ''}"
                self._source.refuse(one.path, _double(one.spec, other.spec, where, bool(place)))

    def _refuse_odd_renames(self, found: Sequence[Found]) -> None:
        """Two monitors cannot have been one, and renames must not go round in a circle."""
        claims: dict[str, Found] = {}
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
