"""Do messages say what happened in words that people understand, alone and in groups?"""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from signalbox.notifications.letters import Letter
from signalbox.notifications.messages import Wording, word
from signalbox.notifications.notices import Kind, Notice, Severity
from signalbox.notifications.sentences import REASONS
from signalbox.notifications.texts import body, chat, harmless, lasted, line, listed, moment
from signalbox.signals import Reason
from tests.notifications.equipment import HAPPENED, letter, notice

UTC = ZoneInfo("UTC")


def said(*notices: Notice, reminded: bool = False) -> Wording:
    """The wording of one letter."""
    reminders = frozenset(one.key for one in notices) if reminded else frozenset[str]()
    return word(letter(*notices, reminders=reminders), UTC)


def test_down() -> None:
    wording = said(notice(cause="Database", dependents=["A", "B", "C", "D", "E"]))
    assert wording.subject == "Down: Api"
    assert wording.text == (
        "■ Api has been down since 18 Nov 2026 11:06:40 (UTC).\n\n"
        "It answers, but with an error (the server answered 503 Service Unavailable)\n"
        "Cause: Database is down, and it depends on that\n"
        "Holds back 5 that depend on it: A, B, C and 2 more\n"
        "Asked: https://api.example.com/\n"
        "Confirmed 18 Nov 2026 11:06:44 (UTC)\n"
    )


@pytest.mark.parametrize(
    ("told", "subject", "first"),
    [
        (notice(kind=Kind.UP, down_s=725), "Api is up again, was down 12 min", "● Api is up again, was down 12 min."),
        (notice(kind=Kind.UP, severity=Severity.DEGRADED, down_s=30), "Api is up again, was degraded 30 s",
         "● Api is up again, was degraded 30 s."),
        (notice(kind=Kind.UP), "Api is up again", "● Api is up again."),
        (notice(kind=Kind.DEGRADED), "Degraded: Api", "▲ Api has been degraded since 18 Nov 2026 11:06:40 (UTC)."),
        (notice(kind=Kind.FLAPPING), "Comes and goes: Api", "▲ Api is unsteady: it comes and goes."),
        (notice("local", Kind.OFFLINE), "Own network down: local",
         "◇ Our own network at local has been down since 18 Nov 2026 11:06:40 (UTC)."),
        (notice("local", Kind.ONLINE, down_s=90), "Own network back: local",
         "● Our own network at local is back after 1 min 30 s."),
        (notice(kind=Kind.INCIDENT, title="Mail is late", status="investigating", impact="minor"),
         "Incident: Mail is late", "■ Incident: Mail is late."),
        (notice(kind=Kind.UPDATE, title="Mail is late"), "Update: Mail is late", "◇ Update: Mail is late."),
        (notice(kind=Kind.RESOLVED, title="Mail is late"), "Resolved: Mail is late", "● Resolved: Mail is late."),
        (notice(kind=Kind.TEST), "Test: nothing happened", "◇ This is a test: nothing happened."),
    ],
    ids=lambda one: one.kind.value if isinstance(one, Notice) else "",
)  # fmt: skip
def test_every_kind_has_its_words(told: Notice, subject: str, first: str) -> None:
    wording = said(told)
    assert wording.subject == subject
    assert wording.text.splitlines()[0] == first


def test_a_reminder_says_still() -> None:
    tricky = notice("What has been is gone")
    assert said(tricky, reminded=True).subject == "Still down: What has been is gone"
    assert said(tricky, reminded=True).text.startswith("■ What has been is gone is still down since")


def test_an_incident_says_all_that_was_written() -> None:
    told = notice(
        kind=Kind.INCIDENT, title="Mail is late", status="identified", impact="major", monitors=["Api", "Web"],
        body="We found it.\n\n\n\nMore at *noon*.", next_update_by=HAPPENED + 3_600_000_000,
    )  # fmt: skip
    assert said(told).text.splitlines()[2:] == [
        "Identified · Major impact", "We found it.", "", "More at *noon*.", "Affects Api and Web",
        "At 18 Nov 2026 11:06:40 (UTC)", "Next update by 18 Nov 2026 12:06:40 (UTC)",
    ]  # fmt: skip


