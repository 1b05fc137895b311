"""How is one entry of a manifest read? With everything that is wrong with it noted where it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from signalbox.manifest.problems import Path, sort_of
from signalbox.manifest.source import Source
from signalbox.manifest.wording import complaints
from signalbox.monitors.specs import MonitorSpec

_Spec = TypeVar("_Spec", bound=BaseModel)


def listed(source: Source, value: object, path: Path) -> list[object]:
    """The entries of a list; none of what is no list, and that is noted."""
    if isinstance(value, list):
        return value
    source.refuse(path, f"must be a list, not {sort_of(value)}: begin each entry with a hyphen")
    return []


def spec_of(
    source: Source, model: type[_Spec], value: object, path: Path, renamed: Mapping[Path, Path] | None = None
) -> _Spec | None:
    """A validated spec; else None, and its problems are noted at the paths they were written at."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for where, text in complaints(error, model, also=("url",) if model is MonitorSpec else ()):
            source.refuse((*path, *(renamed or {}).get(where, where)), text)
        return None
