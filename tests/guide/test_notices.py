"""Does the guide to notices tell what is so?"""

from __future__ import annotations

from pathlib import Path

from signalbox.clock import MICROS
from signalbox.manifest.document import load
from signalbox.notifications import dispatch, grouping
from tests.guide.blocks import blocks

GUIDE = Path(__file__).parents[2] / "docs/guide/notices.md"


def test_its_routes_are_a_manifest(tmp_path: Path) -> None:
    file = tmp_path / "signalbox.yaml"
    file.write_text("monitors: []\n" + blocks(GUIDE)["yaml: routes"], encoding="utf-8")
    everything, night = load(file, {}).routes
    assert everything.to == ("ops",)
    assert (night.id, night.delay, night.repeat, night.stop) == ("night", 120.0, 3_600.0, True)
    assert [(step.after, step.to) for step in night.steps] == [(900.0, ("boss",))]


def test_its_figures_are_those_of_the_code() -> None:
    said = " ".join(GUIDE.read_text(encoding="utf-8").split())
    assert (grouping.QUIET, grouping.LONGEST, dispatch.LEASE) == (5 * MICROS, 25 * MICROS, 30 * MICROS)
    for words in ("for 5 seconds, or after 25 seconds", "again after 30 seconds", "five times in a quarter of an hour"):
        assert words in said
