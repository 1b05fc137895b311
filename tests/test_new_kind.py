"""A new kind of check is one file and one line: everything that speaks of kinds follows from its model by itself.

Tried on a copy of the sources, with a kind that nobody needs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILE = '''"""Does a server say a word?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from signalbox.checks.call import Call, TalkingCheck


class KnockCheck(TalkingCheck):
    """A server that answers a knock. Made for a test."""

    schemes = ("knock",)
    examples = ({"kind": "knock", "host": "door.example.com", "port": 4711, "knocks": 3},)

    kind: Literal["knock"] = "knock"
    knocks: int = Field(1, ge=1, le=9, description="How often to knock before somebody has to answer.")

    async def talk(self, call: Call) -> None:
        """Knock, and hear somebody."""
        await call.connect(self.host, self.port)
        await call.send(b"knock" * self.knocks)
        call.expect(await call.some(), "nobody answered")
'''
TYPE_SCRIPT = "node_modules/.bin/openapi-typescript"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources, with one file and one line more."""
    folder = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__", "site")
    for name in ("src", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    checks = folder / "src/signalbox/checks"
    (checks / "knock.py").write_text(FILE, encoding="utf-8")
    union = checks / "__init__.py"
    text = union.read_text(encoding="utf-8")
    with_it = text.replace(
        "\nAnyCheck = Annotated[\n    ",
        "\nfrom signalbox.checks.knock import KnockCheck\n\nAnyCheck = Annotated[\n    KnockCheck\n    | ",
    )
    assert with_it != text
    union.write_text(with_it, encoding="utf-8")
    return folder


def run(copy: Path, *command: str) -> str:
    """What a Python command prints in the copy."""
    done = subprocess.run(
        [sys.executable, *command], cwd=copy, env={**os.environ, "PYTHONPATH": str(copy / "src")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def generated(copy: Path) -> Path:
    """The copy, after `make generate`."""
    run(copy, "-m", "tools.generate")
    return copy


def test_the_manifest_takes_it_and_says_what_is_wrong_with_it(copy: Path) -> None:
    (copy / "signalbox.yaml").write_text(
        "monitors:\n- url: knock://127.0.0.1:4711\n- {id: two, check: {kind: knock, host: a, port: 1, knocks: 2}}\n"
    )
    assert "2 monitors" in run(copy, "-m", "signalbox", "validate")
    (copy / "bad.yaml").write_text("- {id: a, check: {kind: knock, host: a, port: 1, knoks: 2}}\n")
    bad = subprocess.run(
        [sys.executable, "-m", "signalbox", "validate", "bad.yaml"], cwd=copy, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(copy / "src")}, check=False,
    )  # fmt: skip
    assert bad.returncode == 2
    assert 'did you mean "knocks"?' in bad.stderr


def test_the_command_line_asks_it(copy: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "signalbox", "check", "knock://127.0.0.1:1", "--json"], cwd=copy, capture_output=True,
        text=True, env={**os.environ, "PYTHONPATH": str(copy / "src")}, check=False,
    )  # fmt: skip
    (report,) = json.loads(asked.stdout)
    assert (report["kind"], report["verdict"], report["reason"]) == ("knock", "down", "connect")


def test_openapi_and_json_schema_have_it(generated: Path) -> None:
    api = json.loads((generated / "web/openapi.json").read_text())
    options = api["components"]["schemas"]["KnockCheck"]["properties"]
    assert options["knocks"]["maximum"] == 9
    mapping = api["components"]["schemas"]["MonitorSpec"]["properties"]["check"]["discriminator"]["mapping"]
    assert mapping["knock"] == "#/components/schemas/KnockCheck"
    schema = json.loads((generated / "docs/reference/manifest.schema.json").read_text())
    assert schema["$defs"]["KnockCheck"]["required"][0] == "kind"


def test_typescript_has_it(generated: Path) -> None:
    types = generated / "schema.d.ts"
    page = ROOT / "web/page"
    paths = [ROOT / "tools/node.py", "node", page / TYPE_SCRIPT, generated / "web/openapi.json", "--output", types]
    subprocess.run([sys.executable, *map(str, paths)], cwd=page, capture_output=True, check=True)
    assert "KnockCheck: {" in types.read_text()


def test_the_reference_has_it_with_its_example(generated: Path) -> None:
    page = (generated / "docs/reference/checks.md").read_text()
    assert "| [`knock`](#knockcheck) | A server that answers a knock. Made for a test. | `knock://` |" in page
    assert "| `knocks` | whole number | `1` | How often to knock before somebody has to answer. |" in page
    assert "  host: door.example.com\n  port: 4711\n  knocks: 3\n" in page
