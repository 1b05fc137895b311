"""How do a model's complaints read to the person who wrote the manifest? Where, what, and what to write instead.

Complaints never show a value that could be secret: only texts of our own validators are passed on, and the caller
hides what came from the environment.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from signalbox.manifest.problems import Path, sort_of, unknown_key
from signalbox.slugs import PATTERN, slug

_WANTED = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "dict": "a mapping (`key: value`)",
    "model": "a mapping (`key: value`)",
    "mapping": "a mapping (`key: value`)",
}
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
    "greater_than": ("more than", "gt"),
    "less_than": ("less than", "lt"),
}
_SORT = re.compile(rf"({'|'.join(_WANTED)})(_type|_parsing|_from_float|_attributes_type|_unicode)?$")


def complaints(error: ValidationError, model: type[BaseModel], also: Sequence[str] = ()) -> Iterator[tuple[Path, str]]:
    """Each complaint's path within the model, as written, and its text. `also` are keys known beside the model's."""
    for detail in error.errors(include_url=False):
        path, around = _written(detail["loc"], model)
        if detail["type"] == "extra_forbidden" and path[:-1] == ("check",) and path[-1] in _fields([model]):
            yield path, "unknown key here; it belongs beside `check:`, not below it"
        else:
            yield (*path, *_added(detail)), _words(detail, around, also if len(path) == 1 else ())


def kind_has(model: type[BaseModel], kind: object, option: str) -> bool:
    """Does that kind of check have that option? Of a kind that there is not, we do not know: yes."""
    kinds = [candidate for candidate in _models(model.model_fields["check"].annotation) if kind in _tags(candidate)]
    return not kinds or option in _fields(kinds)


def _added(detail: ErrorDetails) -> Path:
    """pydantic reports a missing or wrong `kind` at the check; people look for it at `check.kind`."""
    return (_discriminator(detail),) if detail["type"].startswith("union_tag") else ()


def _written(loc: tuple[int | str, ...], model: type[BaseModel]) -> tuple[Path, list[type[BaseModel]]]:
    """A pydantic location as a path in the file, and the models whose keys are known at its last step.

    pydantic puts a union's tag into the location, which nobody wrote.
    """
    path: list[int | str] = []
    around: list[type[BaseModel]] = []
    here, told = [model], False  # a tag comes once: below it, the kind `tls` has an option of that name
    for step in loc:
        tagged = [candidate for candidate in here if step in _tags(candidate)]
        if tagged and not told and not (len(loc) == len(path) + 1 and step in _fields(here)):
            here, told = tagged, True
            continue
        path.append(step)
        told = False
        if isinstance(step, str):
            around, here = here, _below(step, here)
    return tuple(path), around


def _below(name: str, models: list[type[BaseModel]]) -> list[type[BaseModel]]:
    """The models that may stand below a key of these."""
    return [found for annotation in _annotations(models, name) for found in _models(annotation)]


def _of_scheme(scheme: object, models: list[type[BaseModel]]) -> str | None:
    """The kind that has URLs of that scheme, for people who call it by that name."""
    kinds = (str(tag) for model in models if scheme in getattr(model, "schemes", ()) for tag in _tags(model))
    return next(kinds, None)


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    return get_args(model.model_fields["kind"].annotation) if "kind" in model.model_fields else ()


def _fields(models: list[type[BaseModel]]) -> set[str]:
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


def _annotations(models: list[type[BaseModel]], name: str) -> list[Any]:
    return [model.model_fields[name].annotation for model in models if name in model.model_fields]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _words(detail: ErrorDetails, around: list[type[BaseModel]], also: Sequence[str]) -> str:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    last = detail["loc"][-1] if detail["loc"] else ""
    match kind:
        case "extra_forbidden":
            return _unknown(str(last), around, also)
        case "missing":
            return f"is missing: add `{last}:`{_purpose(str(last), around)}"
        case "value_error" | "assertion_error":
            return str(context["error"])
        case "union_tag_not_found":
            kinds = [str(tag) for found in _below(str(last), around) for tag in _tags(found)]
            return f"is missing: write `kind:` and one of {', '.join(kinds)}"
        case "union_tag_invalid" if meant := _of_scheme(_tag(detail), _below(str(last), around)):
            return f'is no kind of check: write "{meant}"'
        case "union_tag_invalid" | "literal_error" | "enum":
            return _choice(str(context.get("expected_tags") or context["expected"]), _tag(detail))
        case "string_too_short" | "too_short" if context["min_length"] == 1:
            return "must not be empty"
        case "string_pattern_mismatch":
            return _pattern(str(context["pattern"]), value)
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"must be {words} {context[bound]:g}"
    if value is None:
        return "has no value: write one, or leave the key out"
    if sort := _SORT.match(kind):
        below = _below(str(last), around)
        keys = f"; known there: {', '.join(sorted(_fields(below)))}" if sort[1] == "model" and len(below) == 1 else ""
        return _mistaken(sort[1], value) + keys
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _unknown(name: str, around: list[type[BaseModel]], also: Sequence[str]) -> str:
    if name in _fields(_below("check", around)):
        return "unknown key here; it belongs below `check:`"
    below = [key for key in sorted(_fields(around)) if name in _fields(_below(key, around))]
    if len(below) == 1:
        return f"unknown key here; it belongs below `{below[0]}:`"
    return unknown_key(name, {*_fields(around), *also})


def _purpose(name: str, around: list[type[BaseModel]]) -> str:
    texts = [model.model_fields[name].description for model in around if name in model.model_fields]
    sentence = (texts[0] or "").partition(". ")[0].rstrip(".") if texts else ""
    return f", {sentence[:1].lower()}{sentence[1:]}" if sentence else ""


def _discriminator(detail: ErrorDetails) -> str:
    return str(detail.get("ctx", {}).get("discriminator", "kind")).strip("'")


def _tag(detail: ErrorDetails) -> object:
    return detail.get("ctx", {}).get("tag", detail["input"])


def _choice(expected: str, value: object) -> str:
    names = re.findall(r"'([^']*)'", expected)
    close = difflib.get_close_matches(str(value), names, 1) or difflib.get_close_matches(str(value).upper(), names, 1)
    return f"must be one of: {', '.join(names)}" + (f'; did you mean "{close[0]}"?' if close else "")


def _pattern(pattern: str, value: object) -> str:
    if pattern != PATTERN:
        return f"must match {pattern}"
    better = slug(str(value))
    advice = f'write "{better}"' if better else 'write something such as "public-api"'
    return f"must be lower-case letters, digits and single hyphens, at most 80: {advice}"


def _mistaken(sort: str, value: object) -> str:
    text = f"must be {_WANTED[sort]}, not {sort_of(value)}"
    if sort == "string" and isinstance(value, bool | int | float):
        return f"{text}: put it in quotes"
    return f"{text}: write [one, two]" if _WANTED[sort] == "a list" and isinstance(value, str) else text
