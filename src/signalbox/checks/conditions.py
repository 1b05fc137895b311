"""What does a value have to be like? Conditions on texts, numbers and whatever JSON holds.

Patterns are RE2's (https://github.com/google/re2/wiki/Syntax): their time is in proportion to the text, whatever it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sized
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import re2
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

LONGEST_PATTERN = 1_000  # characters
SHOWN = 200  # characters of a value, in words
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


class Absent:
    """In place of a value where there is none. JSON's null is a value."""


ABSENT = Absent()
Value = JsonValue | Absent


@lru_cache(1_024)
def pattern(text: str) -> Any:
    """A compiled RE2 pattern. ValueError says what is wrong with it."""
    if len(text) > LONGEST_PATTERN:
        raise ValueError(f"a pattern has at most {LONGEST_PATTERN} characters")
    try:
        return re2.compile(text, _OPTIONS)
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"not a pattern of RE2: {said}") from None


def _compiles(text: str) -> str:
    pattern(text)
    return text


Pattern = Annotated[str, AfterValidator(_compiles)]
Text = Annotated[str, Field(max_length=4_096)]


class Held(NamedTuple):
    """Whether one condition held, and what it says, in words."""

    expected: str
    passed: bool


class Condition(BaseModel):
    """What a value has to be like; all that is written has to hold. A value alone is short for `equals`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exists: bool | None = Field(None, description="true: it has to be there; false: it must not.")
    equals: JsonValue = Field(None, description="Exactly this value; text and numbers are told apart.")
    one_of: tuple[JsonValue, ...] = Field((), description="One of these values.")
    contains: Text | None = Field(None, description="The text holds this, or the list has it as an entry.")
    lacks: Text | None = Field(None, description="The text does not hold this, nor the list.")
    matches: Pattern | None = Field(None, description="A pattern of RE2 is found in the text.")
    above: float | None = Field(None, description="A number greater than this.")
    below: float | None = Field(None, description="A number less than this.")
    at_least: float | None = Field(None, description="A number not less than this.")
    at_most: float | None = Field(None, description="A number not greater than this.")
    least_length: int | None = Field(None, ge=0, description="A text, list or mapping of at least this length.")
    most_length: int | None = Field(None, ge=0, description="A text, list or mapping of at most this length.")

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if not self._written():
            raise ValueError("says nothing: write for example  exists: true  or  equals: ok")
        if self.exists is False and len(self._written()) > 1:
            raise ValueError("exists: false  stands alone: what is not there is like nothing")
        return self

    @model_serializer(mode="wrap")
    def _as_written(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what nobody wrote, since `equals: null` is a condition, too: stored and read again it is the same."""
        whole: dict[str, Any] = dump(self)
        return {name: whole[name] for name in self._written()}

    def _written(self) -> list[str]:
        """Which conditions there are, in order. Of those that are null only `equals` is one."""
        given = (name for name in type(self).model_fields if name in self.model_fields_set)
        return [name for name in given if name == "equals" or getattr(self, name) not in (None, ())]

    def held(self, value: Value) -> Iterator[Held]:
        """Each condition that is written, and whether it holds. What is absent holds only `exists: false`."""
        for name in self._written():
            wanted = getattr(self, name)
            if name == "exists":
                yield Held("there" if wanted else "not there", (value is not ABSENT) is wanted)
            else:
                words, holds = _CONDITIONS[name]
                yield Held(f"{words} {told(wanted)}", value is not ABSENT and holds(value, wanted))


def _short(value: object) -> object:
    """A scalar alone means `equals`; a mapping is the condition itself."""
    return value if isinstance(value, dict | Condition) else {"equals": value}


Expected = Annotated[Condition, BeforeValidator(_short)]


def told(value: object) -> str:
    """A value in words, bounded."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)  # as people write it: below 100
    text = f'"{value}"' if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compares(holds: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    """Numbers, and texts that are numbers, as headers and pages have them."""

    def compare(value: Any, wanted: float) -> bool:
        if isinstance(value, str):
            try:
                value = float(value.strip())
            except ValueError:
                return False
        return _is_number(value) and holds(value, wanted)

    return compare


def _same(value: object, wanted: object) -> bool:
    return value == wanted and isinstance(value, bool) is isinstance(wanted, bool)


def _holds(value: object, wanted: str) -> bool:
    if isinstance(value, list):
        return wanted in value
    return wanted in value if isinstance(value, str) else False


def _matches(value: object, wanted: str) -> bool:
    text = value if isinstance(value, str) else told(value) if _is_number(value) else None
    return text is not None and pattern(wanted).search(text) is not None


def _is_long(holds: Callable[[int, int], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, wanted: isinstance(value, Sized) and holds(len(value), wanted)


_CONDITIONS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "equals": ("equal to", _same),
    "one_of": ("one of", lambda value, wanted: any(_same(value, one) for one in wanted)),
    "contains": ("containing", _holds),
    "lacks": ("without", lambda value, wanted: isinstance(value, str | list) and wanted not in value),
    "matches": ("matching", _matches),
    "above": ("above", _compares(lambda value, wanted: value > wanted)),
    "below": ("below", _compares(lambda value, wanted: value < wanted)),
    "at_least": ("at least", _compares(lambda value, wanted: value >= wanted)),
    "at_most": ("at most", _compares(lambda value, wanted: value <= wanted)),
    "least_length": ("at least this long:", _is_long(lambda length, wanted: length >= wanted)),
    "most_length": ("at most this long:", _is_long(lambda length, wanted: length <= wanted)),
}
