"""Secrets at rest: sealed, opened by the right key only, and the key kept from other people's eyes."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr

from signalbox.db import Database
from signalbox.db.vault import KEY_FILE, Vault
from signalbox.errors import ConfigurationError

OLD, NEW = SecretStr("the old key that is long enough"), SecretStr("the new key that is long enough")


def test_what_is_sealed_can_be_opened_and_not_read(tmp_path: Path) -> None:
    vault = Vault.with_key(OLD, tmp_path)
    sealed = vault.seal("pässword ☃")
    assert "password" not in sealed
    assert vault.seal("pässword ☃") != sealed
    assert Vault.with_key(OLD, tmp_path).open(sealed) == "pässword ☃"


def test_another_key_opens_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    sealed = Vault.with_key(OLD, tmp_path).seal("x")
    with pytest.raises(ConfigurationError, match="NEW,OLD"):
        Vault.with_key(NEW, tmp_path).open(sealed)


def test_a_damaged_seal_is_not_opened(tmp_path: Path) -> None:
    vault = Vault.with_key(OLD, tmp_path)
    sealed = vault.seal("x")
    with pytest.raises(ConfigurationError):
        vault.open(sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:])


def test_a_new_key_before_the_old_one_seals_and_both_open(tmp_path: Path) -> None:
    sealed = Vault.with_key(OLD, tmp_path).seal("x")
    both = Vault.with_key(SecretStr(f"{NEW.get_secret_value()}, {OLD.get_secret_value()}"), tmp_path)
    assert both.open(sealed) == "x"
    assert Vault.with_key(NEW, tmp_path).open(both.seal("y")) == "y"


def test_a_comma_in_a_key_does_not_make_two_short_ones(tmp_path: Path) -> None:
    key = SecretStr("correct, horse, battery")
    assert Vault.with_key(key, tmp_path).open(Vault.with_key(key, tmp_path).seal("x")) == "x"


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    sealed = Vault.with_key(None, data).seal("x")
    assert stat.S_IMODE((data / KEY_FILE).stat().st_mode) == 0o600
    assert Vault.with_key(None, data).open(sealed) == "x"
    assert [file.name for file in data.iterdir()] == [KEY_FILE]


def test_starting_together_makes_one_key(tmp_path: Path) -> None:
    seals: list[str] = []
    gate = threading.Barrier(8)

    def start() -> None:
        gate.wait()
        seals.append(Vault.with_key(None, tmp_path / "data").seal("x"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    vault = Vault.with_key(None, tmp_path / "data")
    assert [vault.open(sealed) for sealed in seals] == ["x"] * 8


@pytest.mark.parametrize(("key", "words"), [("short", "too short"), (" ", "too short")])
def test_a_key_that_protects_nothing_is_refused(tmp_path: Path, key: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Vault.with_key(SecretStr(key), tmp_path)


def test_a_key_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).mkdir()
    with pytest.raises(ConfigurationError, match=KEY_FILE):
        Vault.with_key(None, tmp_path)


def test_a_start_with_the_wrong_key_is_refused(state_url: str, tmp_path: Path) -> None:
    first = Database(state_url, data=tmp_path, secret_key=OLD)
    first.migrate()
    first.close()
    second = Database(state_url, data=tmp_path, secret_key=NEW)
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        second.migrate()
    second.close()


def test_a_signature_holds_for_its_purpose_and_its_text_alone(tmp_path: Path) -> None:
    vault = Vault(["a key that is long enough"], tmp_path)
    signed = vault.signature("acknowledge", "thread")
    assert signed == vault.signature("acknowledge", "thread")
    assert signed not in {vault.signature("token", "thread"), vault.signature("acknowledge", "thread2")}


def test_signatures_of_an_old_key_hold_after_the_key_is_changed(tmp_path: Path) -> None:
    old = Vault(["the key from before"], tmp_path).signature("token", "text")
    assert old in Vault(["the key from now on", "the key from before"], tmp_path).signatures("token", "text")
