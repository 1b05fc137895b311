from __future__ import annotations

import pytest

from signalbox import clock
from signalbox.pages import snapshot
from signalbox.pages.announcer import MINUTE, Kind, Watch, essence
from signalbox.pages.document import PageDocument, Zoom
from signalbox.pages.past import Past
from signalbox.pages.service import Page
from signalbox.pages.window import Window
from signalbox.signals import Verdict
from tests.pages.examples import monitor, seen

NOW = clock.now() // MINUTE * MINUTE + MINUTE // 2
PAGE = Page(slug="main", title="Acme", timezone="UTC")


def document(*moments: int, at: int = NOW, verdict: Verdict = Verdict.UP) -> PageDocument:
    api = monitor()
    window = Window([api], [PAGE])
    window.add([seen(api, moment, verdict) for moment in moments])
    return snapshot.build(window, PAGE, at)


def test_another_signal_and_another_minute_change_nothing_essential() -> None:
    first = essence(document(NOW - MINUTE))
    assert essence(document(NOW - MINUTE, NOW)) == first
    assert essence(document(NOW - MINUTE, at=NOW + MINUTE)) == first


def test_a_state_and_old_data_are_essential() -> None:
    first = essence(document(NOW))
    assert essence(document(NOW, verdict=Verdict.DOWN)) != first
    assert essence(document(NOW, at=NOW + 30 * MINUTE)) != first


@pytest.mark.parametrize("field", ["state", "paused", "checking"])
def test_what_an_item_says_of_itself_is_essential(field: str) -> None:
    shown = document(NOW)
    item = shown.groups[0].items[0]
    other = item.model_copy(update={field: "major" if field == "state" else True})
    group = shown.groups[0].model_copy(update={"items": [other]})
    assert essence(shown.model_copy(update={"groups": [group]})) != essence(shown)


def test_the_first_look_announces_nothing() -> None:
    watch = Watch()
    assert watch.greeting(NOW) is None
    assert watch.see("a", NOW) is None
    hello = watch.greeting(NOW + 5)
    assert hello is not None
    assert (hello.kind, hello.essence, hello.changed, hello.at) == (Kind.HELLO, "a", NOW, NOW + 5)


def test_a_change_is_announced_at_once_and_only_once() -> None:
    watch = Watch()
    watch.see("a", NOW)
    news = watch.see("b", NOW + 1)
    assert news is not None
    assert (news.kind, news.essence, news.changed) == (Kind.CHANGE, "b", NOW + 1)
    assert watch.see("b", NOW + 2) is None


def test_the_passing_of_a_minute_is_announced_once_a_minute() -> None:
    watch = Watch()
    watch.see("a", NOW)
    later = NOW + MINUTE
    news = watch.see("a", later)
    assert news is not None
    assert (news.kind, news.changed) == (Kind.MINUTE, NOW)
    assert watch.see("a", later + 1) is None


def test_a_clock_that_steps_back_announces_no_minute_twice() -> None:
    watch = Watch()
    watch.see("a", NOW)
    assert watch.see("a", NOW - 5 * MINUTE) is None
    assert watch.see("a", NOW) is None


def test_two_processes_that_know_the_same_name_it_alike() -> None:
    one, other = Watch(), Watch()
    one.see("a", NOW - 7 * MINUTE)
    other.see("a", NOW)
    tags = {hello.tag for watch in (one, other) if (hello := watch.greeting(NOW))}
    assert len(tags) == 1


def test_every_zoom_of_a_page_says_the_same_in_essence() -> None:
    window = Window([monitor()], [PAGE])
    window.add([seen(monitor(), NOW)])
    documents = [snapshot.build(window, PAGE, NOW, zoom=zoom, behind=snapshot.Behind(Past())) for zoom in Zoom]
    assert len({essence(one) for one in documents}) == 1
