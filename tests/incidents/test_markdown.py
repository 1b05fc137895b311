"""Whatever people write comes out as text and a few harmless tags."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalbox.incidents import markdown
from tests.incidents.hostile import HOSTILE, LARGE
from tests.incidents.reading import read
from tests.notifications.hostile import HOSTILE as HOSTILE_IN_NOTICES

PAYLOADS = {**HOSTILE, **{f"notice: {name}": text for name, text in HOSTILE_IN_NOTICES.items()}}


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_text_is_inert(name: str) -> None:
    assert read(markdown.render(PAYLOADS[name])).wrong == []


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_value_in_a_text_formats_nothing_and_links_nowhere(name: str) -> None:
    value = PAYLOADS[name]
    html = markdown.render(f"Before {markdown.escape(value)} after\n- {markdown.escape(value)}")
    shown = read(html)
    assert (shown.wrong, shown.links) == ([], [])
    assert set(html) >= set("<p>")
    assert all(tag not in html for tag in ("<strong", "<code", "<h3", "<em", "<a "))


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_value_shows_as_it_is_written(name: str) -> None:
    expected = " ".join(markdown.one_line(f"x{PAYLOADS[name]}").split())
    escaped = markdown.escape(f"x{PAYLOADS[name]}")
    assert read(markdown.render(escaped)).text == expected
    assert markdown.plain(escaped) == expected


@pytest.mark.parametrize("name", LARGE)
def test_what_is_large_stays_in_proportion(name: str) -> None:
    assert len(LARGE[name].encode()) < markdown.LONGEST
    html = markdown.render(LARGE[name])
    assert read(html).wrong == []
    assert len(html) < 10 * markdown.LONGEST
    assert len(markdown.plain(LARGE[name])) < 10 * markdown.LONGEST


def test_what_is_too_long_is_refused_when_written_and_harmless_when_there() -> None:
    long = "é" * (markdown.LONGEST // 2 + 1)
    with pytest.raises(ValueError, match="longer than 20,000 bytes"):
        markdown.checked(long)
    assert read(markdown.render(f"<script>{long}")).wrong == []


@given(st.text(st.sampled_from("ab1 \n\t*_`~[]()<>!#-+.&;:/\\'\"={}|x\u00e9"), max_size=80))
@settings(max_examples=400, deadline=None)
def test_no_text_at_all_breaks_out(text: str) -> None:
    assert read(markdown.render(text)).wrong == []
    shown = read(markdown.render(markdown.escape(text)))
    assert (shown.wrong, shown.links, shown.text) == ([], [], " ".join(text.split()))


SHOWN = [
    ("Plain words.", "<p>Plain words.</p>"),
    ("One\ntwo", "<p>One<br>\ntwo</p>"),
    ("# Big", "<h3>Big</h3>"),
    ("**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code></p>"),
    (
        "[us](https://a.example/?a=1&b=2)",
        '<p><a href="https://a.example/?a=1&amp;b=2" rel="noopener nofollow ugc">us</a></p>',
    ),
    ("<mail@a.example>", '<p><a href="mailto:mail@a.example" rel="noopener nofollow ugc">mail@a.example</a></p>'),
    ("![a picture](https://a.example/x.png)", "<p>a picture</p>"),
    ("https://a.example stays text", "<p>https://a.example stays text</p>"),
]


@pytest.mark.parametrize(("source", "html"), SHOWN)
def test_what_people_mean_is_shown(source: str, html: str) -> None:
    assert markdown.render(source) == html


def test_the_text_for_mails_keeps_order_lists_and_addresses() -> None:
    source = (
        "# News\nSee [our page](https://a.example) or <https://b.example>.\n\n- one\n  1. `deep`\n- two\n\n    x < y\n"
    )
    assert markdown.plain(source) == (
        "News\n\nSee our page (https://a.example) or https://b.example.\n- one\n  1. deep\n- two\nx < y"
    )
