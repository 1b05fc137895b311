"""How much room is left, and when that is said."""

from __future__ import annotations

from pathlib import Path

from signalbox.runner.disk import LEAST, Room, in_words, rooms, size


def test_room_is_short_below_a_gigabyte_or_a_tenth() -> None:
    here = Path("data")
    assert Room(here, LEAST - 1, 5 * LEAST).is_short
    assert Room(here, 9 * LEAST, 100 * LEAST).is_short
    assert not Room(here, 10 * LEAST, 100 * LEAST).is_short
    assert str(Room(here, 900_000_000, 100 * LEAST)) == "900 MB of 100 GB free where data is"


def test_each_file_system_is_told_once_and_what_is_missing_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    found = rooms([tmp_path, tmp_path / "a", tmp_path / "nowhere"])
    assert [room.path for room in found] == [tmp_path]
    assert 0 < found[0].free < found[0].total


def test_sizes_are_what_the_disk_gives(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(b"x" * 100_000)
    assert size(tmp_path) == size(tmp_path / "deep" / "a") >= 100_000
    assert size(tmp_path / "nowhere") == 0
    assert [in_words(count) for count in (0, 999, 1_000, 3_440_000, 12_000_000_000)] == [
        "0 B", "999 B", "1.0 kB", "3.4 MB", "12 GB"
    ]  # fmt: skip
