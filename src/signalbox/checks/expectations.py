"""Is an HTTP answer what was expected? Each expectation that is written becomes an assertion that held or did not.

JSONPath is RFC 9535's, by python-jsonpath; selectors are CSS's, by selectolax. Both, and patterns, are bounded: the
text they are held against comes from a server that may mean harm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from signalbox.checks.conditions import ABSENT, Condition, Expected, Pattern, Text, Value, pattern, told
from signalbox.checks.evidence import Assertion
from signalbox.clock import MICROS
from signalbox.durations import Duration, words
from signalbox.signals import Reason, Verdict

_MOST_FOUND = 1_000  # values or elements that one path or selector gives
_DEEPEST = 1_000  # elements within each other
# Tags of elements, without those that never hold others of their own name: void ones, and those that end by themselves.
_TAG = re.compile(
    r"</?(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr"
    r"|p|li|dt|dd|tr|td|th|thead|tbody|tfoot|option|optgroup|colgroup)\b)[a-zA-Z]",
    re.IGNORECASE,
)
_DAY = 86_400 * MICROS
_RANGE = re.compile(r"([1-5][0-9][0-9])(?:\s*-\s*([1-5][0-9][0-9]))?")


class Seen(NamedTuple):
    """An answer, as far as it was read."""

    status: int
    total: float  # milliseconds
    url: str  # where it came from, after redirects
    headers: Mapping[str, str]  # lower-case names
    body: bytes
    now: int  # UTC microseconds
    certificate_expires: int | None = None  # UTC microseconds


def _statuses(value: object) -> object:
    """`200`, `200-299,401` or a list of such, as one text."""
    parts = value if isinstance(value, list | tuple) else [value]
    return ",".join(str(part) for part in parts) if not any(isinstance(part, bool) for part in parts) else value


def _are_statuses(text: str) -> str:
    ranges(text)
    return text


@lru_cache(1_024)
def ranges(text: str) -> tuple[tuple[int, int], ...]:
    """`200-299,401` as pairs of the first and the last. ValueError says how to write it."""
    found = [_RANGE.fullmatch(part.strip()) for part in text.split(",")]
    pairs = [(int(one[1]), int(one[2] or one[1])) for one in found if one is not None]
    if len(pairs) < len(found) or any(first > last for first, last in pairs):
        raise ValueError("write statuses such as 200, 200-299 or 200-299,401")
    return tuple(pairs)


Statuses = Annotated[str, Field(max_length=200), BeforeValidator(_statuses), AfterValidator(_are_statuses)]


def _texts(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[Text, ...], BeforeValidator(_texts), Field(max_length=20)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_texts), Field(max_length=20)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Latency(_Part):
    """How long the whole check may take."""

    degraded: Duration | None = Field(None, gt=0, description="An answer that takes longer is degraded.")
    down: Duration | None = Field(None, gt=0, description="An answer that takes longer counts as down.")


class Body(_Part):
    """What the answer's body has to be like, as text."""

    contains: Texts = Field((), description="A text, or several, that it has to hold.")
    lacks: Texts = Field((), description="A text, or several, that it must not hold.")
    matches: Patterns = Field((), description="A pattern of RE2, or several, that has to be found in it.")


class Size(_Part):
    """How large the body may be, in bytes after decompression."""

    least: int | None = Field(None, ge=0, description="At least that many bytes.")
    most: int | None = Field(None, ge=0, le=1_000_000, description="At most that many bytes.")


@lru_cache(1_024)
def json_path(text: str) -> Any:
    """A compiled JSONPath. ValueError says what is wrong with it."""
    from jsonpath import JSONPathEnvironment
    from jsonpath.exceptions import JSONPathError

    if len(text) > 500 or text.count("..") > 1:
        raise ValueError("a JSONPath has at most 500 characters and one  ..")
    environment = JSONPathEnvironment(strict=True)
    for name in ("match", "search"):  # they would run Python's patterns over a stranger's text
        environment.function_extensions.pop(name, None)
    try:
        return environment.compile(text)
    except JSONPathError as error:
        raise ValueError(f"not a JSONPath: {str(error).splitlines()[0]}") from None


def _is_path(text: str) -> str:
    json_path(text)
    return text


def _is_selector(text: str) -> str:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        LexborHTMLParser("<p>").css(text)
    except (SelectolaxError, ValueError):
        raise ValueError("not a CSS selector: write for example  #status .ok") from None
    return text


Path = Annotated[str, AfterValidator(_is_path)]
Selector = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_is_selector)]
HeaderName = Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", max_length=200)]


