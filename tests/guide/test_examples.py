"""Every example of a manifest or of a check that stands in README, guide or reference can be used as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from signalbox.checks import KINDS
from signalbox.checks.base import BaseCheck
from signalbox.manifest import document
from signalbox.manifest.document import Manifest
from signalbox.manifest.problems import BadManifest
from tests.guide.test_documents import ROOT

_FENCED = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"\$\{(\w+)\}")
_NEIGHBOUR = re.compile(r'there is no \w+ "[^"]+" here;')
SECRET = "0123456789abcdef0123456789abcdef"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
_VALUES = {"CERT": PEM, "CHAT": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"}


def _fenced() -> Iterator[Any]:
    for file in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for number, text in enumerate(_FENCED.findall(file.read_text(encoding="utf-8")), 1):
            written = yaml.safe_load(text)
            if _is_ours(written):
                yield pytest.param(text, id=f"{file.relative_to(ROOT)} {number}")


def _is_ours(written: object) -> bool:
    """Is it a manifest, a part of one, a monitor or a check? Other programs have files of YAML, too."""
    if isinstance(written, list):
        return True
    return isinstance(written, dict) and bool({"check", "kind", *Manifest.model_fields} & set(written))


def _as_manifest(text: str) -> dict[str, Any]:
    written = yaml.safe_load(text)
    if isinstance(written, list):
        return {"monitors": written}
    if "kind" in written:
        written = {"check": written}
    if "check" in written:
        return {"monitors": [{"id": "example", **written}]}
    return {"monitors": [], **written}


def _with_neighbours(manifest: dict[str, Any]) -> dict[str, Any]:
    """The monitors that a group of an example consists of are written elsewhere."""
    monitors = list(manifest["monitors"])
    named = [one["check"].get("members", ()) for one in monitors if isinstance(one, dict) and "check" in one]
    there = {one.get("id") for one in monitors if isinstance(one, dict)}
    missing = dict.fromkeys(id_ for members in named for id_ in members if id_ not in there)
    neighbours = [{"id": id_, "url": f"https://{id_}.example.com"} for id_ in missing]
    return {**manifest, "monitors": [*monitors, *neighbours]}


def _environment(text: str) -> dict[str, str]:
    """A value for each name that an example refers to, of the sort its name promises."""
    return {
        name: next((value for part, value in _VALUES.items() if part in name), SECRET) for name in _NAMED.findall(text)
    }


def _load(written: dict[str, Any], text: str, folder: Path) -> Manifest:
    file = folder / "signalbox.yaml"
    file.write_text(yaml.safe_dump(_with_neighbours(written)), encoding="utf-8")
    return document.load(file, _environment(text))


def _problems(text: str, folder: Path) -> list[str]:
    """What is wrong with an example; but a part of a manifest may name what stands in another part."""
    try:
        _load(_as_manifest(text), text, folder)
    except BadManifest as error:
        return [str(problem) for problem in error.problems if not _NEIGHBOUR.search(str(problem))]
    return []


@pytest.mark.parametrize("text", list(_fenced()))
def test_what_documents_show_can_be_written(text: str, tmp_path: Path) -> None:
    assert _problems(text, tmp_path) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.model_fields["kind"].default))
def test_every_kind_has_an_example_and_each_can_be_written(kind: type[BaseCheck], tmp_path: Path) -> None:
    assert kind.examples, f"{kind.__name__} shows no example"
    for example in kind.examples:
        text = yaml.safe_dump(example)
        manifest = _load({"monitors": [{"id": "example", "check": dict(example)}]}, text, tmp_path)
        assert type(manifest.monitors[0].check) is kind
