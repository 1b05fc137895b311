"""Is the built page as small and as self-contained as promised?"""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from signalbox.pages.document import State, Zoom
from signalbox.pages.html import Place, fill
from tests.e2e import documents, zooms
from tests.servers.chromium import SCRIPTS
from tests.servers.site import SITE, template

JAVASCRIPT, STYLES, DOCUMENT = 60_000, 6_000, 12_000  # bytes after gzip
COMPRESSED = [
    path for folder in ("_nuxt", "docs") for path in SITE.glob(f"{folder}/*") if path.suffix in {".js", ".css"}
]


def _linked(suffix: str) -> set[Path]:
    """Files with that suffix that index.html loads before the first render."""
    return {SITE / name for name in re.findall(rf'(?:href|src)="%BASE%([^"]+{suffix})"', template())}


def _weight(paths: set[Path]) -> int:
    assert paths
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def test_the_first_load_stays_within_its_budget() -> None:
    assert _weight(_linked(r"\.js")) <= JAVASCRIPT
    assert _weight(_linked(r"\.css")) <= STYLES


@pytest.mark.parametrize("zoom", Zoom)
def test_a_page_of_twenty_services_stays_within_its_budget(zoom: Zoom) -> None:
    items = [documents.item(f"Service {index}", latency=60 + 40 * index) for index in range(20)]
    trouble = documents.trouble()
    page = trouble.model_copy(update={"groups": [trouble.groups[0].model_copy(update={"name": None, "items": items})]})
    shown = page if zoom is Zoom.HOUR else zooms.zoomed(page, zoom)
    html = fill(template(), shown, Place(words="api/words"))
    assert len(gzip.compress(html.encode(), 9)) <= DOCUMENT


def test_nothing_is_fetched_from_anybody_else() -> None:
    assert set(re.findall(r'(?:href|src)="([^"#%][^"]*)"', template())) == set()
    for style in _linked(r"\.css"):
        assert "url(" not in style.read_text(encoding="utf-8").replace("url(data:", "")


@pytest.mark.parametrize("state", State)
def test_each_state_has_its_icon(state: State) -> None:
    assert (SITE / "favicon" / f"{state.value}.svg").read_text(encoding="utf-8").startswith("<svg")


def test_the_scripts_of_the_api_pages_are_here() -> None:
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js"):
        assert (SITE / "docs" / name).stat().st_size > 50_000


def test_what_gets_smaller_is_there_compressed() -> None:
    assert COMPRESSED
    for path in COMPRESSED:
        packed = path.with_name(f"{path.name}.gz")
        assert gzip.decompress(packed.read_bytes()) == path.read_bytes()
        assert path.with_name(f"{path.name}.br").stat().st_size < packed.stat().st_size


def test_the_lock_of_the_web_libraries_names_no_download_address() -> None:
    lock = (SCRIPTS.parents[1] / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
