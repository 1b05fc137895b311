"""Promise 7: what is old is never green: not in the document, not in HTML, not in a browser.

Nothing is called stale sooner than after three minutes, so time is told here: `now` for document and page, Chromium's
own clock for an open tab.
"""

from __future__ import annotations

import pytest

from signalbox import clock
from signalbox.clock import MICROS
from signalbox.monitors.judge import Standing
from signalbox.pages import html, snapshot
from signalbox.pages.board import Board, Known
from signalbox.pages.document import PageDocument, State
from signalbox.pages.html import Place
from signalbox.pages.publication import Publication, View
from signalbox.pages.state import stale_after
from signalbox.pages.template import Template
from signalbox.pages.window import Window
from signalbox.signals import Verdict
from signalbox.stores.memory import MemoryStore
from tests.e2e import documents
from tests.monitors.test_judge import story
from tests.pages.examples import MINUTE, NOW, PAGE, every_minute, monitor, seen
from tests.pages.test_html import SHELL, Reader
from tests.pages.test_publication import made
from tests.servers.chromium import browse
from tests.servers.site import served


def confirmed_up(*keys: str) -> Known:
    """The last that was confirmed of all of them is that they are up."""
    standing: Standing = story("uuu")[0]
    return Known(standings=dict.fromkeys(keys, standing))


def states(document: PageDocument) -> set[State]:
    groups = document.groups
    return {document.headline.state, *(group.state for group in groups), *(i.state for g in groups for i in g.items)}


@pytest.mark.parametrize("every", [1, 20, 60, 90, 300, 3_600])
def test_no_document_is_green_once_its_newest_signal_is_too_old(every: int) -> None:
    """Second by second around the limit, then up to a day, although all were confirmed to be up."""
    monitors = [monitor("api", every=every), monitor("web", every=every, group="Core")]
    window, limit = Window(monitors, (PAGE,)), stale_after([every])
    window.add([seen(one, NOW) for one in monitors])
    known = confirmed_up("api", "web")
    for age in (*range(max(0, limit - 5), limit + 6), limit * 2, 2 * 3_600 + limit, 86_400):
        found = snapshot.build(window, PAGE, NOW + age * MICROS, known)
        if age <= limit:
            assert found.headline.code == "operational", age
        else:
            assert (found.headline.code, states(found)) == ("stale", {State.NO_DATA}), age
            assert all(item.quiet for group in found.groups for item in group.items), age


def test_a_service_that_nobody_asks_any_more_is_not_green_among_others_that_are() -> None:
    api, web = monitor("api", name="API"), monitor("web", name="Web")
    window = Window((api, web), (PAGE,))
    window.add([*every_minute(api, "u" * 60), seen(web, NOW - 8 * MINUTE)])
    document = snapshot.build(window, PAGE, NOW, confirmed_up("api", "web"))
    assert [item.state for item in document.groups[0].items] == [State.OPERATIONAL, State.NO_DATA]
    read = Reader(html.fill(SHELL, document, Place())).text
    assert "All systems operational" not in read
    assert "1 service has no data" in read
    assert "No data since 02:52" in read


@pytest.mark.parametrize("verdict", [Verdict.UP, Verdict.DEGRADED, Verdict.DOWN])
def test_a_page_tells_its_age_and_banner_title_and_icon_agree(verdict: Verdict) -> None:
    api = monitor()
    window = Window((api,), (PAGE,))
    window.add([seen(api, NOW - 12 * MINUTE, verdict)])
    document = snapshot.build(window, PAGE, NOW, confirmed_up("api"))
    text = html.fill(SHELL, document, Place())
    assert "<h1>We cannot confirm the current status</h1>" in text
    assert '<div class="page is-stale">' in text
    assert '<section class="banner is-no-data"' in text
    assert "<title>? Acme status</title>" in text
    assert "favicon/no-data.svg" in text
    assert 'datetime="2026-11-24T02:48:30Z">02:48 UTC</time>' in text
    assert "is-operational" not in text.partition('<footer class="page-footer">')[0]  # the legend shows each state


def test_readers_get_the_stale_page_although_nothing_came_to_change_it() -> None:
    """By the real clock: the newest signal is ten minutes old, the process is well, and only checks have stopped."""
    api = monitor()
    window, board = Window((api,), (PAGE,)), Board()
    board.known = confirmed_up("api")
    window.add([seen(api, clock.now() - 10 * MINUTE)])
    public = Publication(window, MemoryStore(), Template(SHELL, "policy"), None, board)
    text, document = made(public, View("main", True))
    public.close()
    assert document["headline"]["code"] == "stale"
    assert "is-operational" not in text.partition('<footer class="page-footer">')[0]


def test_an_open_tab_whose_data_get_old_turns_grey() -> None:
    with served(documents.calm()) as address:
        browse("stale", address)


def test_a_page_that_is_old_on_arrival_is_grey_with_and_without_javascript() -> None:
    with served(documents.stale()) as address:
        browse("stale", address, EXPECT="stale")
