"""What signals mean: against an oracle that looks at the whole history each time, and case by case."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from signalbox.clock import MICROS
from signalbox.monitors.judge import Change, Judgement, Rules, Standing, graded, judge, pause, resume
from signalbox.signals import NO_ANSWER, Reason, Signal, Verdict

UP, DEGRADED, DOWN, UNKNOWN = Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN
START = 1_800_000_000 * MICROS
RANK = {UP: 0, DEGRADED: 1, DOWN: 2}
SIGNS = {"u": UP, "g": DEGRADED, "d": DOWN, "?": UNKNOWN}
CALM = Rules(flapping=False)


def signal(second: float, verdict: Verdict, location: str = "local") -> Signal:
    moment = START + int(second * MICROS)
    reason = {UP: Reason.OK, DEGRADED: Reason.SLOW, DOWN: Reason.CONNECT, UNKNOWN: Reason.OFFLINE}[verdict]
    return Signal(
        "m", location, moment, moment + 1_000, "http://m/", "http", verdict, reason, NO_ANSWER, verdict is UP,
        None, None, None, None, 1.0, "", None,
    )  # fmt: skip


def story(signs: str, rules: Rules = CALM, every: float = 60.0) -> tuple[Standing, list[Change]]:
    """Judge a signal for each letter: u up, g degraded, d down, ? unknown."""
    standing, changes = Standing(), []
    for number, sign in enumerate(signs):
        judged = judge(standing, signal(number * every, SIGNS[sign]), rules)
        standing = judged.standing
        changes += [judged.change] if judged.change else []
    return standing, changes


def path(changes: Sequence[Change]) -> str:
    return " ".join(change.after.verdict.value for change in changes)


@pytest.mark.parametrize(
    ("signs", "verdicts"),
    [
        ("uuu", "up"),
        ("udu", "up"),
        ("ududud", "up"),
        ("udd", "up down"),
        ("uddu", "up down"),
        ("udduu", "up down up"),
        ("uddudu", "up down"),
        ("dd", "down"),
        ("d", ""),
        ("ugg", "up degraded"),
        ("ugd", "up degraded"),
        ("ugdd", "up degraded down"),
        ("uddgg", "up down degraded"),
        ("uddug", "up down degraded"),
        ("uddgu", "up down degraded"),
        ("uddguu", "up down degraded up"),
        ("u?u", "up unknown up"),
        ("u?d", "up unknown"),
        ("u?dd", "up unknown down"),
        ("ud?d", "up unknown down"),
        ("udd?d", "up down unknown down"),
        ("udd?u", "up down unknown"),
        ("udd?uu", "up down unknown up"),
        ("?", "unknown"),
        ("??u", "unknown up"),
    ],
)
def test_what_a_row_of_signals_makes_of_a_monitor(signs: str, verdicts: str) -> None:
    assert path(story(signs)[1]) == verdicts


def test_an_outage_begins_at_its_first_failed_slot_and_ends_at_its_first_good_one() -> None:
    _, (_, down, up) = story("uudduu")
    assert down.after.since == START + 120 * MICROS
    assert down.confirmed == START + 180 * MICROS + 1_000
    assert up.after.since == START + 240 * MICROS


def test_a_trouble_goes_on_while_nobody_can_look_and_while_it_is_only_less_bad() -> None:
    _, changes = story("udd?d?ggdduu")
    troubles = [change.after.trouble for change in changes]
    assert path(changes) == "up down unknown down unknown degraded down up"
    assert set(troubles[1:-1]) == {START + 60 * MICROS}
    assert troubles[-1] is None
    assert changes[-1].before.trouble == START + 60 * MICROS


@pytest.mark.parametrize(("signs", "began"), [("ud?d", 180), ("udd?uu", 240), ("ud??d", 240)])
def test_what_nobody_could_see_stays_unknown(signs: str, began: int) -> None:
    standing, changes = story(signs)
    assert standing.since == START + began * MICROS
    assert changes[-1].before.verdict is UNKNOWN


def test_failures_with_a_long_silence_between_them_are_not_in_a_row() -> None:
    standing, _ = story("ud?")
    late = judge(standing, signal(21_600, DOWN), CALM)
    assert (late.change, late.recheck) == (None, True)
    confirmed = judge(late.standing, signal(21_604, DOWN), CALM)
    assert confirmed.change
    assert confirmed.standing.since == START + 21_600 * MICROS


def test_a_first_failure_asks_for_a_recheck_and_later_ones_do_not() -> None:
    standing = judge(Standing(), signal(0, UP), CALM).standing
    first = judge(standing, signal(60, DOWN), CALM)
    assert (first.recheck, first.change) == (True, None)
    again = judge(first.standing, signal(63.5, DOWN), CALM)
    assert not again.recheck
    assert again.change
    assert again.change.after.since == START + 60 * MICROS
    assert not judge(again.standing, signal(120, UP), CALM).recheck
    assert not judge(standing, signal(60, DOWN), CALM._replace(recheck=0.0)).recheck


def test_two_failures_at_almost_one_moment_are_one_failure() -> None:
    standing = judge(Standing(), signal(0, UP), CALM).standing
    standing = judge(standing, signal(60, DOWN), CALM).standing
    assert judge(standing, signal(60.2, DOWN), CALM).change is None
    assert judge(standing, signal(63, DOWN), CALM).change


def test_a_healthy_signal_of_a_healthy_monitor_leaves_the_very_same_standing() -> None:
    standing, _ = story("u")
    assert not standing.restless
    assert judge(standing, signal(60, UP), CALM) == Judgement(standing)
    assert judge(standing, signal(60, UP), CALM).standing is standing


def test_a_steady_outage_needs_no_writing_either() -> None:
    standing, _ = story("udd")
    assert standing.restless
    assert judge(standing, signal(600, DOWN), CALM).standing is standing


def test_signals_that_come_late_mean_nothing() -> None:
    standing, _ = story("udd")
    for late in (0.5, 60, 120):
        assert judge(standing, signal(late, UP), CALM).standing is standing


def test_a_location_that_cannot_look_does_not_hide_what_another_sees() -> None:
    standing = judge(Standing(), signal(0, UP, "fra"), CALM).standing
    standing = judge(standing, signal(1, UP, "nyc"), CALM).standing
    blind = judge(standing, signal(60, UNKNOWN, "fra"), CALM)
    assert blind.change is None
    both = judge(blind.standing, signal(61, UNKNOWN, "nyc"), CALM)
    assert both.change
    assert both.change.after.verdict is UNKNOWN


def test_the_worst_that_a_location_confirms_counts() -> None:
    standing = judge(Standing(), signal(0, UP, "fra"), CALM).standing
    standing = judge(standing, signal(1, UP, "nyc"), CALM).standing
    for second in (60, 120):
        standing = judge(standing, signal(second, DOWN, "fra"), CALM).standing
        standing = judge(standing, signal(second + 1, UP, "nyc"), CALM).standing
    assert standing.verdict is DOWN


def test_what_comes_and_goes_is_flapping_until_it_has_been_steady() -> None:
    standing, changes = story("u" + "dduu" * 5, Rules())
    began = next(change for change in changes if change.after.flapping)
    assert not began.before.flapping
    assert standing.flapping
    trouble = standing.trouble
    ended = None
    for number in range(21, 60):
        judged = judge(standing, signal(number * 60, UP), Rules())
        standing = judged.standing
        ended = ended or judged.change
    assert ended
    assert (ended.before.flapping, ended.after.flapping) == (True, False)
    assert ended.before.trouble == trouble
    assert ended.after.trouble is None
    assert ended.before.since == ended.after.since  # no spell begins with it


def test_single_failures_that_nobody_confirmed_never_make_a_monitor_flap() -> None:
    standing, changes = story("u" + "du" * 40, Rules())
    assert path(changes) == "up"
    assert not standing.flapping


def test_a_paused_monitor_is_judged_by_nothing_and_begins_anew() -> None:
    standing, _ = story("udd")
    paused = pause(standing, START + 200 * MICROS)
    assert (paused.verdict, paused.paused, paused.trouble) == (UNKNOWN, True, standing.trouble)
    assert judge(paused, signal(240, UP), CALM).standing is paused
    again = resume(paused, START + 300 * MICROS)
    assert judge(again, signal(360, DOWN), CALM).standing.verdict is DOWN
    up = judge(judge(again, signal(360, UP), CALM).standing, signal(420, UP), CALM)
    assert up.change
    assert up.change.before.trouble == standing.trouble


@pytest.mark.parametrize(
    ("total", "expires_in", "reason"),
    [(1_999.0, None, None), (2_001.0, None, Reason.SLOW), (1.0, 8.0, None), (1.0, 6.9, Reason.CERTIFICATE)],
)
def test_slow_answers_and_old_certificates_are_degraded(
    total: float, expires_in: float | None, reason: Reason | None
) -> None:
    expires = None if expires_in is None else START + int(expires_in * 86_400 * MICROS)
    found = graded(UP, total, expires, START, slow=2.0, certificate=7 * 86_400.0)
    assert (found and found[0]) == reason
    assert graded(DOWN, total, expires, START, slow=2.0, certificate=7 * 86_400.0) is None


class Oracle:
    """Looks at everything it has heard since the last confirmed verdict, each time anew. One location."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.known: Verdict | None = None
        self.shown = UNKNOWN
        self.heard: list[tuple[int, Verdict]] = []
        self.last, self.blind = 0, False

    def hear(self, moment: int, verdict: Verdict) -> None:
        if moment - self.last > 3 * self.rules.every * MICROS:
            self.heard = []
        if verdict is UNKNOWN:
            self.shown = UNKNOWN
            self.last, self.blind = self.last if self.blind else moment, True
            return
        self.last, self.blind = moment, False
        self.heard.append((moment, verdict))
        target = self._confirmed()
        if target is not None:
            self.known = self.shown = target
            self.heard = self.heard if target is DEGRADED else []
        elif self.shown is UNKNOWN and verdict is self.known:
            self.shown = verdict

    def _confirmed(self) -> Verdict | None:
        if self.known is None and self.heard[-1][1] is UP:
            return UP
        at = RANK[self.known or UP]
        for target in sorted(set(RANK) - {self.known}, key=lambda one: -abs(RANK[one] - at)):
            worse = RANK[target] > at
            if not worse and self.known is None:
                continue
            row = []
            for moment, verdict in reversed(self.heard):
                if not (RANK[verdict] >= RANK[target] if worse else RANK[verdict] <= RANK[target]):
                    break
                row.append(moment)
            rules = self.rules
            apart = min(rules.recheck or rules.every, rules.every) if worse and rules.failures > 1 else 0
            enough = rules.failures if worse else rules.recoveries
            if len(row) >= enough and row[0] - row[-1] >= apart * MICROS:
                return target
        return None