class Expectations(_Part):
    """What an answer has to be like. Without `status`, 200 to 399."""

    status: Statuses = Field("200-399", description="Statuses that are up, such as 200-299,401.")
    latency: Latency = Field(Latency(), description="Limits on the time of the whole check.")
    headers: dict[HeaderName, Expected] = Field(
        {}, max_length=20, description="Headers by name: a value alone, or conditions such as {matches: json}."
    )
    body: Body = Field(Body(), description="Texts and patterns in the body.")
    jsonpath: dict[Path, Expected] = Field(
        {}, max_length=20,
        description="Values by JSONPath, such as {$.status: ok} or {$.queue: {below: 100}}. Of several, one has to do.",
    )  # fmt: skip
    html: dict[Selector, Expected] = Field(
        {}, max_length=20,
        description="Texts of elements by CSS selector, such as {h1: Welcome} or {.error: {exists: false}}.",
    )  # fmt: skip
    certificate: Duration | None = Field(
        None, gt=0, description="Time that the certificate must be valid for from now on, such as 14d."
    )
    url: Expected | None = Field(None, description="Where the answer came from in the end, after redirects.")
    size: Size = Field(Size(), description="Size of the body.")

    @model_validator(mode="after")
    def _in_order(self) -> Expectations:
        low, high = self.latency.degraded, self.latency.down
        if low is not None and high is not None and low >= high:
            raise ValueError("latency: degraded has to be less than down")
        return self

    @property
    def wants_body(self) -> bool:
        """Is the body needed to tell?"""
        return bool(self.jsonpath or self.html) or self.body != Body() or self.size != Size()

    @property
    def wants_headers(self) -> bool:
        """Are the headers needed to tell?"""
        return bool(self.headers)

    def is_up(self, status: int) -> bool:
        """Is that status among those that are up?"""
        return any(first <= status <= last for first, last in ranges(self.status))

    def judge(self, seen: Seen) -> tuple[Assertion, ...]:
        """Every expectation, held against what was seen. The status comes first."""
        return tuple(self._judge(seen))

    def _judge(self, seen: Seen) -> Iterator[Assertion]:
        up = self.is_up(seen.status)
        yield Assertion("status", self.status, str(seen.status), up, Reason.STATUS, is_ours=True)
        yield from self._times(seen)
        for name, condition in self.headers.items():
            yield from _assertions(f"header {name}", condition, seen.headers.get(name.lower(), ABSENT))
        if self.url is not None:
            yield from _assertions("final URL", self.url, seen.url)
        if self.wants_body:
            yield from self._contents(seen.body)

    def _times(self, seen: Seen) -> Iterator[Assertion]:
        took = f"{seen.total:.0f} ms"
        for limit, verdict in ((self.latency.down, Verdict.DOWN), (self.latency.degraded, Verdict.DEGRADED)):
            if limit is not None:
                within = seen.total <= limit * 1000
                expected = f"at most {limit * 1000:g} ms"
                yield Assertion("time", expected, took, within, Reason.SLOW, verdict, is_ours=True)
        if self.certificate is not None:
            expires = seen.certificate_expires
            left = None if expires is None else (expires - seen.now) / _DAY
            valid = left is not None and left * 86_400 >= self.certificate
            came = "no certificate" if left is None else f"{left:.1f} days"
            expected = f"valid for {words(self.certificate)}"
            yield Assertion("certificate", expected, came, valid, Reason.CERTIFICATE, is_ours=True)

    def _contents(self, body: bytes) -> Iterator[Assertion]:
        if self.size.least is not None:
            held = len(body) >= self.size.least
            yield Assertion("size", f"at least {self.size.least} bytes", f"{len(body)} bytes", held, is_ours=True)
        if self.size.most is not None:
            held = len(body) <= self.size.most
            yield Assertion("size", f"at most {self.size.most} bytes", f"{len(body)} bytes", held, is_ours=True)
        text = body.decode("utf-8", errors="replace")
        for wanted in self.body.contains:
            yield Assertion("body", f"containing {told(wanted)}", told(text), wanted in text)
        for wanted in self.body.lacks:
            yield Assertion("body", f"without {told(wanted)}", told(text), wanted not in text)
        for wanted in self.body.matches:
            yield Assertion("body", f"matching {told(wanted)}", told(text), pattern(wanted).search(text) is not None)
        if self.jsonpath:
            yield from self._values(body)
        if self.html:
            yield from self._elements(text)

    def _values(self, body: bytes) -> Iterator[Assertion]:
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            yield Assertion("body", "JSON", told(body[:200].decode("utf-8", errors="replace")), passed=False)
            return
        for path, condition in self.jsonpath.items():
            yield from _any_of(path, condition, list(islice(_found(path, document), _MOST_FOUND)))

    def _elements(self, text: str) -> Iterator[Assertion]:
        from selectolax.lexbor import LexborHTMLParser

        if _nesting(text) > _DEEPEST:  # parsing takes time in proportion to the depth as well
            yield Assertion("body", f"HTML of at most {_DEEPEST} open elements", "more", passed=False)
            return
        tree = LexborHTMLParser(text)
        for selector, condition in self.html.items():
            elements: list[Value] = [one.text(strip=True) for one in tree.css(selector)[:_MOST_FOUND]]
            yield from _any_of(f"html {selector}", condition, elements)


def _nesting(text: str) -> int:
    """How deep the elements of a page may be within each other: those opened less those closed."""
    return sum(-1 if tag.startswith("</") else 1 for tag in _TAG.findall(text))


def _found(path: str, document: Any) -> Iterator[Value]:
    try:
        for match in json_path(path).finditer(document):
            yield match.obj
    except RecursionError:
        return


def _any_of(what: str, condition: Condition, values: list[Value]) -> Iterator[Assertion]:
    """The assertions of the value that holds most of it: one has to do, but none may have what is to be lacking."""
    tries = [tuple(_assertions(what, condition, value)) for value in values or [ABSENT]]
    pick = max if condition.lacks is None else min
    yield from pick(tries, key=lambda assertions: sum(one.passed for one in assertions))


def _assertions(what: str, condition: Condition, value: Value) -> Iterator[Assertion]:
    for held in condition.held(value):
        yield Assertion(what, held.expected, told(value), held.passed)
