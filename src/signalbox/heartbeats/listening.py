"""When did nobody listen? Whoever takes pings says every few seconds that it does; what lies between is deaf time.

One fact for the installation: several processes that listen are one ear. Verbs that take a session.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from signalbox.clock import MICROS
from signalbox.db.installation import InstallationRow
from signalbox.db.rows import insertion

EVERY = 5.0
"""Seconds from one time that it is said to the next."""
DEAF = 30.0
"""Seconds without a word after which nobody listened: a shorter time is a restart, and senders try again."""

_LISTENING, _FOLLOWED = "listening", "pings-followed"


class Listening(NamedTuple):
    """The last time in which nobody listened, if there was one, and until when somebody did. UTC microseconds."""

    until: int
    deaf: tuple[int, int] | None = None

    def as_of(self, moment: int) -> tuple[int, int] | None:
        """The last deaf time that had begun by then; it may go on."""
        if moment - self.until > DEAF * MICROS:
            return self.until, moment
        return self.deaf


def note(session: Session, now: int) -> None:
    """Somebody listens now."""
    known = read(session)
    value = {"until": now, "deaf": known.as_of(now) if known is not None else None}
    _write(session, _LISTENING, json.dumps(value))


def read(session: Session) -> Listening | None:
    """What is known of it; None: nobody ever listened."""
    text = _read(session, _LISTENING)
    if text is None:
        return None
    value = json.loads(text)
    deaf = value["deaf"]
    return Listening(value["until"], (deaf[0], deaf[1]) if deaf else None)


def note_followed(session: Session, number: int) -> None:
    """All pings up to that number have become signals that are kept."""
    _write(session, _FOLLOWED, str(number))


def followed(session: Session) -> int | None:
    """That number; None: nobody has followed them yet."""
    text = _read(session, _FOLLOWED)
    return None if text is None else int(text)


def _read(session: Session, key: str) -> str | None:
    return session.scalar(select(InstallationRow.value).where(InstallationRow.key == key))


def _write(session: Session, key: str, value: str) -> None:
    statement = insertion(session, InstallationRow).values(key=key, value=value)
    update = statement.on_conflict_do_update(index_elements=["key"], set_={"value": value})
    session.connection().execute(update)
