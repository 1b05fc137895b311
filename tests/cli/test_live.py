"""Does the summary on the terminal say what matters, whatever is watched and however wide the terminal is?"""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from signalbox import clock
from signalbox.checks import HttpCheck
from signalbox.cli.live import SHOWN, Summary
from signalbox.db.configured import Origin
from signalbox.monitors.service import Monitor
from signalbox.pages.window import Window
from signalbox.runner.meter import Meter
from signalbox.signals import Reason, Signal, Verdict

PAGE = "http://127.0.0.1:8000/"


def monitor(number: int) -> Monitor:
    check = HttpCheck(url=f"http://127.0.0.1:1/{number}")
    name = f"Service [bold]{number}"
    return Monitor(str(number), str(number), name, None, (), check, check.target, 60, 10.0, number, Origin.MANIFEST)


def signal(key: int, verdict: Verdict) -> Signal:
    now, up = clock.now(), verdict is Verdict.UP
    reason, status, message = (Reason.OK, 200, "") if up else (Reason.STATUS, 503, "the server answered 503")
    return Signal(
        str(key), "local", now, now, f"http://127.0.0.1:1/{key}", "http", verdict, reason, status, up,
        None, None, None, None, 12.0, message, None,
    )  # fmt: skip


def drawn(count: int, down: set[int], width: int = 100, *, asked: bool = True) -> str:
    window, meter = Window([monitor(number) for number in range(count)], ()), Meter()
    signals = [signal(number, Verdict.DOWN if number in down else Verdict.UP) for number in range(count)]
    if asked:
        window.add(signals)
        meter.started(count, 3_000)
        meter.landed(signals)
    console = Console(file=io.StringIO(), width=width, height=50)
    with console.capture() as capture:
        console.print(Summary(PAGE, meter, window))
    return capture.get().removeprefix("\n")


def test_it_says_where_the_page_is_and_what_is_down_first() -> None:
    lines = drawn(3, {1}).splitlines()
    assert PAGE in lines[0]
    assert "✕  Service [bold]1" in lines[2]
    assert "the server answered 503" in lines[2]
    assert "0.00%" in lines[2]
    assert "✓  Service [bold]0" in lines[3]
    assert "100.00%" in lines[3]
    assert "12 ms" in lines[3]
    assert "3 monitors, 1 down · 3 signals" in lines[-1]
    assert "3.0 ms late" in lines[-1]


def test_what_worked_stands_above_the_line_and_what_did_not_hangs_below() -> None:
    failed, fine = drawn(2, {0}).splitlines()[2:4]
    assert "╌▄ " in failed
    assert "╌▀ " in fine


def test_before_the_first_signal_nothing_looks_up_or_down() -> None:
    text = drawn(1, set(), asked=False)
    assert "–  Service [bold]0" in text
    assert "1 monitor, waiting for the first checks" in text
    assert "100.00%" not in text
    assert "nothing down" not in text


def test_of_many_only_some_have_a_line_and_the_rest_is_counted() -> None:
    text = drawn(5_000, set(range(100, 120)))
    assert text.count("Service") == SHOWN
    assert text.count("✕") == SHOWN
    assert f"and {5_000 - SHOWN:,} more, {20 - SHOWN} of them down" in text


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_every_line_fits(width: int) -> None:
    lines = drawn(3, {0}, width).splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) <= 9
