"""What does a running program use? CPU and memory of a process and all its children, from /proc."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Usage(NamedTuple):
    """CPU seconds spent so far (user and system), and resident bytes now."""

    cpu: float
    resident: int


def family(pid: int) -> list[int]:
    """The process and all its descendants that live now."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int(_fields(int(entry.name))[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting.extend(children.get(one, ()))
    return found


def usage(pid: int) -> Usage:
    """What a process and its descendants use, those that ended and were waited for included."""
    cpu, resident = 0.0, 0
    for one in family(pid):
        try:
            fields = _fields(one)
        except OSError:
            continue
        # user and system time, and those of children waited for: fields 14 to 17 of proc(5)
        cpu += sum(int(field) for field in (fields[11:15] if one == pid else fields[11:13])) / _TICKS
        resident += int(fields[21]) * _PAGE
    return Usage(cpu, resident)


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name, which may hold blanks: state is 0, parent 1."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(") ")[2].split()
