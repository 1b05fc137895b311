from __future__ import annotations

import threading
import tracemalloc
from random import Random

from signalbox.clock import MICROS
from signalbox.pages.window import Window
from signalbox.signals import Verdict
from signalbox.stores.memory import MemoryStore
from signalbox.stores.packed import columns_of
from tests.pages.examples import MINUTE, NOW, PAGE, every_minute, monitor, seen

API = monitor()


def window_of(*monitors: object) -> Window:
    return Window(monitors or (API,), (PAGE,))  # type: ignore[arg-type]


def test_the_newest_sixty_records_are_kept_however_old_they_are() -> None:
    window = window_of()
    window.add([seen(API, NOW - number * 86_400 * MICROS) for number in range(200)])
    records = window.records("api", 60)
    assert [record.moment for record in records] == [NOW - number * 86_400 * MICROS for number in range(59, -1, -1)]


def test_a_repeated_signal_changes_nothing_not_even_the_version() -> None:
    window, signals = window_of(), every_minute(API, "u" * 60)
    window.add(signals)
    version, hour = window.version, window.hour("api", NOW)
    window.add(signals[:30])
    window.add(signals)
    assert (window.version, window.hour("api", NOW)) == (version, hour)
    assert hour.signals == 60


def test_a_latency_that_a_store_rounded_is_no_news() -> None:
    window = window_of()
    window.add([seen(API, NOW, total=12.3456789)])
    version = window.version
    window.add([seen(API, NOW, total=12.345678)])
    assert window.version == version


def test_signals_that_land_late_take_their_place_in_time() -> None:
    window, signals = window_of(), every_minute(API, "uxu")
    window.add([signals[2], signals[0]])
    window.add([signals[1]])
    assert [record.available for record in window.records("api", 60)] == [True, False, True]
    assert window.hour("api", NOW).minutes[-3:] == "uxu"


def test_a_signal_of_the_same_name_replaces_the_earlier_one() -> None:
    window = window_of()
    window.add([seen(API, NOW, Verdict.DOWN)])
    window.add([seen(API, NOW, Verdict.UP)])
    hour = window.hour("api", NOW)
    assert (hour.signals, hour.available, hour.minutes[-1]) == (1, 1, "u")


def test_two_locations_may_see_the_same_moment() -> None:
    window = window_of()
    window.add([seen(API, NOW), seen(API, NOW, Verdict.DOWN, location="fra")])
    hour = window.hour("api", NOW)
    assert (hour.signals, hour.available, hour.minutes[-1]) == (2, 1, "p")
    assert set(hour.verdicts) == {Verdict.UP, Verdict.DOWN}


def test_a_location_that_fell_silent_no_longer_counts() -> None:
    window = window_of()
    window.add([seen(API, NOW - 10 * MINUTE, Verdict.DOWN, location="fra"), seen(API, NOW)])
    assert window.hour("api", NOW).verdicts == (Verdict.UP,)


def test_each_minute_shows_what_its_signals_said() -> None:
    window = window_of()
    window.add(every_minute(API, "ugx?."))
    minute = NOW // MINUTE * MINUTE
    window.add([seen(API, minute + MICROS, Verdict.DOWN), seen(API, minute + 2 * MICROS, Verdict.UP)])
    assert window.hour("api", NOW).minutes == "." * 55 + "ugx.p"


def test_what_we_could_not_see_counts_neither_way() -> None:
    window = window_of()
    window.add(every_minute(API, "ux??"))
    hour = window.hour("api", NOW)
    assert (hour.signals, hour.known, hour.available) == (4, 2, 1)


def test_the_mean_latency_counts_answers_only() -> None:
    window, minute = window_of(), NOW // MINUTE * MINUTE
    window.add([
        seen(API, minute, total=10.0),
        seen(API, minute + MICROS, Verdict.DOWN, status=500, total=31.0),
        seen(API, minute + 2 * MICROS, Verdict.DOWN, total=10_000.0),
    ])  # fmt: skip
    assert window.hour("api", NOW).latency == [None] * 59 + [20]


def test_the_signal_of_a_slow_monitor_covers_the_minutes_until_the_next_is_due() -> None:
    slow = monitor(every=300)
    window = window_of(slow)
    window.add([seen(slow, NOW - 70 * MINUTE), seen(slow, NOW - 62 * MINUTE), seen(slow, NOW - 12 * MINUTE)])
    hour = window.hour("api", NOW)
    assert hour.minutes == "uu" + "." * 45 + "uuuuu" + "." * 8
    assert (hour.signals, hour.latency[0], hour.latency[47], hour.latency[-1]) == (1, 12, 12, None)


def test_an_unknown_signal_of_a_slow_monitor_covers_its_minutes_with_nothing() -> None:
    slow = monitor(every=300)
    window = window_of(slow)
    window.add([seen(slow, NOW - 9 * MINUTE), seen(slow, NOW - 4 * MINUTE, Verdict.UNKNOWN)])
    assert window.hour("api", NOW).minutes[-10:] == "uuuuu....."


def test_a_ninety_second_monitor_leaves_no_gaps() -> None:
    slow = monitor(every=90)
    window = window_of(slow)
    window.add([seen(slow, NOW - number * 90 * MICROS) for number in range(60)])
    assert window.hour("api", NOW).minutes == "u" * 60


