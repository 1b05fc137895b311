"""How does a picture of a page become small? With a palette of 256 colours in place of sixteen million.

Reads what Chromium writes (eight bits a channel, not interlaced) and writes PNG of colour type 3
(https://www.w3.org/TR/png-3/), with nothing but the standard library.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST = 256
_COARSE = 3  # bits that are left off where there are more colours than a palette has
_CHANNELS = {2: 3, 6: 4}  # by colour type


def shrink(file: Path) -> None:
    """Write the picture again with a palette, if that makes it smaller."""
    written = file.read_bytes()
    width, rows = _decoded(written)
    smaller = _encoded(width, rows)
    if len(smaller) < len(written):
        file.write_bytes(smaller)


def _decoded(data: bytes) -> tuple[int, list[list[tuple[int, int, int]]]]:
    """Width, and the colours of each row."""
    packed, header = b"", b""
    for name, body in _chunks(data):
        if name == b"IHDR":
            header = body
        elif name == b"IDAT":
            packed += body
    width, height, depth, kind = struct.unpack(">IIBB", header[:10])
    if depth != 8 or kind not in _CHANNELS or header[12]:
        raise ValueError("not a picture as Chromium writes it")
    size = _CHANNELS[kind]
    raw, rows, above = zlib.decompress(packed), [], bytearray(width * size)
    for number in range(height):
        start = number * (width * size + 1)
        above = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + width * size]), above, size)
        rows.append(list(zip(above[0::size], above[1::size], above[2::size], strict=True)))
    return width, rows


def _unfiltered(kind: int, row: bytearray, above: bytearray, size: int) -> bytearray:
    """A row without its filter: none, sub, up, average, Paeth."""
    for place in range(len(row)) if kind else ():
        left = row[place - size] if place >= size else 0
        up = above[place]
        corner = above[place - size] if place >= size else 0
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]
        row[place] = (row[place] + guess) & 255
    return row


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    to_left, to_up, to_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_SIGNATURE)
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        yield data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        place += 12 + length


def _encoded(width: int, rows: list[list[tuple[int, int, int]]]) -> bytes:
    colours = Counter(colour for row in rows for colour in row)
    palette = _palette(colours)
    place = {colour: _nearest(colour, palette) for colour in colours}
    raw = b"".join(b"\0" + bytes(place[colour] for colour in row) for row in rows)
    header = struct.pack(">IIBBBBB", width, len(rows), 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", bytes(part for colour in palette for part in colour)),
             (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))  # fmt: skip
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )


def _palette(colours: Counter[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The colours that are used most; of those that look alike, the one that is used most of them."""
    if len(colours) <= _MOST:
        return list(colours)
    alike: dict[tuple[int, ...], Counter[tuple[int, int, int]]] = {}
    for colour, count in colours.items():
        alike.setdefault(tuple(part >> _COARSE for part in colour), Counter())[colour] += count
    groups = sorted(alike.values(), key=lambda group: -group.total())[:_MOST]
    return [group.most_common(1)[0][0] for group in groups]


def _nearest(colour: tuple[int, int, int], palette: list[tuple[int, int, int]]) -> int:
    red, green, blue = colour
    return min(
        range(len(palette)),
        key=lambda place: (palette[place][0] - red) ** 2 + (palette[place][1] - green) ** 2
        + (palette[place][2] - blue) ** 2,
    )  # fmt: skip
