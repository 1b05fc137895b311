"""What every store promises. Subclass it with a fixture `kept` that makes an opened store of one kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from signalbox.clock import now
from signalbox.signals import NO_ANSWER, Reason, Signal, Verdict
from signalbox.stores.base import Bucket, Phases, Store
from signalbox.stores.packed import columns_of
from signalbox.stores.tally import buckets_of, observed
from tests.stores.samples import HOSTILE, HOUR, MINUTE, START, hours_of_signals, minutes, signal


@dataclass
class Kept:
    """An open store, and how to wait until what it acknowledged can be read."""

    store: Store
    settle: Callable[[], None] = lambda: None

    def keep(self, *signals: Signal) -> None:
        """Append them and wait until they can be read."""
        self.store.append(signals)
        self.settle()

    def everything(self) -> list[Signal]:
        """All signals of the store."""
        return self.store.raw(None, 0, now() + 24 * HOUR)


class StoreConformance:
    """The suite. Sentences about `Store`, true of every one of them."""

    def test_a_signal_comes_back_as_it_was_kept(self, kept: Kept) -> None:
        kept.keep(signal())
        assert kept.everything() == [signal()]

    def test_a_signal_without_phases_comes_back_without_them(self, kept: Kept) -> None:
        bare = signal(
            dns=None, connect=None, tls=None, ttfb=None, total=None, certificate_expires=None, message="",
            verdict=Verdict.DOWN, reason=Reason.TIMEOUT, http_status=NO_ANSWER, available=False,
        )  # fmt: skip
        kept.keep(bare)
        assert kept.everything() == [bare]

    def test_verdicts_and_reasons_come_back_as_words_of_the_closed_lists(self, kept: Kept) -> None:
        each = [signal(f"m-{v}-{r}", verdict=v, reason=r) for v in Verdict for r in Reason]
        kept.keep(*each)
        assert sorted(kept.everything()) == sorted(each)
        assert all(type(s.verdict) is Verdict and type(s.reason) is Reason for s in kept.everything())

    def test_keeping_a_signal_twice_changes_nothing(self, kept: Kept) -> None:
        kept.keep(*minutes("api", 3))
        kept.keep(*minutes("api", 3))
        assert kept.everything() == minutes("api", 3)

    def test_a_signal_of_the_same_name_replaces_the_one_before(self, kept: Kept) -> None:
        kept.keep(signal(message="first"))
        later = signal(message="second", verdict=Verdict.DOWN, available=False, total=None, observed=START + 5)
        kept.keep(later)
        assert kept.everything() == [later]

    def test_the_same_name_twice_in_one_batch_keeps_the_last(self, kept: Kept) -> None:
        kept.keep(signal(message="first"), signal(message="last"))
        assert kept.everything() == [signal(message="last")]

    def test_locations_and_moments_name_different_signals(self, kept: Kept) -> None:
        each = [signal(location="fra"), signal(location="iad"), signal(moment=START + 1), signal("web")]
        kept.keep(*each)
        assert kept.everything() == sorted(each, key=lambda s: (s.moment, s.monitor, s.location))

    def test_no_signals_are_no_trouble(self, kept: Kept) -> None:
        kept.keep()
        assert kept.everything() == []
        assert kept.store.latest([], 5) == {}
        assert kept.store.buckets([], START, START + HOUR, MINUTE) == {}

    def test_latest_gives_the_newest_oldest_first(self, kept: Kept) -> None:
        signals = minutes("api", 10)
        kept.keep(*reversed(signals))
        assert kept.store.latest(["api"], 4) == {"api": signals[-4:]}

    def test_latest_gives_all_there_are_when_the_limit_is_higher(self, kept: Kept) -> None:
        kept.keep(*minutes("api", 3))
        assert kept.store.latest(["api"], 10_000) == {"api": minutes("api", 3)}

    def test_latest_of_a_monitor_without_signals_is_empty(self, kept: Kept) -> None:
        assert kept.store.latest(["nobody"], 3) == {"nobody": []}
        kept.keep(*minutes("api", 2))
        assert kept.store.latest(["nobody", "api"], 1) == {"nobody": [], "api": minutes("api", 2)[-1:]}

    def test_latest_finds_rare_monitors_among_busy_ones(self, kept: Kept) -> None:
        busy = [s for n in range(30) for s in minutes(f"busy-{n:02}", 90, START + 25 * HOUR)]
        rare = [signal("rare", START + n * 5 * HOUR + 7) for n in range(6)]
        kept.keep(*busy, *rare, signal("once", START + 3))
        found = kept.store.latest(["rare", "once", *(f"busy-{n:02}" for n in range(30))], 60)
        assert found["rare"] == rare
        assert found["once"] == [signal("once", START + 3)]
        assert all(found[f"busy-{n:02}"] == minutes(f"busy-{n:02}", 90, START + 25 * HOUR)[-60:] for n in range(30))

    def test_latest_finds_many_rare_monitors(self, kept: Kept) -> None:
        rare = {
            f"rare-{n:03}": [signal(f"rare-{n:03}", START + n + k * 9 * HOUR) for k in range(3)] for n in range(120)
        }
        kept.keep(*(s for signals in rare.values() for s in signals))
        assert kept.store.latest(list(rare), 3) == rare
        assert kept.store.latest(list(rare), 2) == {monitor: signals[-2:] for monitor, signals in rare.items()}

    def test_late_signals_take_their_place_in_order(self, kept: Kept) -> None:
        signals = minutes("api", 6)
        kept.keep(*signals[3:])
        kept.keep(*signals[:3])
        assert kept.store.latest(["api"], 6)["api"] == signals
        assert kept.store.raw("api", START, START + HOUR) == signals

    def test_raw_takes_the_start_and_leaves_the_end(self, kept: Kept) -> None:
        signals = minutes("api", 5)
        kept.keep(*signals, *minutes("web", 5))
        assert kept.store.raw("api", START + MINUTE, START + 3 * MINUTE) == signals[1:3]
        assert kept.store.raw("api", START + MINUTE + 1, START + 3 * MINUTE + 1) == signals[2:4]
        assert len(kept.store.raw(None, START, START + 2 * MINUTE)) == 4
        assert kept.store.raw("nobody", START, START + HOUR) == []

    def test_columns_are_what_the_signals_of_a_range_are(self, kept: Kept) -> None:
        untimed = {"total": None, "verdict": Verdict.DOWN, "http_status": NO_ANSWER, "available": False}
        kept.keep(
            *minutes("web", 3), signal("web", START + 7, location="fra"), signal("api", url="https://moved.example/"),
            signal("api", moment=START + MINUTE, **untimed), signal("api", moment=START + 3 * MINUTE),
            *(signal(f"m-{ms}-{v}", verdict=v, total=ms) for v in Verdict for ms in (None, 0.1, 1e-9, 1e9, 98.76543)),
        )  # fmt: skip
        found = kept.store.columns(START, START + 3 * MINUTE)
        assert found == columns_of(kept.store.raw(None, START, START + 3 * MINUTE))
        assert kept.store.columns(START - MINUTE, START) == []

    def test_late_signals_take_their_place_in_columns(self, kept: Kept) -> None:
        for n in (3, 0, 2, 1):
            kept.keep(*minutes("api", 4)[n:][:1])
        (found,) = kept.store.columns(START, START + HOUR)
        assert [*found.moments] == [one.moment for one in minutes("api", 4)]

    @pytest.mark.parametrize("field", ["monitor", "location", "url", "kind", "message"])
    def test_any_text_comes_back_and_does_no_harm(self, kept: Kept, field: str) -> None:
        hostile = [signal(moment=START + n * MINUTE, **{field: text}) for n, text in enumerate(HOSTILE)]
        kept.keep(*hostile, signal("bystander"))
        assert [s for s in kept.everything() if s.monitor != "bystander"] == hostile
        for each in hostile:
            assert each in kept.store.latest([each.monitor], 20)[each.monitor]
            assert each in kept.store.raw(each.monitor, each.moment, each.moment + 1)
            assert kept.store.buckets([each.monitor], each.moment, each.moment + 1, MINUTE)[each.monitor][0].up == 1
        assert kept.store.raw("bystander", START, START + 1) == [signal("bystander")]

    def test_text_that_is_not_unicode_loses_only_its_broken_characters(self, kept: Kept) -> None:
        kept.keep(signal(message="half \ud83d pair"), signal("web"))
        assert [s.message for s in kept.everything()] == ["half ? pair", "fine"]

    def test_a_message_may_hold_a_nul(self, kept: Kept) -> None:
        kept.keep(signal(message="nul\0byte"))
        assert kept.everything() == [signal(message="nul\0byte")]

    def test_a_long_message_comes_back_whole(self, kept: Kept) -> None:
        long = signal(message="é" * 50_000)
        kept.keep(long)
        assert kept.everything() == [long]

    def test_ten_thousand_rows_in_one_batch(self, kept: Kept) -> None:
        batch = [s for n in range(100) for s in minutes(f"m{n:02}", 100)]
        kept.keep(*batch)
        assert len(kept.everything()) == 10_000
        found = kept.store.latest([f"m{n:02}" for n in range(100)], 10_000)
        assert all(found[f"m{n:02}"] == minutes(f"m{n:02}", 100) for n in range(100))

    def test_buckets_count_verdicts_and_latencies_of_each_step(self, kept: Kept) -> None:
        kept.keep(
            *(signal(moment=START + n, total=float(n)) for n in range(1, 101)),
            signal(moment=START + MINUTE, verdict=Verdict.DEGRADED, reason=Reason.SLOW, total=900.0),
            signal(moment=START + MINUTE + 1, verdict=Verdict.DOWN, reason=Reason.TIMEOUT, total=10_000.0),
            signal(moment=START + MINUTE + 2, verdict=Verdict.UNKNOWN, reason=Reason.OFFLINE, total=None),
            signal(moment=START + 3 * MINUTE, total=None),
            signal("web", START + 2 * MINUTE, verdict=Verdict.DOWN),
        )
        found = kept.store.buckets(["api", "web", "nobody"], START, START + 3 * MINUTE, MINUTE)
        first, second = found["api"]
        assert first[:8] == (START, 100, 0, 0, 0, 100, 5050.0, 100.0)
        assert first[8:11] == pytest.approx((50.0, 95.0, 99.0), rel=0.011)
        assert second[:8] == (START + MINUTE, 0, 1, 1, 1, 1, 900.0, 900.0)
        assert second[8:11] == pytest.approx((900.0, 900.0, 900.0), rel=0.011)
        assert found["web"] == [Bucket(START + 2 * MINUTE, 0, 0, 1, 0, 0, 0.0, None, None, None, None)]
        assert found["nobody"] == []

    def test_buckets_start_where_they_are_told_to(self, kept: Kept) -> None:
        kept.keep(*minutes("api", 10))
        found = kept.store.buckets(["api"], START + 90 * 1_000_000, START + 10 * MINUTE, 4 * MINUTE)["api"]
        assert [(bucket.start, bucket.up) for bucket in found] == [
            (START + 90 * 1_000_000, 4),
            (START + 90 * 1_000_000 + 4 * MINUTE, 4),
        ]

    def test_buckets_have_the_mean_of_each_phase_over_what_is_timed(self, kept: Kept) -> None:
        kept.keep(
            signal(dns=1.0, connect=2.0, tls=3.0, ttfb=4.0),
            signal(moment=START + 1, dns=2.0, connect=4.0, tls=None, ttfb=8.0, verdict=Verdict.DEGRADED),
            signal(moment=START + 2, dns=None, connect=6.0, tls=None, ttfb=None),
            signal(moment=START + 3, dns=500.0, verdict=Verdict.DOWN),
            signal(moment=START + 4, dns=500.0, verdict=Verdict.UNKNOWN),
            signal(moment=START + 5, dns=500.0, total=None),
            signal(moment=START + MINUTE, dns=None, connect=None, tls=None, ttfb=None),
        )
        first, second = kept.store.buckets(["api"], START, START + HOUR, MINUTE)["api"]
        assert first.phases == pytest.approx(Phases(1.5, 4.0, 3.0, 6.0))
        assert second.phases == Phases()

    def test_readers_see_whole_batches_while_writers_write(self, kept: Kept) -> None:
        def write(writer: int) -> None:
            for n in range(10):
                kept.store.append([signal(f"w{writer}-{k}", START + n * MINUTE) for k in range(20)])

        def read(_: int) -> None:
            for _ in range(10):
                found = kept.store.latest(["w0-0", "w3-19"], 5)
                assert all(signals == sorted(signals, key=lambda s: s.moment) for signals in found.values())
                kept.store.raw(None, START, START + HOUR)
                kept.store.buckets(["w0-0"], START, START + HOUR, MINUTE)

        with ThreadPoolExecutor(8) as threads:
            for done in [*threads.map(write, range(4)), *threads.map(read, range(4))]:
                assert done is None
        kept.settle()
        assert len(kept.everything()) == 4 * 10 * 20

    def test_a_store_that_works_says_so(self, kept: Kept) -> None:
        kept.store.ping()

    def test_opening_twice_and_closing_twice_do_no_harm(self, kept: Kept) -> None:
        kept.keep(signal())
        kept.store.open()
        assert kept.everything() == [signal()]
        kept.store.close()
        kept.store.close()


class HoursConformance:
    """What is answered does not change when hours are rolled up."""

    def test_hours_amount_to_the_same_rolled_up_or_not(self, kept: Kept) -> None:
        signals = hours_of_signals()
        kept.keep(*signals)
        for _ in range(2):
            for step, end in ((HOUR, 6), (3 * HOUR, 6), (6 * HOUR, 6), (2 * HOUR, 3)):
                found = kept.store.buckets(["api", "web", "none"], START, START + end * HOUR, step)
                assert_same(found, signals, START, START + end * HOUR, step)
            found = kept.store.buckets(["web"], START, START + 5 * HOUR + MINUTE, HOUR)
            assert_same(found, signals, START, START + 5 * HOUR + MINUTE, HOUR)
            found = kept.store.buckets(["web"], START + MINUTE, START + 5 * HOUR, HOUR)
            assert_same(found, signals, START + MINUTE, START + 5 * HOUR, HOUR)
            kept.store.roll(now())

    def test_times_are_those_of_its_hours(self, kept: Kept) -> None:
        signals = [*hours_of_signals(), *(signal("bare", START + n * MINUTE, total=None) for n in range(3))]
        kept.keep(*signals)
        names = ["api", "web", "bare", "new"]
        for _ in ("as signals", "rolled up"):
            found = kept.store.times(names, START, START + 6 * HOUR)
            for monitor, buckets in buckets_of(map(observed, signals), names, START, HOUR).items():
                exact = {one.start: [one.p50, one.p95] for one in buckets if one.timed}
                assert found[monitor].keys() == exact.keys()
                assert [[*each] for each in found[monitor].values()] == [
                    pytest.approx(exact[hour], rel=0.015) for hour in found[monitor]
                ]
            assert (found["bare"], found["new"], len(found["api"])) == ({}, {}, 6)
            kept.store.roll(now())

    def test_roll_ups_of_a_range_are_what_its_signals_are(self, kept: Kept) -> None:
        signals = hours_of_signals()
        kept.keep(*signals)
        for _ in range(2):
            for start, end in ((0, 6 * HOUR), (HOUR, 2 * HOUR), (MINUTE, 4 * HOUR + 7), (MINUTE, 3 * MINUTE)):
                found = kept.store.rollups(START + start, START + end)
                buckets = {monitor: [rollup.bucket(START + start)] for monitor, rollup in found.items()}
                assert_same(buckets, signals, START + start, START + end, end - start)
            assert kept.store.rollups(START - HOUR, START) == {}
            kept.store.roll(now())

    def test_what_comes_late_or_changes_is_counted_again(self, kept: Kept) -> None:
        signals = hours_of_signals(("api",))
        kept.keep(*signals[::2])
        kept.store.roll(now())
        kept.keep(*signals[1::2], signals[4])
        assert_same(kept.store.buckets(["api"], START, START + 6 * HOUR, HOUR), signals, START, START + 6 * HOUR, HOUR)
        kept.store.roll(now())
        changed = [one._replace(verdict=Verdict.DOWN) for one in signals[:3]] + signals[3:]
        kept.keep(*changed[:3])
        for _ in range(2):
            found = kept.store.buckets(["api"], START, START + 6 * HOUR, 2 * HOUR)
            assert_same(found, changed, START, START + 6 * HOUR, 2 * HOUR)
            kept.store.roll(now())

    def test_signals_of_any_age_can_be_loaded(self, kept: Kept) -> None:
        signals = [one._replace(moment=one.moment - 90 * 24 * HOUR) for one in hours_of_signals()]
        kept.store.load(signals[:100])
        kept.store.load(signals[90:])
        kept.settle()
        kept.store.roll(now())
        assert kept.everything() == sorted(signals, key=lambda s: (s.moment, s.monitor, s.location))
        start = START - 90 * 24 * HOUR
        assert_same(kept.store.buckets(["web"], start, start + 6 * HOUR, HOUR), signals, start, start + 6 * HOUR, HOUR)


def assert_same(found: Mapping[str, list[Bucket]], signals: list[Signal], start: int, end: int, step: int) -> None:
    """Are those buckets what the signals amount to? Percentiles within a histogram's error, the rest exactly."""
    seen = [
        (s.monitor, s.moment, s.verdict, s.total, s.dns, s.connect, s.tls, s.ttfb)
        for s in signals
        if start <= s.moment < end and s.monitor in found
    ]
    for monitor, exact in buckets_of(seen, list(found), start, step).items():
        assert [bucket[:6] for bucket in found[monitor]] == [bucket[:6] for bucket in exact]
        for one, right in zip(found[monitor], exact, strict=True):
            assert one[6:8] == pytest.approx(right[6:8], rel=1e-5)
            assert one[8:11] == pytest.approx(right[8:11], rel=0.0151)
            assert one.phases == pytest.approx(right.phases, rel=1e-5)


