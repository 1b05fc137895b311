"""What does a manifest file say, and on which line? YAML as plain values, each with its place.

Plain scalars are read as YAML 1.2 does (`no`, `on` and `12:30` are texts), strings are expanded, and whatever could
make reading dear is refused: big files, deep nesting, aliases that multiply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File

import yaml

from signalbox.errors import ConfigurationError
from signalbox.manifest.expansion import Expanded, NotExpandable, expand
from signalbox.manifest.problems import BadManifest, Path, Place, Problem, spelled

BIGGEST = 16 * 1024 * 1024  # bytes
_DEEPEST = 20
_MOST_VALUES = 2_000_000  # after aliases were followed; less for a small file
_MOST_PROBLEMS = 1_000  # after that many, nobody reads on
_TAG = "tag:yaml.org,2002:"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast, and may be absent


@dataclass(slots=True)
class Source:
    """Plain values of a manifest; where each path is written; which texts were expanded; what was wrong so far."""

    file: str
    data: object = None
    places: dict[Path, Place] = field(default_factory=dict)
    expanded: dict[Path, Expanded] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    say: Callable[[Path], str] = spelled  # how people call a path
    _refused: set[str] = field(default_factory=set)

    def place(self, path: Path) -> Place | None:
        """Where a path, or the nearest thing around it, is written."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path)

    def refuse(self, path: Path, text: str) -> None:
        """Remember a problem, unless that very place has one: it is often the cause of the second.

        Values from the environment within `path` are hidden in the text.
        """
        key = self.say(path)
        if key in self._refused:
            return
        self._refused.add(key)
        for where, value in self.expanded.items() if self.expanded else ():
            if where[: len(path)] == path:
                text = value.hidden(text)
        self.problems.append(Problem(self.place(path), key, text))
        if len(self.problems) == _MOST_PROBLEMS:
            raise self.give_up()

    def give_up(self) -> BadManifest:
        """The error that holds all problems so far."""
        return BadManifest(self.file, self.problems)


def read(file: File, environment: Mapping[str, str]) -> Source:
    """The values in a file. Raises BadManifest when it is not YAML; what else is wrong is left in `problems`."""
    text, source = _text(file), Source(str(file))
    try:
        _measure(text)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else None
        raise BadManifest(source.file, [Problem(place, "", _yaml_words(error))]) from None
    except yaml.reader.ReaderError as error:
        place = Place(text.count("\n", 0, error.position) + 1, 1)
        character = f"U+{error.character:04X}" if isinstance(error.character, int) else repr(error.character)
        raise BadManifest(source.file, [Problem(place, "", f"the character {character} may not stand here")]) from None
    except _TooDeep as error:
        problem = Problem(Place(error.line + 1, 1), "", f"nested deeper than {_DEEPEST} levels: write it flatter")
        raise BadManifest(source.file, [problem]) from None
    if root is not None:
        # a plain list is a list of monitors
        path: Path = ("monitors",) if isinstance(root, yaml.SequenceNode) else ()
        most = min(_MOST_VALUES, 10_000 + 10 * len(text))
        value = _Builder(source, environment, most).value(root, path)
        source.data = {"monitors": value} if path else value
    return source


