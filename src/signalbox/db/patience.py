"""How long do we wait for PostgreSQL? As long as its host answers: a statement may take its time, as far as the
server's own limits go. A server that neither answers nor hangs up (stopped, or its machine frozen) is given up on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

if TYPE_CHECKING:
    import psycopg
    from psycopg.abc import RV, PQGen

PATIENCE = 3.0
"""Seconds without an answer after which we ask whether the server is there at all."""
SIGN_OF_LIFE = 3
"""Seconds that it has for answering that, on a connection of its own; whatever it says, it lives."""
REST = 5.0
"""Seconds after giving up in which nobody tries anew: who asks meanwhile is told at once."""

_GIVEN_UP = "the server neither answers nor hangs up"


def bound(engine: Engine) -> None:
    """Let every connection of this engine give up on a server that is frozen, within `PATIENCE + SIGN_OF_LIFE`."""
    import psycopg  # an extra: installations on SQLite need not have it

    patient, hope = _connection_class(), _Hope()

    def connect(dialect: Any, record: Any, arguments: Any, options: dict[str, Any]) -> DBAPIConnection:
        if hope.is_given_up():
            raise psycopg.OperationalError(_GIVEN_UP)
        try:
            made = patient.connect(*arguments, **options)
        except psycopg.errors.ConnectionTimeout:
            hope.give_up()
            raise
        made.is_there = lambda: _is_there(options) or hope.give_up()  # type: ignore[attr-defined]
        return made  # type: ignore[return-value]

    event.listen(engine, "do_connect", connect)


class _Hope:
    """Is it worth trying to connect?"""

    def __init__(self) -> None:
        self._until = 0.0  # monotonic seconds

    def is_given_up(self) -> bool:
        return time.monotonic() < self._until

    def give_up(self) -> bool:
        """False: it is not there."""
        self._until = time.monotonic() + REST
        return False


def _connection_class() -> type[psycopg.Connection[tuple[Any, ...]]]:
    import psycopg

    class PatientConnection(psycopg.Connection[tuple[Any, ...]]):
        is_there: Callable[[], bool] | None = None

        def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
            if timeout is not None or self.is_there is None:
                return super().wait(gen, interval, timeout)
            while True:
                try:
                    return super().wait(gen, interval, PATIENCE)
                except psycopg.errors._WaitTimeout:
                    if self.is_there():
                        continue
                    self.close()  # an answer that came now would be taken for the next question's
                    raise psycopg.OperationalError(_GIVEN_UP) from None

    return PatientConnection


def _is_there(options: dict[str, Any]) -> bool:
    """A refusal is an answer, too."""
    import psycopg

    try:
        psycopg.connect(**{**options, "connect_timeout": SIGN_OF_LIFE}).close()
    except psycopg.errors.ConnectionTimeout:
        return False
    except psycopg.Error:
        return True
    return True
