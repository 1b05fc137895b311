"""How does the page look from across a room? The headline and every service, large; the browser's side keeps it new."""

from __future__ import annotations

import re

from signalbox.pages import snapshot, words
from signalbox.pages.views.base import Asked, Route, Shown, Source


def show(asked: Asked, source: Source) -> Shown:
    """The wall as of now."""
    document = snapshot.build(source.window, asked.page, asked.now, source.known)
    services = [item for group in document.groups for item in group.items]
    order = list(type(document.headline.state))
    return Shown(
        "wall.html",
        words.tab(asked.language, asked.page.title, document.headline),
        asked.language.say("wall.description", title=asked.page.title),
        {
            "document": document, "headline": words.headline(asked.language, document.headline),
            "services": sorted(services, key=lambda item: -order.index(item.state)),
        },
        state=document.headline.state,
        indexed=False,
    )  # fmt: skip


ROUTE = Route("wall", re.compile(r"wall"), frozenset(), show)
