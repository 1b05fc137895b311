"""How many signals a second does the judge take, on one core?"""

from __future__ import annotations

import time
from statistics import median

from signalbox.clock import MICROS
from signalbox.monitors.judge import Rules, Standing, judge
from signalbox.signals import Reason, Signal, Verdict

MONITORS = 1_000
ROUNDS = 60
RUNS = 5
START = 1_800_000_000 * MICROS
SHARES = {"healthy": 0, "1 % failing": 10, "a storm, all of it down": MONITORS, "all of it flapping": -1}


def measure() -> dict[str, float]:
    """Signals a second for each share of failing monitors; the median of five runs of 60 000 signals."""
    return {name: median(_run(failing) for _ in range(RUNS)) for name, failing in SHARES.items()}


def _run(failing: int) -> float:
    rules = Rules()
    signals = [
        _signal(monitor, START + turn * 60 * MICROS, _is_down(monitor, turn, failing))
        for turn in range(ROUNDS)
        for monitor in range(MONITORS)
    ]
    standings: dict[str, Standing] = {}
    new = Standing()
    begun = time.process_time()
    for signal in signals:
        standings[signal.monitor] = judge(standings.get(signal.monitor, new), signal, rules).standing
    return len(signals) / (time.process_time() - begun)


def _is_down(monitor: int, turn: int, failing: int) -> bool:
    if failing < 0:
        return turn // 3 % 2 == 1
    return monitor < failing and turn >= 5


def _signal(monitor: int, moment: int, down: bool) -> Signal:
    verdict, reason = (Verdict.DOWN, Reason.CONNECT) if down else (Verdict.UP, Reason.OK)
    return Signal(
        f"m{monitor}", "local", moment, moment + 1_000, "http://m/", "http", verdict, reason, -1, not down,
        None, None, None, None, 1.0, "", None,
    )  # fmt: skip


def main() -> None:
    """Print what was measured."""
    for name, rate in measure().items():
        print(f"{name:28} {rate:12,.0f} signals/s")


if __name__ == "__main__":
    main()
