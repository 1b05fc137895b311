"""Signals in QuestDB: the store itself, and the one with a journal before it that installations use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from pathlib import Path

from signalbox.credentials import refuse_weak_password
from signalbox.errors import MissingExtra
from signalbox.stores.base import USUAL, Kept
from signalbox.stores.deadletters import DeadLetters
from signalbox.stores.journaled import JournaledStore
from signalbox.stores.questdb.address import Address
from signalbox.stores.questdb.store import QuestDBStore

__all__ = ["QuestDBStore", "journaled_questdb"]


def journaled_questdb(
    url: str,
    data: Path,
    identities: Mapping[str, str] | None = None,
    insecure: bool = False,
    migration_lock: Callable[[], AbstractContextManager[object]] = nullcontext,
    *,
    kept: Kept = USUAL,
) -> JournaledStore:
    """QuestDB behind a journal in the data folder. ConfigurationError for a bad address, a weak password, no client."""
    address = Address.parse(url)
    refuse_weak_password(url, "SIGNALBOX_SIGNALS_URL", insecure=insecure)
    if find_spec("questdb") is None or find_spec("psycopg") is None:
        raise MissingExtra("QuestDB", "questdb")
    dead_letters = DeadLetters(data / "dead-letters" / "signals.jsonl")
    inner = QuestDBStore(address, dead_letters, identities, kept=kept)
    return JournaledStore(
        inner, data / "journal", dead_letters=dead_letters, incarnation=inner.incarnation, migration_lock=migration_lock
    )
