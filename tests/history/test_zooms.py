"""Every zoom has whole steps, and ends with the one that goes on."""

from __future__ import annotations

import pytest

from signalbox.clock import MICROS
from signalbox.errors import Refused
from signalbox.history.zooms import DAY, HOUR, MINUTE, Zoom

NOW = 1_732_414_266 * MICROS + 5  # 2024-11-24T02:11:06Z


def test_the_windows_are_those_of_the_page() -> None:
    assert {zoom.value: (zoom.length, zoom.step) for zoom in Zoom} == {
        "60m": (HOUR, MINUTE),
        "24h": (DAY, 20 * MINUTE),
        "7d": (7 * DAY, 2 * HOUR),
        "30d": (30 * DAY, 6 * HOUR),
        "90d": (90 * DAY, DAY),
        "1y": (365 * DAY, DAY),
    }


@pytest.mark.parametrize("zoom", Zoom)
def test_a_window_ends_with_the_step_that_goes_on(zoom: Zoom) -> None:
    for now in (NOW, NOW // DAY * DAY, NOW // DAY * DAY - 1):
        start, end, step = zoom.span(now)
        assert end - step <= now < end
        assert (start % step, end % step, end - start) == (0, 0, zoom.length)


def test_a_zoom_that_there_is_not_is_refused_with_those_there_are() -> None:
    assert Zoom.named("24h") is Zoom.DAY
    with pytest.raises(Refused, match=r"60m, 24h, 7d, 30d, 90d, 1y"):
        Zoom.named("2h")
