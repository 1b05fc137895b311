"""Promise 6: the arithmetic is right, over changes of the clocks, over clocks that were set, and to the second."""

from __future__ import annotations

from random import Random

from signalbox.uptime.percent import Uptime, summed
from signalbox.uptime.pieces import Counted, pieces
from tests.uptime.oracle import CLASSES, percent, random_case, simulate

HISTORIES = 10_000


def test_ten_thousand_random_histories_give_what_an_oracle_gives() -> None:
    random = Random(20_261_025)
    seen: dict[str, int] = dict.fromkeys(("down", "unknown", "paused", "maintenance", "nothing", "all", "fine"), 0)
    for number in range(HISTORIES):
        case = random_case(random)
        found = pieces(case.history, case.start, case.end, case.now)
        uptime = Uptime(case.start, case.end, summed(found))
        sums = simulate(case)
        assert dict(zip(CLASSES, uptime.sums, strict=True)) == sums, f"history {number}: {case}"
        assert (uptime.text, uptime.coverage_text) == percent(sums, case.end - case.start), f"history {number}: {case}"
        assert uptime.sums.window == case.end - case.start
        assert uptime.percent is None or 0 <= uptime.percent <= 100
        assert uptime.percent is None or (uptime.percent == 100) == (uptime.sums.down == 0)
        for name in ("down", "unknown", "paused", "maintenance"):
            seen[name] += sums[name] > 0
        seen["nothing"] += uptime.percent is None
        seen["all"] += uptime.percent == 100
        seen["fine"] += uptime.digits == 3
        assert [piece.counted for piece in found if piece.start >= case.now] in ([], [Counted.NOT_EXPECTED])
    assert min(seen.values()) > 300, seen  # the histories hold what they should
