"""How does an installation become a site that readers can reach?

`opened_site` is the API process of the distributed mode: it follows the store. `joined` is the half that the embedded
mode shares: there the process that asks hands its signals over itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import structlog

from signalbox import broker
from signalbox.api.site import Site
from signalbox.errors import SignalboxError
from signalbox.installation import Installation, opened
from signalbox.monitors.roster import Roster
from signalbox.monitors.service import Monitor
from signalbox.pages import template
from signalbox.pages.board import Board
from signalbox.pages.follower import Filling, Follower
from signalbox.pages.publication import Publication
from signalbox.pages.service import active_pages
from signalbox.pages.views.gallery import Gallery
from signalbox.pages.window import Window
from signalbox.rounds import Rounds
from signalbox.settings import Settings

log = structlog.get_logger(__name__)

LOOK = 1.0  # seconds between two looks whether monitors or pages changed


@contextmanager
def joined(
    installation: Installation, roster: Roster, readiness: Mapping[str, Callable[[], object]] | None = None
) -> Iterator[tuple[Site, Window]]:
    """A site over an installation, and the window that new signals are added to."""
    window = Window((), ())

    def replace(monitors: Sequence[Monitor], revision: int) -> None:
        with installation.database.read() as session:
            window.replace_pages(active_pages(session))
        window.replace_monitors(monitors)

    roster.on_change(replace)
    roster.refresh()
    board = Board(installation.database, installation.store, lambda: window.monitors)
    board.start()
    publication = Publication(window, installation.store, template.load(), installation.settings.public_url, board)
    gallery = Gallery(
        window, board, installation.store, template.load(),
        reading=installation.database.read, public_url=installation.settings.public_url,
    )  # fmt: skip
    filling = Filling(installation.store, window)
    filling.start()
    checks = {"store": installation.store.ping, "database": installation.database.ping, **(readiness or {})}
    try:
        site = Site(installation.settings, publication, checks, gallery, board, installation.database, roster)
        yield site, window
    finally:
        gallery.close()
        filling.close()
        board.close()
        publication.close()


@contextmanager
def opened_site(settings: Settings) -> Iterator[Site]:
    """The site of an API process: opens the installation and follows its store until closed."""
    with opened(settings) as installation:
        roster = Roster(installation.database)
        with joined(installation, roster, _broker(settings)) as (site, window):
            follower = Follower(installation.store, window)
            watching = Rounds("roster", lambda: _refresh(roster), LOOK, trouble=_old)
            follower.start()
            watching.start()
            try:
                yield site
            finally:
                follower.close()
                watching.close(5)


def _broker(settings: Settings) -> dict[str, Callable[[], object]]:
    """How to ask for the broker, where there is one."""
    if settings.broker_url is None:
        return {}
    return {"broker": partial(broker.ping, settings.broker_url.get_secret_value())}


def _refresh(roster: Roster) -> None:
    roster.refresh()


def _old(error: SignalboxError) -> None:
    log.error("roster.stale", error=str(error))
