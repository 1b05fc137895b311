"""The schema for editors says yes and no where the reader does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema_rs import Draft202012Validator, meta

from signalbox.manifest.document import load
from signalbox.manifest.problems import BadManifest
from signalbox.manifest.schema import json_schema

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_is_one_and_survives_json() -> None:
    assert meta.is_valid(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_nothing_is_without_words_for_the_editor_to_show() -> None:
    for name, definition in SCHEMA["$defs"].items():
        for key, option in definition.get("properties", {}).items():
            assert option.get("description") or key == "kind" or "$ref" in option, f"{name}.{key}"


@pytest.mark.parametrize(
    "text",
    [
        "- https://example.com",
        "monitors: []",
        "- {name: A, url: https://a.example.com, every: 90, timeout: 500ms, tags: [a], group: G, id: a, was: b}",
        "- {name: A, check: {kind: http, url: https://a.example.com, method: GET, follow: false, headers: {A: b}}}",
        "- {url: '${URL}', every: '${EVERY:-30s}'}",
        "- {name: A, check: {kind: http, url: https://a.example.com, follow: '${FOLLOW}'}}",
        "{monitors: [], channels: [{kind: email, to: [a@example.com]}], routes: [{to: [email], repeat: 1h}]}",
        "{monitors: [], maintenance: [{title: B, start: '2026-12-01 02:00', for: 1h, all: true}], canaries: []}",
        "- {name: A, url: 'https://a.example.com', failures: 3, recheck: 0s, slow: 2s, incident: true, paused: true}",
        "{x-common: {anything: 1}, pages: [{slug: main, title: T, timezone: UTC}], monitors: []}",
    ],
)
def test_what_the_reader_takes_the_schema_takes(text: str, tmp_path: Path) -> None:
    VALIDATOR.validate(yaml.safe_load(text))
    (tmp_path / "signalbox.yaml").write_text(text)
    load(tmp_path / "signalbox.yaml", {"URL": "https://example.com", "FOLLOW": "false"})


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "7",
        "monitor: []",
        "- 7",
        "- {name: A}",
        "- {name: A, url: https://a.example.com, check: {kind: http, url: https://a.example.com}}",
        "- {name: A, url: https://a.example.com, evry: 30s}",
        "- {name: A, url: https://a.example.com, every: soon}",
        "- {name: A, url: https://a.example.com, id: Not A Slug}",
        "- {name: A, check: {url: https://a.example.com}}",
        "- {name: A, check: {kind: pigeon}}",
        "{pages: [{slug: main}], monitors: []}",
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(text: str, tmp_path: Path) -> None:
    assert not VALIDATOR.is_valid(yaml.safe_load(text))
    (tmp_path / "signalbox.yaml").write_text(text)
    with pytest.raises(BadManifest):
        load(tmp_path / "signalbox.yaml", {})
