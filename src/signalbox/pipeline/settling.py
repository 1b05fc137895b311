"""What do kept signals mean? They are counted in the ledger, judged, and whatever changed is reacted to."""

from __future__ import annotations

from collections import Counter

from sqlalchemy.orm import Session

from signalbox import ledger
from signalbox.pipeline.asking import Slice
from signalbox.stores.base import Store


def keep(store: Store, piece: Slice) -> None:
    """Put the signals where `kill -9` cannot reach them. Raises `Unavailable` when they could not be kept."""
    store.append(piece.signals)


def settle(session: Session, answered: Counter[ledger.Name]) -> set[ledger.Name]:
    """Write what kept signals mean. The caller's transaction makes it so, all or nothing.

    Returns the batches whose ledger row is not there yet: a database that was away gets its rows in any order.
    """
    return ledger.settle(session, answered)