class Machine(RuleBasedStateMachine):
    """The judge and the oracle hear the same."""

    @initialize(failures=st.integers(1, 4), recoveries=st.integers(1, 4), recheck=st.sampled_from([0.0, 3.0]))
    def begin(self, failures: int, recoveries: int, recheck: float) -> None:
        self.by = Rules(failures, recoveries, recheck, flapping=False, every=10.0)
        self.oracle, self.standing, self.second = Oracle(self.by), Standing(), 0.0
        self.spells: list[Standing] = []

    @rule(
        verdict=st.sampled_from([UP, UP, DEGRADED, DOWN, DOWN, UNKNOWN]), wait=st.sampled_from([1.0, 3.0, 10.0, 70.0])
    )
    def hear(self, verdict: Verdict, wait: float) -> None:
        self.second += wait
        heard = signal(self.second, verdict)
        judged = judge(self.standing, heard, self.by)
        if self.standing.paused:
            assert judged.standing is self.standing
            return
        self.oracle.hear(heard.moment, verdict)
        if judged.change and judged.change.after.since != judged.change.before.since:
            self.spells.append(judged.change.after)
        self.standing = judged.standing

    @precondition(lambda self: self.spells)
    @rule(back=st.sampled_from([0.0, 1.0, 100.0]), verdict=st.sampled_from([UP, DOWN]))
    def hear_late(self, back: float, verdict: Verdict) -> None:
        seen = self.standing.places["local"].seen
        late = signal((seen - START) / MICROS - back, verdict)
        assert judge(self.standing, late, self.by).standing is self.standing

    @invariant()
    def agree(self) -> None:
        if hasattr(self, "oracle"):
            assert (self.standing.verdict, self.standing.known) == (self.oracle.shown, self.oracle.known)

    @invariant()
    def spells_follow_one_another(self) -> None:
        starts = [spell.since for spell in getattr(self, "spells", [])]
        assert starts == sorted(set(starts))

    @invariant()
    def a_trouble_lasts_as_long_as_it_is_not_known_to_be_up(self) -> None:
        if hasattr(self, "standing"):
            assert (self.standing.trouble is None) == (self.standing.known in (UP, None))


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)


@given(st.text("udg?", max_size=80), st.booleans())
def test_a_monitor_at_rest_is_changed_by_no_healthy_signal(signs: str, flaps: bool) -> None:
    standing, _ = story(signs, Rules(flapping=flaps))
    judged = judge(standing, signal(len(signs) * 60, UP), Rules(flapping=flaps))
    if not standing.restless:
        assert judged.standing is standing
