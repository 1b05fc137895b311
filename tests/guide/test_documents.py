"""Do the documents tell what the code does? Links, commands, settings and words are looked up."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from signalbox.settings import PREFIX, Settings
from signalbox.signals import Reason, Verdict

ROOT = Path(__file__).parents[2]
# CHANGELOG.md speaks of the past, and may name what is gone.
DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md"), *ROOT.glob("web/*.md"))
    if path.name != "CHANGELOG.md"
)
IDS = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)")
NOT_OURS = {"SIGNALBOX_PYTHON", "SIGNALBOX_DEV_API"}  # read by the Makefile and by the web page's dev server


def text(path: Path) -> str:
    """A document's text."""
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_every_link_to_a_file_leads_somewhere(path: Path) -> None:
    broken = [target for target in LINK.findall(text(path)) if not (path.parent / target).exists()]
    assert broken == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | NOT_OURS
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", text(path)))
    assert [name for name in named if not {name, name.removesuffix("_FILE")} & known] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    known = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), flags=re.MULTILINE))
    named = set(re.findall(r"(?:`|^ *)make ([a-z]+)", text(path), flags=re.MULTILINE))
    assert named <= known


def test_the_guide_to_checks_has_every_verdict_and_reason() -> None:
    guide = text(ROOT / "docs/guide/checks.md")
    assert re.findall(r"^\| `(\w+)` \|", guide, flags=re.MULTILINE) == [reason.value for reason in Reason]
    assert [verdict for verdict in Verdict if f"| {verdict} |" not in guide] == []


def test_decisions_are_numbered_without_gaps_and_say_what_else_was_considered() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        assert text(path).startswith(f"# {int(path.name[:4])}. ")
        for part in ("**Context.**", "**Decision.**", "**What follows.**", "**Also considered.**"):
            assert part in text(path), f"{path.name} lacks {part}"


def test_help_names_every_target_a_person_may_want() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "setup", "web", "test", "check", "bench", "generate", "lock", "clean"):
        assert f"make {target} " in said
