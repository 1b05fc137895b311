"""How did the page stand at a minute of the past? For support tickets and claims: the same page, as of then."""

from __future__ import annotations

import re
from datetime import datetime

from signalbox.clock import to_datetime, to_micros
from signalbox.errors import NotFound, Refused
from signalbox.pages import html, moments, words
from signalbox.pages.document import Zoom
from signalbox.pages.views.base import LONG_AGO, Asked, Route, Shown, Source

_MOST = 1_000  # services whose bars are made for one reader; of more the 60 minutes are shown


def show(asked: Asked, source: Source) -> Shown:
    """The page at the end of that minute."""
    then = _moment(asked)
    zoom = _zoom(asked, source)
    with source.reading() as session:
        try:
            document = moments.at(
                session, source.window.monitors, asked.page, then, asked.now, zoom=zoom, store=source.store
            )
        except Refused as error:
            raise NotFound(str(error)) from None
    time = to_datetime(then).astimezone(asked.zone)
    return Shown(
        "moment.html",
        asked.language.say("moment.title", title=asked.page.title, time=f"{time:%Y-%m-%d %H:%M}"),
        words.description(asked.language, document),
        {**html.told(document, asked.place, asked.language), "then": to_datetime(then)},
        state=document.headline.state,
        indexed=False,
    )


def _zoom(asked: Asked, source: Source) -> Zoom:
    wanted = asked.query.get("z")
    is_too_much = len(source.window.monitors) > _MOST
    return Zoom(wanted) if wanted in set(Zoom) and not is_too_much else Zoom.HOUR


def _moment(asked: Asked) -> int:
    try:
        found = to_micros(datetime.fromisoformat(asked.path["moment"]))
    except (ValueError, OverflowError):
        raise NotFound("there is no such moment") from None
    if found < asked.now - LONG_AGO:
        raise NotFound("that was before anybody watched")
    return found


ROUTE = Route("moment", re.compile(r"@(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z)"), frozenset({"z"}), show)
