from __future__ import annotations

from datetime import datetime

import pytest

from signalbox.pages import plaintext
from signalbox.pages.announcer import MINUTE
from signalbox.pages.document import PageDocument
from signalbox.pages.language import LANGUAGES, language
from tests.e2e import documents

ENGLISH = language("en")
LATER = 30 * MINUTE


def text(document: PageDocument, later: int = 0, code: str = "en") -> str:

    generated = int(datetime.fromisoformat(document.generated_at).timestamp() * 1_000_000)
    return plaintext.status(document, generated + later, language(code))


def test_a_page_says_headline_age_and_a_line_a_service() -> None:
    document = documents.calm()
    said = text(document)
    lines = said.splitlines()
    assert lines[0] == document.page.title
    assert lines[1] == "All systems operational"
    assert any(line.startswith("Data from 20") for line in lines)
    names = [item.name for group in document.groups for item in group.items]
    assert all(any(line.startswith(f"  {name}: Operational") for line in lines) for name in names)


def test_trouble_is_told_with_its_incidents() -> None:
    document = documents.trouble()
    said = text(document)
    assert "All systems operational" not in said
    for incident in document.incidents:
        assert plaintext.line(incident.title) in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_old_data_are_never_called_operational(code: str) -> None:
    word = language(code).say("state.operational").lower()
    for document in (documents.calm(), documents.trouble(), documents.looking()):
        said = text(document, LATER, code).lower()
        assert word not in said
        assert language(code).say("banner.stale").lower() in said
        assert "100" not in said.partition("\n\n")[2].replace(" 100 ", "")
    assert word not in text(documents.stale(), 0, code).lower()


def test_nothing_that_people_wrote_reaches_a_terminal_as_more_than_text() -> None:
    assert plaintext.line("a\x1b[31mb\r\nc\x00\u202ed\u2028e") == "a [31mb c d e"
    said = text(documents.hostile())
    assert all(one.isprintable() for one in said.replace("\n", ""))


def test_a_page_without_services_or_data_says_that() -> None:
    assert "Waiting for the first checks" in text(documents.waiting())
