"""Is a view that the server wrote made better in the browser, and never worse?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from markupsafe import Markup

from signalbox.pages import html
from signalbox.pages.document import State
from signalbox.pages.html import Place
from signalbox.pages.language import language
from tests.servers.chromium import browse
from tests.servers.site import listening, policy, template

_BODY = """<article><h1>Slow writes</h1>
<p>Started <time datetime="2026-11-24T14:02:00Z">15:02</time>, told
<time datetime="2026-11-20T14:02:00Z">Fri 20 Nov, 15:02</time></p>
<details id="more"><summary>Earlier</summary><p>It was slower.</p></details>
<p><a href="#u-1">First update</a></p><p id="news">{news}</p></article>"""


def _view(news: str) -> bytes:
    written = html.view(
        template(), Place(base="./"), language("en"), name="incident", title="Slow writes", page_title="Acme status",
        description="", body=Markup(_BODY).format(news=news), state=State.DEGRADED, live=True,
    )  # fmt: skip
    return written.encode()


@pytest.fixture
def address() -> Iterator[str]:
    """A view; with `?newer` in its address it says something else."""
    files = {"/view": ("text/html; charset=utf-8", _view("Nothing yet")), "/newer": ("text/html", _view("It is over"))}
    with listening(files, "/", policy(_view("").decode())) as root:
        yield f"{root}/view"


def test_a_written_view_keeps_its_markup_and_becomes_the_readers(address: str) -> None:
    browse("written", address)
