"""How long does a QuestDB keep rows before it drops them by itself?"""

from __future__ import annotations

from signalbox.errors import NotFound
from signalbox.stores.questdb.address import Address
from signalbox.stores.questdb.pgwire import Reader
from signalbox.stores.questdb.schema import TABLE

_ASK = "SELECT ttlValue, lower(ttlUnit) FROM tables() WHERE table_name = :table"


def time_to_live(url: str) -> str | None:
    """The time to live of our table there, such as `400 days`; None when rows stay for good.

    `NotFound` when there is no such table yet.
    """
    reader = Reader(Address.parse(url))
    try:
        found = reader.rows(_ASK, table=TABLE)
    finally:
        reader.close()
    if not found:
        raise NotFound(f"QuestDB has no table {TABLE} yet: Signalbox makes it when it starts")
    value, unit = found[0]
    return f"{value} {unit}{'s' if value != 1 else ''}" if value else None
