"""What does a process of this installation stand on? Its settings, its database, its signal store, its manifest.

Every process opens it the same way: migrate both databases under one lock, apply the manifest if there is one here,
connect. Opening twice, or by several processes at once, changes nothing more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import structlog

from signalbox import clock
from signalbox.credentials import refuse_weak_password
from signalbox.db import Database
from signalbox.errors import ConfigurationError, Unavailable
from signalbox.manifest import apply, document
from signalbox.manifest.document import Manifest
from signalbox.manifest.watch import Watch
from signalbox.monitors import service
from signalbox.settings import Settings
from signalbox.stores import RETENTION_DAYS, open_store
from signalbox.stores.base import Kept, Store

log = structlog.get_logger(__name__)

PATIENCE = 30.0  # seconds that a start waits for a database that is still starting itself

QUESTDB_DAYS = 400  # that signals are kept in QuestDB, where nobody says
_DAY = 86_400.0
_FILE = "sqlite:///"


class Retention(NamedTuple):
    """How long what is stored is kept, in seconds. Days, spells and incidents are kept for good."""

    raw: float
    hourly: float


class Pruned(NamedTuple):
    """How many rows went."""

    signals: int
    hours: int


@dataclass(slots=True)
class Installation:
    """An opened installation. `close` it, or use `opened`."""

    settings: Settings
    database: Database
    store: Store
    _watch: Watch | None = field(default=None)
    _changed: bool = False  # the manifest, and it is not applied yet

    @classmethod
    def open(
        cls, settings: Settings, manifest: Manifest | None = None, *, follow: bool = True, later: bool = False
    ) -> Installation:
        """Open it, with `manifest` or the one that the settings name; `follow` that one's changes from now on.

        With `later` the manifest waits for the first `follow_manifest`, which survives a bad one: for a process that
        is started again while others run. Raises `ConfigurationError` for a wrong setting or manifest (nothing is
        changed then), `Unavailable` when a database stays away.
        """
        refuse_weak_passwords(settings)
        watch = Watch(settings.config) if follow and settings.config.exists() else None
        wanted = manifest or (document.load(settings.config) if watch and not later else None)
        make_folder(settings.data)
        database = Database(settings.state_url, data=settings.data, secret_key=settings.secret_key)
        try:
            await_server(database.ping)
            with database.migration_lock():
                database.migrate()
                if wanted is not None:
                    apply_manifest(database, wanted)
                store = open_store(
                    settings.signal_store_url,
                    data=settings.data,
                    identities=identities(database),
                    insecure=settings.insecure,
                    migration_lock=database.migration_lock,
                    kept=_kept(settings),
                )
                store.open()
        except BaseException:
            database.close()
            raise
        return cls(settings, database, store, watch, later)

    def follow_manifest(self, asked: bool) -> None:
        """Apply the manifest if its file changed, or if `asked`. A bad one is refused, and the old one stays.

        Raises what the database raises; the change is then taken up by the next call.
        """
        if self._watch is None:
            return
        self._changed = self._watch.changed() or asked or self._changed
        if not self._changed:
            return
        try:
            apply_manifest(self.database, document.load(self.settings.config))
        except ConfigurationError as error:
            log.error("manifest.refused", error=str(error), still="the manifest from before is in force")
        self._changed = False

    def prune(self, now: int, kept: Retention | None = None, *, dry: bool = False) -> Pruned:
        """Drop what is older than the retention, or than `kept`; with `dry` only count it. Returns how much went."""
        raw, hourly = kept or retention(self.settings)
        signals = self.store.prune(now - round(raw * clock.MICROS), dry=dry)
        return Pruned(signals, self.store.prune_hours(now - round(hourly * clock.MICROS), dry=dry))

    def close(self) -> None:
        """Flush and disconnect."""
        self.store.close()
        self.database.close()


@contextmanager
def opened(settings: Settings, manifest: Manifest | None = None, *, follow: bool = True) -> Iterator[Installation]:
    """An installation for the length of a `with`."""
    installation = Installation.open(settings, manifest, follow=follow)
    try:
        yield installation
    finally:
        installation.close()


def retention(settings: Settings) -> Retention:
    """How long what is stored is kept: as the settings say, else as is usual for the store."""
    usual = QUESTDB_DAYS if settings.signal_store_url.startswith("questdb:") else RETENTION_DAYS
    raw = settings.retain_raw if settings.retain_raw is not None else usual * _DAY
    return Retention(raw, settings.retain_hourly)


def _kept(settings: Settings) -> Kept:
    """The same for a store that drops by itself. Where nobody says, a time that somebody gave its table stays."""
    raw = None if settings.retain_raw is None else settings.retain_raw / _DAY
    return Kept(raw, settings.retain_hourly / _DAY)


def files(settings: Settings) -> dict[str, Path]:
    """What an installation keeps on this machine's disk, by what it is; databases on a server are not among it."""
    urls = {"signals": settings.signal_store_url, "state": settings.state_url}
    found = {what: Path(url.partition("?")[0].removeprefix(_FILE)) for what, url in urls.items() if _FILE in url}
    return {**found, "data folder": settings.data}


def refuse_weak_passwords(settings: Settings) -> None:
    """Refuse servers that are reached over the network with a password everybody knows; or say it loudly."""
    servers = {
        "SIGNALBOX_SIGNALS_URL": settings.signals_url,
        "SIGNALBOX_DATABASE_URL": settings.database_url,
        "SIGNALBOX_BROKER_URL": settings.broker_url,
    }
    for name, url in servers.items():
        if url is not None:
            refuse_weak_password(url.get_secret_value(), name, insecure=settings.insecure)
    if settings.insecure:
        log.warning("insecure", why="SIGNALBOX_INSECURE is set: default and empty passwords are not refused")


def make_folder(data: Path) -> None:
    """Make the data folder, for our eyes only."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"the data folder {data} cannot be made: {error.strerror}; set SIGNALBOX_DATA or --data to another one"
        ) from error


def apply_manifest(database: Database, manifest: Manifest) -> None:
    """Make the monitors and pages what the manifest says, in one transaction, and log what changed."""
    with database.begin() as session:
        plan = apply.apply(session, manifest)
    log.info("manifest.applied", changes=str(plan))


def identities(database: Database) -> dict[str, str]:
    """Keys of the monitors by URL, for a store that adopts rows which know only URLs."""
    with database.read() as session:
        return service.targets(session)


def await_server(ping: Callable[[], None]) -> None:
    """Wait for a server that is still starting. Raises its last `Unavailable` after 30 s."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ping()
        except Unavailable as error:
            if time.monotonic() > deadline:
                raise
            log.warning("database.awaited", error=str(error))
            time.sleep(1.0)
