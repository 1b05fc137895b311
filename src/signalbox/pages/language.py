"""In which language is a page read, and how does that language say something?

A catalogue (`catalogues/LANGUAGE.json`) has two parts: `shared` is also handed to the reader's browser, `server` is
what only the server writes. A text is a plain sentence with `{names}` in braces, or an object with the plural forms
that the language has (CLDR's `one`, `few`, `many`, `other`, …), where `{n}` is the number. Numbers, plurals, `3 days
ago` and names of days and months come from CLDR: from Babel here, from Intl in the browser
(`web/shared/golden/languages.json` holds both to the same). Digits are Latin ones in every language: they stand beside
addresses, codes and the bars, and are read the same by all.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal

from babel import Locale
from babel.dates import format_timedelta
from babel.numbers import format_decimal

Text = str | Mapping[str, str]
Catalogue = Mapping[str, Text]

LANGUAGES: Final = ("en", "de", "fr", "es", "pt-BR", "hu", "ja", "zh-Hans", "ar")
"""As BCP 47 names them; the first stands in where another lacks a text."""

_FOLDER: Final = Path(__file__).parent / "catalogues"
_LOCALES: Final = {"en": "en_GB", "pt-BR": "pt_BR", "zh-Hans": "zh_Hans"}
_UNGROUPED: Final = {"es": 10_000, "hu": 10_000}  # numbers below are written without a mark for thousands (CLDR)
_HOLE: Final = re.compile(r"\{(\w+)\}")
_MOST: Final = 400  # characters of an Accept-Language that are looked at


@dataclass(frozen=True, slots=True)
class Language:
    """A language with its words, some of them perhaps the owner's. Texts are plain; whoever writes HTML escapes."""

    code: str
    shared: Catalogue
    server: Catalogue
    locale: Locale = field(repr=False, compare=False)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return "rtl" if self.locale.text_direction == "rtl" else "ltr"

    def shared_json(self) -> str:
        """What the browser's side says, as JSON."""
        return json.dumps(self.shared, ensure_ascii=False, separators=(",", ":"))

    def version(self) -> str:
        """A name of what the browser's side says: other words, another name."""
        return named(self.shared_json().encode())

    def say(self, key: str, /, **values: object) -> str:
        """The text of that key with its holes filled. A key that nobody knows is a bug and raises `KeyError`."""
        return _filled(self.raw(key), values)

    def raw(self, key: str) -> str:
        """The text of that key with its holes."""
        text = self._text(key)
        if not isinstance(text, str):
            raise KeyError(f"{key} has plural forms: use count()")
        return text

    def count(self, key: str, n: int, /, **values: object) -> str:
        """The text of that key in the plural form of `n`, which is `{n}`."""
        forms = self._text(key)
        form = forms if isinstance(forms, str) else forms.get(self.locale.plural_form(n), forms["other"])
        return _filled(form, {"n": self.number(n), **values})

    def number(self, value: float) -> str:
        """As people write it: `1,234.5`, `1.234,5`."""
        return _number(self.locale, value, abs(value) >= _UNGROUPED.get(self.code, 0))

    def percent(self, text: str) -> str:
        """`99.981` as `99.981%`, `99,981 %`: with the decimals that it came with, never rounded again."""
        point, sign = _percent(self.locale)
        return sign.format(text.replace(".", point))

    def decimals(self, text: str) -> str:
        """A sum that was written with decimal points, with those that the language has."""
        return text.replace(".", _percent(self.locale)[0])

    def distance(self, n: int, unit: Literal["minute", "hour", "day"]) -> str:
        """`3 days ago` for -3, `in 3 days` for 3."""
        return _distance(self.locale, n, unit)

    def dated(self, key: str, day: date, /, **values: object) -> str:
        """A text in which `{weekday}`, `{day}`, `{month}` (a name), `{m}` (its number) and `{year}` are filled."""
        weekdays, months = _names(self.locale)
        return self.say(
            key, weekday=weekdays[day.weekday()], day=day.day, month=months[day.month - 1], m=day.month, year=day.year,
            **values,
        )  # fmt: skip

    def listed(self, names: Sequence[str], more: int = 0) -> str:
        """`API, Docs and 3 more`."""
        said = self.say("list.comma").join(names)
        return self.count("list.more", more, names=said) if more > 0 else said

    def _text(self, key: str) -> Text:
        for part in (self.shared, self.server):
            if key in part:
                return part[key]
        raise KeyError(key)

    def with_words(self, own: Mapping[str, str]) -> Language:
        """The same with some texts replaced by the page's owner."""
        return Language(self.code, {**self.shared, **own}, self.server, self.locale) if own else self


