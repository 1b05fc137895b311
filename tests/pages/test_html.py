from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import Markup

from signalbox.errors import ConfigurationError
from signalbox.pages import html, snapshot, template
from signalbox.pages.document import Mark, PageDocument, Scale, State, Sum, Zoom
from signalbox.pages.html import Place
from signalbox.pages.language import language
from signalbox.pages.service import Page
from signalbox.pages.window import Window
from signalbox.signals import Verdict
from tests.e2e.documents import trouble
from tests.e2e.zooms import zoomed
from tests.pages.examples import MINUTE, NOW, PAGE, every_minute, monitor, seen

SHELL = (
    '<!DOCTYPE html><html lang="en" data-base="%BASE%"><head><meta charset="utf-8"><!--head-->'
    "<script>theme()</script></head><body><div><!--snapshot--></div><!--page-data-->"
    '<div id="__nuxt"></div><script src="%BASE%_nuxt/a.js"></script></body></html>'
)
LINK = {"href": "?lang=de", "hreflang": "de", "lang": "de"}
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "<!--page-data-->",
    "<!--snapshot--><!--head-->%BASE%",
    "{{7*7}} ${7*7} %s %(x)s \\u003c",
    "&lt;b&gt;\u202e\u2028\x00",
)


class Reader(HTMLParser):
    """What a browser would see: elements, and text outside of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)
        else:
            self.text += data


def a_document(*names: str, title: str = "Acme status", group: str | None = None) -> PageDocument:
    monitors = [monitor(f"m{number}", name=name, group=group) for number, name in enumerate(names)]
    window = Window(monitors, (PAGE,))
    for one in monitors:
        window.add(every_minute(one, "u" * 58 + "xu"))
    return snapshot.build(window, Page(slug="main", title=title, timezone="Europe/Budapest"), NOW)


def test_the_page_reads_without_javascript() -> None:
    read = Reader(html.fill(SHELL, a_document("API", "Web"), Place()))
    for words in ("All systems operational", "Service uptime in the past 60 minutes", "API", "Web", "98.33%"):
        assert words in read.text
    assert "2 services had downtime in the past 60 minutes" in read.text
    assert "03:59–04:00 (1 min) down" in read.text  # the page's time zone
    assert "Data from 04:00 CET" in read.text
    labels = [attributes.get("aria-label") for tag, attributes in read.elements if tag == "svg"]
    assert labels.count("59 minutes up, 1 minute with downtime") == 2


def test_the_head_says_the_state() -> None:
    text = html.fill(SHELL, a_document("API"), Place("../", "./", "api/page?slug=x", "https://status.example.com/x/"))
    assert "<title>Acme status</title>" in text
    assert 'content="Acme status: All systems operational. API had downtime in the past 60 minutes"' in text
    assert 'href="../favicon/operational.svg"' in text
    assert '<link rel="canonical" href="https://status.example.com/x/">' in text
    assert 'data-base="../"' in text
    assert 'src="../_nuxt/a.js"' in text
    assert 'data-api="../api/page?slug=x"' in text


def test_the_data_in_the_page_is_the_document() -> None:
    document = a_document("API")
    found = re.search(r'id="page-data"[^>]*>(.*?)</script>', html.fill(SHELL, document, Place()))
    assert found
    assert PageDocument.model_validate_json(found[1]) == document


@pytest.mark.parametrize("name", HOSTILE)
def test_what_people_wrote_stays_text(name: str) -> None:
    plain = Reader(html.fill(SHELL, a_document("harmless", title="harmless", group="harmless"), Place()))
    document = a_document(name, title=name, group=name)
    read = Reader(html.fill(SHELL, document, Place()))
    assert [tag for tag, _ in read.elements] == [tag for tag, _ in plain.elements]
    assert [set(attributes) for _, attributes in read.elements] == [set(each) for _, each in plain.elements]
    assert len(read.scripts) == len(plain.scripts)
    data = json.loads(next(script for script in read.scripts if '"generated_at"' in script))
    assert data["page"]["title"] == data["groups"][0]["name"] == data["groups"][0]["items"][0]["name"] == name


def test_a_page_without_signals_says_so() -> None:
    window = Window((monitor(),), (PAGE,))
    read = Reader(html.fill(SHELL, snapshot.build(window, PAGE, NOW), Place()))
    assert "No signals found" in read.text
    assert "Waiting for the first checks" in read.text
    assert "—" in read.text


def test_a_stale_page_is_marked_and_not_green() -> None:
    api = monitor()
    window = Window((api,), (PAGE,))
    window.add([seen(api, NOW - 30 * MINUTE)])
    text = html.fill(SHELL, snapshot.build(window, PAGE, NOW), Place())
    assert '<div class="page is-stale">' in text
    assert "is-operational" not in text.partition('<footer class="page-footer">')[0]  # the legend shows each state
    assert "favicon/no-data.svg" in text
    assert "We cannot confirm the current status" in text


def test_large_pages_fold_the_groups_in_which_all_is_well() -> None:
    fine = [monitor(f"f{number}", group="Fine") for number in range(12)]
    bad = monitor("bad", group="Bad")
    window = Window([*fine, bad], (PAGE,))
    for one in fine:
        window.add([seen(one, NOW)])
    window.add([seen(bad, NOW, Verdict.DOWN)])
    text = html.fill(SHELL, snapshot.build(window, PAGE, NOW), Place())
    assert '<details class="group is-operational"><summary' in text
    assert '<details class="group is-major" open><summary' in text
    assert "12 services, all operational" in text


def test_uptime_is_cut_and_never_rounded_up() -> None:
    assert [snapshot.percent(*pair) for pair in ((0, 0), (0, 5), (2, 3), (99_999, 100_000), (7, 7))] == [
        None, "0.00", "66.66", "99.99", "100.00",
    ]  # fmt: skip


def a_document_of_days() -> PageDocument:
    document = a_document("API", title="Acme status")
    (group,) = document.groups
    known = Sum(known_s=7_776_000, down_s=15_120, degraded_s=0, maintenance_s=0, unknown_s=0, paused_s=0, unwatched_s=0)
    told = {"bar": "u" * 79 + "x" + "u" * 10, "marks": [Mark(at=79, down_s=15_120)], "sum": known, "uptime": "99.805"}
    item = group.items[0].model_copy(update={**told, "minutes": None, "latency": [], "since": "2026-11-22T03:00:00Z"})
    scale = Scale(zoom=Zoom.DAYS, cells=90, first="2026-08-27", step_s=None)
    groups = [group.model_copy(update={"items": [item]})]
    return document.model_copy(update={"scale": scale, "groups": groups})


def test_a_page_of_days_reads_without_javascript() -> None:
    text = html.fill(SHELL, a_document_of_days(), Place(home="../"))
    read = Reader(text)
    assert "Service uptime in the past 90 days" in read.text
    assert "99.805%" in read.text
    assert "4 h 12 min down of 2,160 h" in read.text
    assert "Watching for 2 days" in read.text
    assert '<a href="../day/2026-11-14">Sat 14 Nov: 4 h 12 min with downtime</a>' in text
    assert '<a href="../monitor/m0/receipt?window=90d">' in text
    assert '<a href="?z=90d" aria-current="true">90 d</a>' in text
    assert "1 day with downtime" in [attributes.get("aria-label") for tag, attributes in read.elements if tag == "svg"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "de",
            ["Alle Systeme betriebsbereit", "1 Minute mit Ausfall", "98,33\u00a0%", "03:59–04:00 (1 Min.) ausgefallen"],
        ),
        ("ja", ["すべてのシステムが正常です", "98.33%"]),
        ("ar", ["جميع الأنظمة تعمل", "دقيقة بها توقف", "98.33%", "كيف نقيس"]),
    ],
)
def test_a_page_is_written_in_the_readers_language(code: str, words: list[str]) -> None:
    text = html.fill(SHELL, a_document("API"), Place(), language(code))
    direction = "rtl" if code == "ar" else "ltr"
    assert f'<html lang="{code}" dir="{direction}"' in text
    read = Reader(text)
    assert [said for said in words if said not in read.text] == []
    assert "operational" not in read.text
    said = json.loads(re.findall(r'id="page-words"[^>]*>(.*?)</script>', text)[0])
    assert said["banner.operational"] == words[0]
    assert ("a", LINK | ({"aria-current": "true"} if code == "de" else {})) in read.elements


def test_words_that_browsers_keep_are_named_by_what_they_say() -> None:
    place = Place("../", words="api/words?slug=x")
    text, spoken = html.fill(SHELL, a_document("API"), place, language("de")), language("de")
    found = dict(Reader(text).elements)["link"]
    assert found["id"] == "page-words"
    assert found["data-lang"] == "de"
    assert found["href"] == f"../api/words?slug=x&lang=de&v={spoken.version()}"
    assert spoken.with_words({"banner.operational": "Good"}).version() != spoken.version()
    assert "banner.operational" not in text


def test_bars_of_days_carry_what_is_seen_at_first() -> None:
    document = zoomed(trouble(), Zoom.DAYS)
    text = html.fill(SHELL, document, Place())
    carried = json.loads(re.findall(r'id="page-data"[^>]*data-lean=""[^>]*>(.*?)</script>', text)[0])
    item, known = carried["groups"][0]["items"][0], document.groups[0].items[0]
    assert known.spark
    assert item["spark"] == {}
    assert "slow" not in item
    assert [(mark["at"], mark["down_s"]) for mark in item["marks"]] == [(mark.at, mark.down_s) for mark in known.marks]
    assert item["bar"] == known.bar
    assert "data-lean" not in html.fill(SHELL, zoomed(trouble(), Zoom.DAY), Place())


def test_an_owners_words_are_shown_as_text() -> None:
    spoken = language("en").with_words({"banner.operational": "<b>All</b> good"})
    text = html.fill(SHELL, a_document("API"), Place(), spoken)
    assert "<h1>&lt;b&gt;All&lt;/b&gt; good</h1>" in text
    assert '"banner.operational":"\\u003cb>All' in text


def test_another_view_stands_in_the_same_frame() -> None:
    text = html.view(
        SHELL, Place("../", "../"), language("de"), name="incident", title="<Slow>", page_title="Acme",
        description="d", body=Markup("<h1>Slow</h1>"), state=State.DEGRADED, indexed=False, data={"a": "</script>"},
    )  # fmt: skip
    assert "<title>&lt;Slow&gt; · Acme</title>" in text
    assert '<a class="page-title" href="../">Acme</a>' in text
    assert '<a href="../history">Verlauf</a>' in text
    assert "<main><h1>Slow</h1></main>" in text
    assert '<meta name="robots" content="noindex">' in text
    assert "../favicon/degraded.svg" in text
    assert 'id="page-data" data-api="../api/page" data-view="incident">{"a":"\\u003c/script>"}</script>' in text


def test_without_a_build_a_view_is_written_all_the_same() -> None:
    text = html.view(
        None, Place(), language("en"), name="x", title="X", page_title="Acme", description="", body=Markup("<p>x</p>"),
        state=State.NO_DATA,
    )  # fmt: skip
    assert text.startswith('<!doctype html><html lang="en" dir="ltr">')
    assert "<main><p>x</p></main>" in text


def test_groups_come_in_the_order_of_their_first_monitor() -> None:
    monitors = [monitor("a", group="Core"), monitor("b"), monitor("c", group="Core"), monitor("d", group="Edge")]
    document = snapshot.build(Window(monitors, (PAGE,)), PAGE, NOW)
    assert [(group.name, [item.id for item in group.items]) for group in document.groups] == [
        ("Core", ["a", "c"]), (None, ["b"]), ("Edge", ["d"]),
    ]  # fmt: skip


def test_the_policy_lets_exactly_the_inline_scripts_of_the_build_run(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(SHELL, encoding="utf-8")
    loaded = template.load(tmp_path)
    assert loaded
    digest = base64.b64encode(hashlib.sha256(b"theme()").digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in loaded.policy
    assert loaded.policy.count("sha256-") == 1
    filled = html.fill(loaded.html, a_document("API"), Place())
    assert template.policy(filled) == loaded.policy


def test_without_a_build_there_is_no_template_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    assert template.load(tmp_path) is None
    (tmp_path / "index.html").write_text("<html></html>", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="run make web"):
        template.load(tmp_path)


def test_without_a_build_a_plain_page_says_how_to_get_one() -> None:
    text = html.plain(a_document("<b>API</b>"))
    assert "run make web" in text
    assert "&lt;b&gt;API&lt;/b&gt;: Operational" in text
