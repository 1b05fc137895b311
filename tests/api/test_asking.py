"""What a page's query may name, and what is made of it."""

from __future__ import annotations

import pytest

from signalbox.api.paths import Wish, wish
from signalbox.pages.document import Zoom


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (b"", Wish()),
        (b"z=90d", Wish(Zoom.DAYS)),
        (b"lang=de&z=24h", Wish(Zoom.DAY, "de")),
        (b"z=60m&utm_source=mail", Wish(Zoom.HOUR)),
        (b"z=1y", Wish()),
        (b"z=%00&lang=%F0%9F%92%A9", Wish()),
    ],
)
def test_a_page_is_answered_whatever_its_query_says(query: bytes, wanted: Wish) -> None:
    assert wish(query) == wanted
