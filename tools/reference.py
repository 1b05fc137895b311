"""How do models read as reference pages? Settings and JSON Schemas in, Markdown out; nothing is read or written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import yaml
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from signalbox import durations
from signalbox.checks import KINDS
from signalbox.checks.base import BaseCheck
from signalbox.settings import PREFIX, Settings

Schema = Mapping[str, Any]

_NOTE = "<!-- Written by `make generate` from {source}. Change that, not this. -->\n"

_SETTINGS = """# Settings

{note}
What a process is told by its surroundings. A flag of the command line wins over the environment, the environment over a
file, a file over `.env` in the working directory. Every setting also comes as `…_FILE`: the path of a file that holds
the value, as container platforms hand out secrets.

{table}
"""

_CHECKS = """# Kinds of check

{note}
What may stand below `check:` of a [monitor](manifest.md#monitor). A URL is short for most of them, as in
`signalbox check tcp://db.example.com:5432` or `- url: tcp://db.example.com:5432`. Times are seconds, or texts such as
`500ms`, `30s` and `1h30m`. What each kind does, and when it is down, tells the [guide](../guide/checks.md).

{kinds}

{sections}"""

_MANIFEST = """# The manifest

{note}
`signalbox.yaml` says what is watched and shown. Unknown keys, wrong types and double ids are refused with file, line
and key. `${{NAME}}` and `${{NAME:-default}}` take values from the environment, `$$` is a dollar sign. Editors that know
JSON Schema complete and check it: `signalbox schema` prints the schema, which is also [here](manifest.schema.json).

{sections}"""


def settings_page() -> str:
    """The reference page of all environment settings."""
    rows = [
        (f"`{PREFIX}{name.upper()}`", _default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    note = _NOTE.format(source="`signalbox/settings.py`")
    return _SETTINGS.format(note=note, table=_table(("setting", "default", "what it says"), rows))


def manifest_page(schema: Schema) -> str:
    """The reference page of everything that a manifest may hold but the kinds of check, from its JSON Schema."""
    definitions: dict[str, Schema] = schema["$defs"]
    elsewhere = _of_checks(definitions)
    sections = [
        _section(name, definitions[name], elsewhere)
        for name in sorted(definitions, key=_reading_order)
        if definitions[name].get("properties") and name not in elsewhere
    ]
    note = _NOTE.format(source="the models of `signalbox/manifest`")
    return _MANIFEST.format(note=note, sections="\n".join(sections))


def checks_page(schema: Schema) -> str:
    """The reference page of the kinds of check: each with its options and examples, then what those consist of."""
    definitions: dict[str, Schema] = schema["$defs"]
    kinds = [kind.__name__ for kind in KINDS]
    parts = sorted(name for name in _of_checks(definitions) - set(kinds) if definitions[name].get("properties"))
    rows = [
        (
            f"[`{_kind(kind)}`](#{kind.__name__.lower()})",
            (kind.__doc__ or "").splitlines()[0],
            ", ".join(f"`{scheme}://`" for scheme in kind.schemes) or "–",
        )
        for kind in KINDS
    ]
    return _CHECKS.format(
        note=_NOTE.format(source="the models of `signalbox/checks`"),
        kinds=_table(("kind", "what it is", "URL"), rows),
        sections="\n".join(
            [
                *(
                    _section(name, definitions[name], examples=kind.examples)
                    for name, kind in zip(kinds, KINDS, strict=True)
                ),
                *(_section(name, definitions[name]) for name in parts),
            ]
        ),
    )


def _kind(kind: type[BaseCheck]) -> str:
    return str(kind.model_fields["kind"].default)


def _of_checks(definitions: Mapping[str, Schema]) -> set[str]:
    """Names of the kinds of check, and of all that they alone consist of."""
    kinds = {kind.__name__ for kind in KINDS}
    others = [name for name in definitions if name not in kinds]
    found = kinds | {name for kind in kinds for name in _within(definitions[kind], definitions)}
    outside = [name for name in others if name not in found]
    return found - {inner for name in outside for inner in _within(definitions[name], definitions, stop=kinds)}


def _within(part: Any, definitions: Mapping[str, Schema], stop: Collection[str] = ()) -> set[str]:
    """Names of all definitions that a part of the schema refers to, directly or by way of others."""
    found: set[str] = set()
    new = [part]
    while new:
        here = new.pop()
        if isinstance(here, Mapping):
            name = _last(here["$ref"]) if isinstance(here.get("$ref"), str) else None
            if name is not None and name not in found and name not in stop:
                found.add(name)
                new.append(definitions[name])
            new += here.values()
        elif isinstance(here, list):
            new += here
    return found


def _reading_order(name: str) -> tuple[int, str]:
    """The document first, then what stands in it, then the kinds of check."""
    first = ("Manifest", "PageSpec", "Defaults", "Monitor")
    return (first.index(name) if name in first else len(first), name)


def _section(name: str, part: Schema, elsewhere: Collection[str] = (), examples: Iterable[Schema] = ()) -> str:
    """One model; `elsewhere` are those that are told of on the page of checks."""
    required = part.get("required", ())
    rows = [
        (f"`{key}`", _words(value, elsewhere), _default_words(key, value, required), value.get("description", ""))
        for key, value in part["properties"].items()
    ]
    about = f"{part['description']}\n\n" if part.get("description") else ""
    table = _table(("key", "type", "default", "what it says"), rows)
    return f"## {name}\n\n{about}{table}\n" + "".join(_example(one) for one in examples)


def _example(check: Mapping[str, Any]) -> str:
    """A check as it is written into a manifest."""
    written = yaml.safe_dump({"check": dict(check)}, sort_keys=False, allow_unicode=True, width=100)
    return f"\n```yaml\n{written}```\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined or field.default in (None, ""):
        return "–"
    if isinstance(field.default, list):
        return f"`{','.join(map(str, field.default))}`"
    if isinstance(field.default, float):
        return f"`{durations.words(field.default)}`"
    return f"`{_plain(field.default)}`"


def _default_words(key: str, value: Schema, required: Iterable[str]) -> str:
    if key in required:
        return "required"
    default = value.get("default")
    words = "" if default in (None, "", [], {}) else _plain(_as_duration(default, value))
    return f"`{words}`" if words not in ("", "{}") else "–"


def _as_duration(default: object, value: Schema) -> object:
    """A default as a duration is written, where the type is one: `1m`, or a list of them."""
    if isinstance(default, list):
        return [_as_duration(one, value.get("items", {})) for one in default]
    is_one = {form.get("type") for form in value.get("anyOf", ())} >= {"number", "string"}
    return durations.words(float(default)) if is_one and isinstance(default, int | float) else default


def _plain(value: object) -> str:
    """A value as YAML writes it: `true`, `60`, `{degraded: 30, down: 7}`. What is empty in a mapping is left out."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        said = {key: part for key, part in value.items() if part is not False and part not in (None, "", [], {})}
        return "{" + ", ".join(f"{key}: {_plain(part)}" for key, part in said.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_plain, value)) + "]"
    if isinstance(value, float):
        return f"{value:g}" if value < 1e6 else f"{value:.0f}"
    return str(value)


def _words(value: Schema, elsewhere: Collection[str] = ()) -> str:
    """A type as a person says it: `text`, `list of text`, `GET or HEAD`, the name of another section."""
    if "$ref" in value:
        return _link(_last(value["$ref"]), elsewhere)
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return " or ".join(f"`{choice}`" for choice in value["enum"])
    for forms in ("anyOf", "oneOf"):
        if forms in value:
            told = (form for form in value[forms] if form.get("type") != "null" and not _is_reference(form))
            words = dict.fromkeys(_words(form, elsewhere) for form in told)
            return " or ".join(words)
    kind = value.get("type")
    if kind == "array":
        return f"list of {_words(value.get('items', {}), elsewhere)}"
    return {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false",
            "object": "mapping"}.get(str(kind), "anything")  # fmt: skip


def _is_reference(form: Schema) -> bool:
    """Is that the form `${NAME}`, which every key may have?"""
    return str(form.get("pattern", "")).startswith(r"\$\{")


def _link(name: str, elsewhere: Collection[str]) -> str:
    return f"[{name}]({'checks.md' if name in elsewhere else ''}#{name.lower()})"


def _last(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]
