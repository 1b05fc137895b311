"""What may stand in `signalbox.yaml`, told to an editor? A JSON Schema, made from the models that read the file."""

from __future__ import annotations

from typing import Any

from signalbox.checks.http import HttpCheck
from signalbox.durations import PATTERN
from signalbox.manifest.document import Manifest

_REFERENCE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^{}]*)?\}"}


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a manifest: a mapping, or a plain list of monitors."""
    mapping = Manifest.model_json_schema()
    definitions = mapping.pop("$defs")
    for definition in definitions.values():
        if "kind" in definition.get("properties", {}):  # pydantic knows a default; in the file it is always said
            definition["required"] = ["kind", *definition.get("required", [])]
        if "id" in definition.get("required", []):  # made of the name where none is written
            definition["required"].remove("id")
    definitions["Monitor"] = _as_written(definitions.pop("MonitorSpec"))
    listed = {
        "type": "array",
        "description": mapping["properties"]["monitors"]["description"],
        "items": {
            "anyOf": [_url("A URL: watched by HTTP, named after its host and path."), {"$ref": "#/$defs/Monitor"}]
        },
    }
    mapping["properties"]["monitors"] = listed
    mapping["properties"]["pages"].pop("default", None)
    mapping["properties"]["defaults"].pop("default", None)
    mapping["patternProperties"] = {"^x-": {"description": "Anything; a place for anchors."}}
    schema: dict[str, Any] = _expandable(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "urn:signalbox:manifest",
            "title": "Signalbox manifest",
            "description": "What is watched and shown. `${NAME}` and `${NAME:-default}` come from the environment.",
            "anyOf": [{"$ref": "#/$defs/Manifest"}, listed],
            "$defs": {"Manifest": mapping, **definitions},
        }
    )
    return schema


def _as_written(spec: dict[str, Any]) -> dict[str, Any]:
    """A monitor as people may write it: shorter than the spec that it becomes."""
    properties = {"url": _url("Short for check: {kind: http, url: …}."), **spec["properties"]}
    either = [
        {"required": ["url"], "not": {"required": ["check"]}},
        {"required": ["check"], "not": {"required": ["url"]}},
    ]
    return {**spec, "title": "Monitor", "properties": properties, "required": [], "oneOf": either}


def _url(description: str) -> dict[str, Any]:
    url = HttpCheck.model_json_schema()["properties"]["url"]
    return {**url, "title": "Url", "description": description}


def _expandable(schema: Any) -> Any:
    """Let `${NAME}` stand for numbers, booleans and durations too."""
    if isinstance(schema, list):
        return [_expandable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in ("boolean", "integer", "number") and "const" not in schema:
        notes = {name: schema[name] for name in ("title", "description", "default") if name in schema}
        return {**notes, "anyOf": [{key: value for key, value in schema.items() if key not in notes}, _REFERENCE]}
    if {"type": "string", "pattern": PATTERN} in schema.get("anyOf", []):
        return {**schema, "anyOf": [*schema["anyOf"], _REFERENCE]}
    return {key: _expandable(value) for key, value in schema.items()}