def _text(file: File) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(BIGGEST + 1)
    except FileNotFoundError:
        raise ConfigurationError(
            f"there is no manifest at {file}: `signalbox init` writes one, `signalbox up URL…` needs none"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"the manifest {file} cannot be read: {error.strerror}") from error
    if len(content) > BIGGEST:
        raise BadManifest(str(file), [Problem(None, "", f"larger than {BIGGEST >> 20} MiB: that is no manifest")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(content.count(b"\n", 0, error.start) + 1, 1)
        raise BadManifest(str(file), [Problem(place, "", "not UTF-8: save the file in that encoding")]) from None


class _TooDeep(Exception):
    def __init__(self, line: int) -> None:
        self.line = line


def _measure(text: str) -> None:
    """The C parser recurses without a limit of its own: look at the nesting before it does."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise _TooDeep(event.start_mark.line if event.start_mark else 0)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _yaml_words(error: yaml.MarkedYAMLError) -> str:
    if "another document" in str(error.problem):
        return "a manifest is one YAML document: leave out the line with three hyphens"
    text = f"not YAML: {error.problem or error.context}"
    if "cannot start any token" in text:
        return f"{text}; indent with spaces, and put text that begins with a special character in quotes"
    if "mapping values are not allowed" in text:
        return f"{text}; check the indentation, and put text that holds a colon and a space in quotes"
    return f"{text}; look for a bracket or a quote that is not closed" if "expected ',' or" in text else text


class _Builder:
    """Turns YAML nodes into plain values."""

    def __init__(self, source: Source, environment: Mapping[str, str], most: int) -> None:
        self._source, self._environment, self._left = source, environment, most

    def value(self, node: yaml.Node, path: Path) -> object:
        """The value of a node that is written at `path`."""
        self._source.places.setdefault(path, _place(node))
        self._left -= 1
        if len(path) > _DEEPEST or self._left < 0:
            why = "contains itself, or is nested too deep" if self._left >= 0 else "its aliases multiply without end"
            self._source.refuse(path[:4], f"{why}: write it without aliases")
            raise self._source.give_up()
        if isinstance(node, yaml.CollectionNode) and node.tag not in (_TAG + "map", _TAG + "seq"):
            self._source.refuse(path, _tagged(node.tag))
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        merged: dict[str, object] = {}
        for name, child in node.value:
            if not isinstance(name, yaml.ScalarNode):
                self._source.places[(*path, "?")] = _place(name)
                self._source.refuse((*path, "?"), "a key must be plain text")
            elif name.tag == _TAG + "merge":
                merged = self._merged(child, (*path, "<<"), _place(name)) | merged
            elif name.value in found:
                before = self._source.places[(*path, name.value)].line
                text = f"written twice, first on line {before}: leave one out"
                self._source.problems.append(Problem(_place(name), spelled((*path, name.value)), text))
            else:
                self._source.places[(*path, name.value)] = _place(name)
                found[name.value] = self.value(child, (*path, name.value))
        for key in merged.keys() - found.keys():
            self._source.places.setdefault((*path, key), self._source.places[(*path, "<<")])
            for where, value in list(self._source.expanded.items()):
                if where[: len(path) + 2] == (*path, "<<", key):
                    self._source.expanded[(*path, *where[len(path) + 1 :])] = value
        return merged | found

    def _merged(self, node: yaml.Node, path: Path, place: Place) -> dict[str, object]:
        """What `<<: *anchor` or `<<: [*one, *two]` brings; the earlier wins."""
        self._source.places[path] = place
        value = self.value(node, path)
        out: dict[str, object] = {}
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, dict):
                self._source.refuse(path, "must be an alias of a mapping, such as *common")
                continue
            out = part | out
        return out

    def _scalar(self, node: yaml.Node, path: Path) -> object:
        sort, text = node.tag.removeprefix(_TAG), node.value
        match sort:
            case "null":
                return None
            case "bool" if text.lower() in ("true", "false"):
                return text.lower() == "true"
            case "int" if re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,17})", text):
                return int(text)
            case "float" if ":" not in text:
                return float(text.lower().replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
            case "str" | "bool" | "int" | "float" | "timestamp" | "value" | "merge":
                return self._expanded(text, path)
        self._source.refuse(path, _tagged(node.tag))
        return None

    def _expanded(self, written: str, path: Path) -> str:
        try:
            expanded = expand(written, self._environment)
        except NotExpandable as error:
            self._source.refuse(path, str(error))
            return written
        if expanded.values:
            self._source.expanded[path] = expanded
        return expanded.text


def _tagged(tag: str) -> str:
    return f"the YAML tag {tag.replace(_TAG, '!!')} is not supported: leave it out"


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)
