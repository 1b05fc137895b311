"""How do we measure? The rules by which a page says what it says, for everybody to read."""

from __future__ import annotations

import re
from typing import NamedTuple

from signalbox.pages import state, words
from signalbox.pages.document import Headline, State
from signalbox.pages.language import Language
from signalbox.pages.views.base import Asked, Route, Shown, Source

_RULES = {
    "empty": State.NO_DATA, "paused": State.NO_DATA, "waiting": State.NO_DATA, "stale": State.NO_DATA,
    "major-all": State.MAJOR, "major": State.MAJOR, "partial": State.PARTIAL, "degraded": State.DEGRADED,
    "incident": State.DEGRADED, "maintenance": State.MAINTENANCE, "operational": State.OPERATIONAL,
}  # fmt: skip
"""The codes of `state.headline` in the order in which it looks."""


class Rule(NamedTuple):
    """A line of the table."""

    code: str
    state: State
    words: str


def show(asked: Asked, source: Source) -> Shown:
    """The rules, with the words that this page has for them."""
    say = asked.language.say
    return Shown(
        "measure.html",
        say("measure.title"),
        say("measure.description"),
        {
            "rules": [_rule(asked.language, code, tone) for code, tone in _RULES.items()],
            "stale": state.SOONEST_STALE,
        },
    )  # fmt: skip


def _rule(language: Language, code: str, tone: State) -> Rule:
    """Said of two services of nine, as the plural forms of every language need several."""
    said = Headline.model_validate({
        "code": code, "state": tone, "affected": 2, "total": 9, "names": [], "no_data": 0, "recent": None,
    })  # fmt: skip
    return Rule(code, tone, words.headline(language, said))


ROUTE = Route("measure", re.compile(r"how-we-measure"), frozenset(), show)
