"""How much of its document does a page carry? What it shows before anybody touches it. Bars of days weigh most: of them
the browser's side asks for the rest when it starts (`web/page/app/composables/page-source.ts`)."""

from __future__ import annotations

from typing import Any, Final

from signalbox.pages.document import PageDocument, Zoom

_LATER: Final[dict[str, Any]] = {  # what no HTML is written from: only scripts draw and tell it
    "slow": True,
    "spark": {"p50", "p95"},  # whether there is one decides how wide a name may be
    "marks": {"__all__": {"spans", "more"}},
}


def is_lean(document: PageDocument) -> bool:
    """Does a page carry less than all of it?"""
    return document.scale is not None and document.scale.zoom is Zoom.DAYS


def json(document: PageDocument) -> str:
    """As a page carries it."""
    later = {"groups": {"__all__": {"items": {"__all__": _LATER}}}} if is_lean(document) else None
    return document.model_dump_json(exclude=later)
