"""How does the schema come up to date? By the numbered steps in `migrations/`, which Alembic runs in order."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from signalbox.db import migrations
from signalbox.errors import ConfigurationError

_FOLDER = Path(migrations.__file__).parent
_alone = threading.Lock()  # Alembic's `op` and `context` are one for the whole process


def upgrade(connection: Connection) -> None:
    """Run all steps that this database has not seen, inside the connection's transaction."""
    if _newest_step(connection) == migrations.NEWEST:
        return
    from alembic import command  # half a second to import, and seldom needed
    from alembic.config import Config
    from alembic.util.exc import CommandError

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


def _newest_step(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
