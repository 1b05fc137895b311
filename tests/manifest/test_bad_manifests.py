"""Each bad manifest is refused with exactly the message beside it: every mistake, its line, its key, what to write.

To write a new expected message, or to look at what changed:  UPDATE=1 pytest tests/manifest/test_bad_manifests.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from signalbox.checks import KINDS
from signalbox.manifest import source
from signalbox.manifest.document import load
from signalbox.manifest.problems import BadManifest

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
ALL_KINDS = ", ".join(kind.model_fields["kind"].default for kind in KINDS)  # one more changes no message here
ALL_SCHEMES = ", ".join(f"{scheme}://" for kind in KINDS for scheme in kind.schemes)
SECRET = "s3cr3t-hunter2"
ENVIRONMENT = {"TOKEN": SECRET, "TWO_LINES": f"{SECRET}\nX: y"}


@pytest.mark.parametrize("file", BAD, ids=[file.stem for file in BAD])
def test_a_bad_manifest_is_refused_with_the_message_beside_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    with pytest.raises(BadManifest) as caught:
        load(Path(file.name), ENVIRONMENT)
    message = f"{caught.value}\n".replace(ALL_KINDS, "{kinds}").replace(ALL_SCHEMES, "{schemes}")
    expected = file.with_suffix(".txt")
    if os.environ.get("UPDATE"):
        expected.write_text(message, encoding="utf-8")
    assert message == expected.read_text(encoding="utf-8")
    assert "hunter2" not in message


def test_every_message_has_its_manifest() -> None:
    assert {file.stem for file in BAD} == {file.stem for file in (Path(__file__).parent / "bad").glob("*.txt")}


def test_a_file_too_large_for_a_manifest_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "signalbox.yaml"
    with file.open("wb") as stream:
        stream.truncate(source.BIGGEST + 1)
    with pytest.raises(BadManifest, match="larger than 16 MiB"):
        load(file, {})


def test_thousands_of_mistakes_end_soon(tmp_path: Path) -> None:
    file = tmp_path / "signalbox.yaml"
    file.write_text("- name: 5\n  url: x\n" * 3_000)
    with pytest.raises(BadManifest) as caught:
        load(file, {})
    assert len(caught.value.problems) == 1_000
    assert str(caught.value).endswith("and 950 more problems")