class PruningConformance:
    """For the stores that drop old rows when told to."""

    def test_pruning_drops_what_is_older_and_says_how_much(self, kept: Kept) -> None:
        kept.keep(*minutes("api", 10), *minutes("web", 10))
        assert kept.store.prune(START + 4 * MINUTE) == 8
        assert kept.store.latest(["api"], 60)["api"] == minutes("api", 10)[4:]
        assert kept.store.prune(START + 4 * MINUTE) == 0

    def test_what_comes_late_after_pruning_is_found(self, kept: Kept) -> None:
        kept.keep(*minutes("api", 2), signal("api", START + 3 * HOUR))
        assert kept.store.prune(START + 2 * HOUR) == 2
        kept.keep(signal("api", START + 5))
        assert kept.store.latest(["api"], 9)["api"] == [signal("api", START + 5), signal("api", START + 3 * HOUR)]

    def test_hours_outlive_their_signals(self, kept: Kept) -> None:
        signals = hours_of_signals()
        kept.keep(*signals)
        half = START + 3 * HOUR + 30 * MINUTE
        dry = kept.store.prune(half, dry=True)
        assert kept.store.prune(half) == dry == sum(one.moment < half for one in signals)
        for step in (HOUR, 2 * HOUR, 6 * HOUR):
            found = kept.store.buckets(["api", "web"], START, START + 6 * HOUR, step)
            assert_same(found, signals, START, START + 6 * HOUR, step)
        whole = kept.store.rollups(START, START + 6 * HOUR)
        buckets = {monitor: [rollup.bucket(START)] for monitor, rollup in whole.items()}
        assert_same(buckets, signals, START, START + 6 * HOUR, 6 * HOUR)

    def test_a_very_late_signal_is_added_to_its_hour_once(self, kept: Kept) -> None:
        signals = hours_of_signals(("api",), 2)
        kept.keep(*signals)
        kept.store.prune(START + 4 * HOUR)
        late = [signal("api", START + 7, total=44.0), signal("api", START + 3 * HOUR + 7)]
        kept.keep(*late)
        kept.keep(*late)
        for _ in range(2):
            found = kept.store.buckets(["api"], START, START + 4 * HOUR, HOUR)
            assert_same(found, signals + late, START, START + 4 * HOUR, HOUR)
            kept.store.roll(now())
            kept.store.prune(START + 5 * HOUR)

    def test_hours_are_dropped_when_told_to(self, kept: Kept) -> None:
        kept.keep(*hours_of_signals())
        kept.store.roll(now())
        kept.store.prune(START + 6 * HOUR)
        assert kept.store.prune_hours(START + 3 * HOUR + MINUTE, dry=True) == 6
        assert kept.store.prune_hours(START + 3 * HOUR + MINUTE) == 6
        found = kept.store.buckets(["api"], START, START + 6 * HOUR, HOUR)["api"]
        assert [bucket.start for bucket in found] == [START + n * HOUR for n in (3, 4, 5)]
        assert kept.store.prune_hours(START + 3 * HOUR + MINUTE) == 0