def named(words: bytes) -> str:
    """A name of these bytes, twelve characters of their hash."""
    return hashlib.sha256(words).hexdigest()[:12]


def _filled(text: str, values: Mapping[str, object]) -> str:
    words, names = parted(text)
    if not names:
        return text
    filled = [f"{word}{values[name]}" for word, name in zip(words, names, strict=False)]
    return "".join(filled) + words[-1]


@lru_cache(maxsize=10_000)
def parted(text: str) -> tuple[list[str], list[str]]:
    """What stands around the holes of a text, one more than holes, and their names."""
    parts = _HOLE.split(text)
    return parts[::2], parts[1::2]


@lru_cache(maxsize=10_000)
def _number(locale: Locale, value: float, grouped: bool) -> str:
    return format_decimal(value, locale=locale, group_separator=grouped)


@cache
def _percent(locale: Locale) -> tuple[str, str]:
    """The decimal point, and how a percentage is written around its number."""
    pattern = re.sub(r"[#,0.]+", "{}", locale.percent_formats[None].pattern)
    return locale.number_symbols["latn"]["decimal"], pattern


@lru_cache(maxsize=10_000)
def _distance(locale: Locale, n: int, unit: Literal["minute", "hour", "day"]) -> str:
    length = timedelta(**{f"{unit}s": n})
    return format_timedelta(length, threshold=max(1, abs(n)), granularity=unit, add_direction=True, locale=locale)


@cache
def _names(locale: Locale) -> tuple[list[str], list[str]]:
    """Short names of the weekdays from Monday, and of the months, as they stand in a date."""
    days, months = locale.days["format"]["abbreviated"], locale.months["format"]["abbreviated"]
    return [days[at] for at in range(7)], [months[at] for at in range(1, 13)]


def holes(text: Text) -> frozenset[str]:
    """The names in braces, of whatever plural form has most: not every form says its number."""
    forms = [text] if isinstance(text, str) else list(text.values())
    return frozenset().union(*(_HOLE.findall(form) for form in forms))


@cache
def catalogue(code: str) -> tuple[Catalogue, Catalogue]:
    """Both parts of a language's catalogue as its file has them."""
    read = json.loads((_FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    return read["shared"], read["server"]


@cache
def language(code: str) -> Language:
    """The language of that code, which must be one of `LANGUAGES`; what it lacks is said in English."""
    spare_shared, spare_server = catalogue(LANGUAGES[0])
    shared, server = catalogue(code)
    locale = Locale.parse(_LOCALES.get(code, code))
    return Language(code, {**spare_shared, **shared}, {**spare_server, **server}, locale)


@cache
def available() -> tuple[str, ...]:
    """Languages that have a catalogue."""
    return tuple(code for code in LANGUAGES if (_FOLDER / f"{code}.json").exists())


@cache
def names() -> tuple[tuple[str, str], ...]:
    """Each with what it calls itself: `("de", "Deutsch")`."""
    called = ((code, language(code).locale.get_language_name() or code) for code in available())
    return tuple((code, name[:1].upper() + name[1:]) for code, name in called)


@lru_cache(maxsize=1_024)
def picked(accepted: str, spare: str = "en") -> str:
    """The language that suits an Accept-Language best (RFC 9110, 12.5.4; lookup of RFC 4647), else `spare`."""
    for wanted in _by_weight(accepted[:_MOST]):
        found = spare if wanted == "*" else matched(wanted)
        if found is not None:
            return found
    return spare


def matched(wanted: str) -> str | None:
    """The language that a tag such as `de-AT` or `zh-CN` asks for; None if there is none."""
    tag = wanted.lower()
    if tag.startswith("zh") and not any(part in tag for part in ("hant", "tw", "hk", "mo")):
        tag = "zh-hans"
    known = {code.lower(): code for code in available()}
    while tag:
        if tag in known:
            return known[tag]
        tag = tag.rpartition("-")[0]
    return known.get("pt-br") if wanted.lower().startswith("pt") else None


def _by_weight(accepted: str) -> list[str]:
    ranked: list[tuple[float, str]] = []
    for part in accepted.split(","):
        tag, _, rest = part.strip().partition(";")
        weight = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", rest) if rest else None
        quality = float(weight[1]) if weight else 1.0
        if re.fullmatch(r"[A-Za-z0-9-]{1,35}|\*", tag.strip()) and quality > 0:
            ranked.append((-quality, tag.strip()))
    return [tag for _, tag in sorted(ranked, key=lambda one: one[0])]