def test_every_second_of_a_fast_monitor_counts_once() -> None:
    fast = monitor(every=1)
    window, first = window_of(fast), (NOW // MINUTE - 59) * MINUTE
    signals = [seen(fast, first + number * MICROS) for number in range(-600, 3_600)]
    window.add(signals)
    window.add(signals[1_000:2_000])
    hour = window.hour("api", NOW + 29 * MICROS)
    assert (hour.signals, hour.minutes) == (3_600, "u" * 60)


def test_a_slot_in_the_future_is_not_news_of_now() -> None:
    window = window_of()
    window.add([seen(API, NOW), seen(API, NOW + 3_600 * MICROS, Verdict.DOWN)])
    hour = window.hour("api", NOW)
    assert (hour.newest, hour.verdicts, hour.signals) == (NOW, (Verdict.UP,), 1)


def test_signals_of_unknown_monitors_are_ignored() -> None:
    window = window_of()
    version = window.version
    window.add([seen(monitor("other"), NOW)])
    assert window.version == version


def test_a_reload_keeps_what_is_known_of_those_that_stay() -> None:
    web = monitor("web")
    window = window_of(API, web)
    window.add([seen(API, NOW), seen(web, NOW)])
    window.replace_monitors([monitor("new"), API])
    assert [one.key for one in window.monitors] == ["new", "api"]
    assert len(window.records("api", 60)) == 1
    assert window.records("web", 60) == window.records("new", 60) == []
    assert window.hour("web", NOW).signals == 0


def test_records_of_an_address_watched_before_are_not_those_of_the_new_one() -> None:
    window = window_of()
    window.add([seen(API, NOW - MINUTE)])
    moved = monitor(url="https://elsewhere.example.com")
    window.replace_monitors([moved])
    window.add([seen(moved, NOW), seen(moved, NOW - 2 * MINUTE, url=API.target)])
    assert [record.moment for record in window.records("api", 60)] == [NOW]
    assert window.hour("api", NOW).signals == 3


def test_a_start_fills_the_window_from_the_store() -> None:
    store, fast = MemoryStore(), monitor("fast", every=10)
    old = [seen(API, NOW - number * 86_400 * MICROS) for number in range(1, 70)]
    from signalbox import clock

    now = clock.now()
    recent = [seen(fast, now - number * 10 * MICROS) for number in range(300)]
    store.append(old + recent)
    window = window_of(API, fast)
    window.fill(store)
    assert len(window.records("api", 60)) == 60
    assert window.hour("fast", now).signals >= 299


def test_columns_are_remembered_as_their_signals_are() -> None:
    random = Random(3)
    seconds = iter(random.sample(range(7_200), 300))
    signals = [
        seen(API, NOW - next(seconds) * MICROS, random.choice([*Verdict]), location=place, url=url, total=ms)
        for place in ("local", "fra")
        for url in (API.target, "https://before.example/")
        for ms in (None, *(random.uniform(0, 5_000) for _ in range(70)))
    ]
    at_once, one_by_one, in_two_parts = window_of(), window_of(), window_of()
    at_once.extend(columns_of(signals))
    for columns in columns_of(signals):
        one_by_one.add([one for one in signals if (one.location, one.url) == columns[1:3]])
    in_two_parts.extend(columns_of(signals[:140]))
    in_two_parts.extend(columns_of(signals))
    for window in (one_by_one, in_two_parts):
        assert window.hour("api", NOW) == at_once.hour("api", NOW)
        assert window.records("api", 60) == at_once.records("api", 60)
        assert window.answers("api", NOW - 30 * MINUTE) == at_once.answers("api", NOW - 30 * MINUTE)


def test_columns_that_are_known_are_no_news() -> None:
    window, columns = window_of(), columns_of(every_minute(API, "u" * 60))
    window.extend(columns)
    version = window.version
    window.extend(columns)
    window.extend(columns_of(every_minute(monitor("other"), "u")))
    assert version == window.version == 2


def test_many_threads_may_add_at_once() -> None:
    window, signals = window_of(), every_minute(API, "u" * 60)
    threads = [threading.Thread(target=window.add, args=(signals[number:],)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert window.hour("api", NOW).signals == 60


def test_a_monitor_takes_less_than_four_kilobytes() -> None:
    monitors = [monitor(f"m{number}") for number in range(200)]
    window = window_of(*monitors)
    minutes = [[seen(one, NOW - minute * MINUTE) for one in monitors] for minute in range(180, -1, -1)]
    tracemalloc.start()
    window.replace_monitors([monitor(f"n{number}") for number in range(200)])
    before = tracemalloc.get_traced_memory()[0]
    for signals in minutes:
        window.add([signal._replace(monitor="n" + signal.monitor[1:]) for signal in signals])
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert (after - before) / 200 < 4_000


def test_the_hour_that_goes_on_has_answer_times_of_what_worked() -> None:
    window, start = window_of(), NOW // (60 * MINUTE) * 60 * MINUTE
    window.add([seen(API, start - MINUTE, total=900.0)])
    window.add([seen(API, start + number * MICROS, total=10.0 * number) for number in range(1, 21)])
    window.add([seen(API, start + MINUTE, Verdict.DOWN, total=9_000.0)])
    assert window.answers("api", start) == (100, 190)
    assert window.answers("api", start + 2 * MINUTE) is None
    assert window.answers("gone", start) is None
