"""How does the schema come up to date? By the numbered steps in `migrations/`, which Alembic runs in order."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from signalbox.errors import ConfigurationError

_FOLDER = Path(__file__).parent / "migrations"
_alone = threading.Lock()  # Alembic's `op` and `context` are one for the whole process


def upgrade(connection: Connection) -> None:
    """Run all steps that this database has not seen, inside the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _alone:
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise ConfigurationError(
                f"the database was made by a newer Signalbox ({error}): install that version or a later one"
            ) from error
