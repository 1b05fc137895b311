"""Does an acknowledge link say what we wrote, for a week, and nothing that anybody else wrote?"""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from signalbox.db.vault import Vault
from signalbox.notifications import links
from signalbox.notifications.links import Claim
from signalbox.notifications.notices import Kind
from tests.notifications.equipment import HAPPENED, SECOND, letter, notice

KEYS = ["the first key of this test", "the second key of this test"]
FILE = Path("secret.key")


@pytest.fixture
def vault() -> Vault:
    """With the first key."""
    return Vault(KEYS[:1], FILE)


def test_a_token_says_what_was_written_into_it(vault: Vault) -> None:
    token = links.token(vault, ["api@1", "incident:2"], "ops", HAPPENED)
    assert links.read(vault, token, HAPPENED) == Claim(("api@1", "incident:2"), "ops", HAPPENED + links.LASTS * SECOND)
    assert set(token) <= set(string.ascii_letters + string.digits + "-_.")


def test_it_ends_after_a_week(vault: Vault) -> None:
    token = links.token(vault, ["api@1"], "ops", HAPPENED)
    assert links.read(vault, token, HAPPENED + 7 * 86_400 * SECOND) is not None
    assert links.read(vault, token, HAPPENED + 7 * 86_400 * SECOND + 1) is None


def test_no_character_of_it_can_be_changed(vault: Vault) -> None:
    token = links.token(vault, ["api@1"], "ops", HAPPENED)
    for place, character in enumerate(token[:-1]):  # the last one's lowest bits are padding
        other = "A" if character != "A" else "B"
        assert links.read(vault, token[:place] + other + token[place + 1 :], HAPPENED) is None


@pytest.mark.parametrize("text", ["", ".", "a", "a.b", "..", "W10.", "é.é", "\x00.\x00", "x" * 9_000, "=.=", "%.%"])
def test_anything_else_is_none(vault: Vault, text: str) -> None:
    assert links.read(vault, text, HAPPENED) is None


def test_changing_the_key_breaks_no_link_as_long_as_the_old_one_is_kept(vault: Vault) -> None:
    token = links.token(vault, ["api@1"], "ops", HAPPENED)
    assert links.read(Vault([KEYS[1], KEYS[0]], FILE), token, HAPPENED) is not None
    assert links.read(Vault([KEYS[1]], FILE), token, HAPPENED) is None


def test_a_signature_for_something_else_opens_nothing(vault: Vault) -> None:
    payload = links.token(vault, ["api@1"], "ops", HAPPENED).partition(".")[0]
    other = links._packed(bytes.fromhex(vault.signature("webhook secret", payload)))
    assert links.read(vault, f"{payload}.{other}", HAPPENED) is None


def test_only_what_lasts_has_a_link(vault: Vault) -> None:
    def link(*kinds: Kind) -> str | None:
        return links.url_for(letter(*(notice(kind=kind) for kind in kinds)), vault, "https://status.example.com/")

    url = link(Kind.DOWN)
    assert url is not None
    assert url.startswith("https://status.example.com/ack/")
    assert link(Kind.UP) is link(Kind.TEST) is link(Kind.DOWN, Kind.UP) is None
    assert links.url_for(letter(), vault, None) is None


def test_a_letter_of_many_troubles_has_none_rather_than_an_endless_one(vault: Vault) -> None:
    many = [notice(f"m{number}") for number in range(links.MOST + 1)]
    assert links.url_for(letter(*many), vault, "https://s.example.com") is None
    some = links.url_for(letter(*many[:-1]), vault, "https://s.example.com")
    assert some is not None
    assert len(some) < 2_000
