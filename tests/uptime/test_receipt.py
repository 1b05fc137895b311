"""Whoever adds up a receipt gets its number."""

from __future__ import annotations

import json
from collections import Counter
from decimal import ROUND_DOWN, Decimal
from random import Random

import pytest

from signalbox.clock import MICROS
from signalbox.signals import Reason, Verdict
from signalbox.uptime.percent import Sums, Uptime, summed
from signalbox.uptime.pieces import Annotation, History, Saying, Spell, Work, pieces
from signalbox.uptime.receipt import Receipt, exact, lasted, sentence
from tests.uptime.oracle import random_case

HOUR = 3_600 * MICROS
MINUTE = 60 * MICROS


def made(history: History, start: int, end: int, now: int) -> Receipt:
    """A receipt."""
    found = tuple(pieces(history, start, end, now))
    return Receipt("api", found, Uptime(start, end, summed(found)), now)


def test_the_pieces_of_a_receipt_add_up_to_its_number() -> None:
    random = Random(6)
    for _ in range(300):
        case = random_case(random)
        document = json.loads(json.dumps(made(case.history, case.start, case.end, case.now).document()))
        added: Counter[str] = Counter()
        for piece in document["pieces"]:
            added[piece["counted"].replace(" ", "_")] += Decimal(piece["seconds"])  # type: ignore[assignment]
        assert {name: Decimal(took) for name, took in document["seconds"].items() if took != "0"} == dict(added)
        known = added["up"] + added["degraded"] + added["down"]
        digits = Decimal("0.001") if document["uptime_text"][::-1].find(".") == 3 else Decimal("0.01")
        if not known:
            assert document["uptime"] is None
            continue
        by_hand = (100 * Decimal(known - added["down"]) / Decimal(known)).quantize(digits, ROUND_DOWN)
        assert str(by_hand) == document["uptime_text"]


def test_a_receipt_says_in_words_what_it_is_made_of() -> None:
    start, end = 0, 2_160 * HOUR
    down = Spell(100 * HOUR, 104 * HOUR + 12 * MINUTE, Verdict.DOWN, Reason.CONNECT, id=2, message="refused")
    spells = [
        Spell(0, 100 * HOUR, Verdict.UP, id=1), down, Spell(down.end or 0, 200 * HOUR, Verdict.UP, id=3),
        Spell(200 * HOUR, 202 * HOUR, Verdict.UNKNOWN, Reason.OFFLINE, id=4), Spell(202 * HOUR, None, Verdict.UP, id=5),
    ]  # fmt: skip
    found = made(History(spells, [Work(300 * HOUR, 306 * HOUR, "New disks")]), start, end, end).document()
    assert found["sentence"] == "4 h 12 min down of 2,160 h; 6 h maintenance excluded; 2 h no data excluded"
    assert found["uptime_text"] == "99.804"
    assert found["coverage_text"] == "99.907"
    assert found["formula"]["uptime_numbers"] == (
        "1 − (1 × 15120 + 0 × 0) ÷ (7776000 − 21600 − 7200 − 0 − 0) = 99.804 %"
    )
    assert found["formula"]["coverage_numbers"] == "(7776000 − 7200 − 0 − 0) ÷ (7776000 − 0 − 0) = 99.907 %"
    assert [(piece["counted"], piece["why"], piece["spell"]) for piece in found["pieces"]] == [
        ("up", "", 1), ("down", "", 2), ("up", "", 3), ("unknown", "", 4), ("up", "", 5),
        ("maintenance", "announced: New disks", 5), ("up", "", 5),
    ]  # fmt: skip
    assert found["pieces"][1] | {"start": "", "end": ""} == {
        "start": "", "end": "", "seconds": "15120", "counted": "down", "why": "", "spell": 2, "verdict": "down",
        "reason": "connect", "message": "refused",
    }  # fmt: skip


def test_a_piece_that_counts_otherwise_says_who_decided() -> None:
    said = [Annotation(0, HOUR, Saying.FALSE_POSITIVE, "our proxy", "cli:ann", 7)]
    (piece,) = made(History([Spell(0, HOUR, Verdict.DOWN)], (), said), 0, HOUR, HOUR).pieces
    assert (piece.counted, piece.why) == ("up", "annotation 7, false-positive: our proxy")


@pytest.mark.parametrize(
    ("sums", "words"),
    [
        (Sums(up=HOUR), "never down of 1 h"),
        (Sums(up=HOUR, down=1), "0.000001 s down of 1 h"),
        (Sums(degraded=MINUTE, down=30 * MICROS), "30 s down and 1 min degraded of 1 min 30 s"),
        (Sums(unknown=HOUR, paused=HOUR), "Nothing known of 2 h; 1 h no data excluded; 1 h paused excluded"),
        (Sums(up=HOUR, not_expected=HOUR), "never down of 2 h; 1 h not watched excluded"),
        (Sums(not_expected=HOUR), "Not watched in this time"),
    ],
)
def test_a_sentence_says_what_was_down_and_what_was_left_out(sums: Sums, words: str) -> None:
    assert sentence(sums) == words


def test_durations_are_cut_in_words_and_exact_in_numbers() -> None:
    assert [lasted(took) for took in (0, 200_000, 12 * MICROS, HOUR + 59 * MICROS, 2_160 * HOUR)] == [
        "0 s", "0.2 s", "12 s", "1 h", "2,160 h",
    ]  # fmt: skip
    assert [exact(took) for took in (0, 1, 1_500_000, 3 * MICROS)] == ["0", "0.000001", "1.5", "3"]
