"""No page can take a path that is ours: what is served below a first segment is reserved, on purpose or not."""

from __future__ import annotations

import pytest
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError

from signalbox.api.app import create_app
from signalbox.pages.specs import RESERVED, PageSpec
from tests.api.serving import settings


def _nothing() -> object:
    raise AssertionError("nothing is opened")


def test_the_first_segment_of_every_route_is_reserved() -> None:
    app = create_app(_nothing, settings())  # type: ignore[arg-type] # it is never started
    paths = [route.path for route in iter_route_contexts(app.routes) if route.path]
    first = {path.split("/")[1].partition(".")[0] for path in paths} - {"{code:uuid}"}  # heartbeats' tokens
    assert "api" in first
    assert first - {""} <= RESERVED


@pytest.mark.parametrize("slug", ["ack", "api", "endpoints", "status", "incidents", "maintenance"])
def test_a_page_may_not_take_a_reserved_word(slug: str) -> None:
    with pytest.raises(ValidationError, match=f"/{slug} is used by Signalbox"):
        PageSpec(slug=slug, title="x")
