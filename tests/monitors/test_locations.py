"""One of all who find a location cut off is the one who tells."""

from __future__ import annotations

from signalbox.db import Database
from signalbox.monitors.locations import note_offline, note_online, offline


def test_only_the_one_who_flips_a_location_is_told_so(database: Database) -> None:
    with database.begin() as session:
        assert not note_online(session, "fra", 1)  # it never was offline
        assert note_offline(session, "fra", 10, "no answer from the gateway", good=5)
    with database.begin() as session:
        assert not note_offline(session, "fra", 11, "again")
        (row,) = offline(session)
        assert (row.location, row.since, row.good, row.detail) == ("fra", 10, 5, "no answer from the gateway")
        assert note_online(session, "fra", 20)
    with database.begin() as session:
        assert not note_online(session, "fra", 21)
        assert offline(session) == []
        assert note_offline(session, "fra", 30, "cut off")
