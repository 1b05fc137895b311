"""The closed part of the API over a real database of each kind, on a real socket, and clients with tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from signalbox import clock
from signalbox.accounts import tokens
from signalbox.api.app import app_of
from signalbox.api.site import Site
from signalbox.db import Database
from signalbox.pages import template
from signalbox.pages.publication import Publication
from signalbox.pages.service import Page
from signalbox.pages.window import Window
from signalbox.stores.memory import MemoryStore
from tests.api.serving import Answer, Client, built, serving, settings

_numbers = count(1)


@dataclass
class Closed:
    """The API, and the database behind it."""

    client: Client
    database: Database

    def token(self, *scopes: str, expires: float | None = None) -> str:
        """A new token with these scopes."""
        with self.database.begin() as session:
            name = f"test {next(_numbers)}"
            return tokens.create(session, name, scopes, by="cli:test", now=clock.now(), expires=expires)[0]

    def ask(self, token: str | None, path: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """Ask with that token, and a JSON body if there is one."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body)
        return self.client.ask(f"/api/v1{path}", method, headers, content)


def site_over(database: Database, build: Path, data: Path) -> Site:
    """A site without monitors, over that database."""
    store, window = MemoryStore(), Window((), [Page(slug="main", title="Acme", timezone="UTC")])
    return Site(settings(data=data), Publication(window, store, template.load(build)), {}, database=database)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small built page."""
    return built(tmp_path_factory.mktemp("site"))


@pytest.fixture
def closed(database: Database, build: Path, tmp_path: Path) -> Iterator[Closed]:
    """The API over an empty installation."""
    site = site_over(database, build, tmp_path / "data")
    with serving(app_of(site, build)) as client:
        yield Closed(client, database)
    site.publication.close()
