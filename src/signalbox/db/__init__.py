"""Where is state kept? `Database` is the way in; the tables belong to the nouns above."""

from __future__ import annotations

from signalbox.db.database import Database

__all__ = ["Database"]