def test_twelve_at_once_are_one_message() -> None:
    wording = said(*(notice(name) for name in ["Api", "Search", *"ABCDEFGHIJ"]))
    assert wording.subject == "12 monitors down: Api, Search and 10 more"
    assert wording.text.count("has been down since") == 12


def test_a_thousand_at_once_are_readable_and_short_enough_for_a_chat() -> None:
    wording = said(*(notice(f"Monitor {number}") for number in range(1_000)))
    assert wording.subject == "1000 monitors down: Monitor 0, Monitor 1 and 998 more"
    assert "and 950 more" in wording.text
    assert len(wording.chat) < 2_000
    assert len(wording.html) < 50_000
    assert len(wording.data["notices"]) == 1_000


def test_down_and_up_together_are_counted_apart() -> None:
    wording = said(notice("Api"), notice("Web"), notice("Db", Kind.UP, down_s=60))
    assert wording.subject == "2 down, 1 up again: Api, Web and 1 more"


@pytest.mark.parametrize(
    ("zone", "text"),
    [("UTC", "18 Nov 2026 11:06:40 (UTC)"), ("Europe/Budapest", "18 Nov 2026 12:06:40 (UTC+01:00)"),
     ("Asia/Kolkata", "18 Nov 2026 16:36:40 (UTC+05:30)"), ("America/St_Johns", "18 Nov 2026 07:36:40 (UTC-03:30)")],
)  # fmt: skip
def test_times_are_in_the_channels_zone(zone: str, text: str) -> None:
    assert moment(HAPPENED, ZoneInfo(zone)) == text
    assert text in word(letter(), ZoneInfo(zone)).text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (-5, "0 s"), (45.4, "45 s"), (60, "1 min"), (90, "1 min 30 s"), (725, "12 min"), (3_600, "1 h"),
     (7_500, "2 h 5 min"), (86_400, "1 d"), (273_600, "3 d 4 h")],
)  # fmt: skip
def test_durations_are_rounded_as_people_say_them(seconds: float, text: str) -> None:
    assert lasted(seconds) == text


def test_names_are_listed_as_people_list_them() -> None:
    assert [listed(list("abcdef"[:count])) for count in range(5)] == [
        "", "a", "a and b", "a, b and c", "a, b, c and 1 more",
    ]  # fmt: skip


def test_every_reason_has_a_sentence() -> None:
    assert REASONS.keys() == {reason.value for reason in Reason} - {"ok"}


def test_facts_of_any_shape_are_worded() -> None:
    odd = {"name": None, "title": 3, "target": ["x"], "message": {"a": 1}, "reason": 5, "dependents": "abc",
           "cause": 7, "monitors": {"Api": "down"}, "down_s": "long", "next_update_by": True, "status": [],
           "impact": None, "body": 1.5}  # fmt: skip
    for kind in Kind:
        wording = said(replace(notice(kind=kind), facts=odd))
        assert wording.subject
        assert wording.html


def test_our_own_links_are_only_web_addresses() -> None:
    wording = word(letter(), UTC, "javascript:alert(1)", 'https://s.example.com/ack/"><script>')
    assert "javascript" not in wording.text + wording.html
    assert "<script>" not in wording.html


def test_a_message_needs_no_width_and_no_colour() -> None:
    html = said(notice()).html
    assert "width:" not in html.replace("max-width:", "")
    assert "background" not in html
    assert html.count("color:") == html.count('<span aria-hidden="true" style="color:')
    assert 'content="light dark"' in html


def test_the_same_letter_is_worded_the_same() -> None:
    assert word(letter(), UTC) == word(replace(letter()), UTC)
    assert isinstance(letter(), Letter)


def test_texts_keep_what_scripts_and_emoji_need() -> None:
    family, farsi = "👨\u200d👩\u200d👧", "نمی\u200cخواهم"
    assert line(f"{family} {farsi}") == f"{family} {farsi}"
    assert body("a\r\nb\rc") == "a\nb c"
    assert harmless({"a\x00": ["\u202eb", 1, None, {"c": "\x07"}]}) == {"a": ["b", 1, None, {"c": ""}]}
    assert chat("a@b <c> [d](e)") == "a@\u200bb <\u200bc> [d]\u200b(e)"
