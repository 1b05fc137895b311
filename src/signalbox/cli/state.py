"""How does a command reach what the installation keeps, and as whom does it act?"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from signalbox.db import Database
from signalbox.installation import make_folder, refuse_weak_passwords
from signalbox.pages.service import active_pages
from signalbox.settings import Settings, load


@contextmanager
def opened_database(settings: Settings | None = None) -> Iterator[Database]:
    """The installation's database, brought up to date, for the length of a `with`. Works while `signalbox up` runs."""
    settings = settings or load()
    refuse_weak_passwords(settings)
    make_folder(settings.data)
    database = Database(settings.state_url, data=settings.data, secret_key=settings.secret_key)
    try:
        database.migrate()
        yield database
    finally:
        database.close()


def actor() -> str:
    """Who acts, for the audit log: `cli:USER`."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError, ImportError):  # a user without a name, as in some containers
        return "cli"


def page_slugs(session: Session) -> list[str]:
    """The pages that there are."""
    return [page.slug for page in active_pages(session)]
