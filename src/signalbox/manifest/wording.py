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
_SORT = re.compile(rf"({'|'.join(_WANTED)})(_type|_parsing|_from_float|_attributes_type|_unicode)?$")


def complaints(error: ValidationError, model: type[BaseModel], also: Sequence[str] = ()) -> Iterator[tuple[Path, str]]:
    """Each complaint's path within the model, as written, and its text. `also` are keys known beside the model's."""
    for detail in error.errors(include_url=False):
        path, around = _written(detail["loc"], model)
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
    here = [model]
    for step in loc:
        tagged = [candidate for candidate in here if step in _tags(candidate)]
        if tagged and not (len(loc) == len(path) + 1 and step in _fields(here)):
            here = tagged
            continue
        path.append(step)
        if isinstance(step, str):
            around, here = here, [found for annotation in _annotations(here, step) for found in _models(annotation)]
    return tuple(path), around


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
            return "is missing: write one of the kinds of check, such as `kind: http`"
        case "union_tag_invalid" | "literal_error" | "enum":
            return _choice(str(context.get("expected_tags") or context["expected"]), _tag(detail))
        case "string_too_short" if context["min_length"] == 1:
            return "must not be empty"
        case "string_pattern_mismatch":
            return _pattern(str(context["pattern"]), value)
    if value is None:
        return "has no value: write one, or leave the key out"
    if sort := _SORT.match(kind):
        return _mistaken(sort[1], value)
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _unknown(name: str, around: list[type[BaseModel]], also: Sequence[str]) -> str:
    checks = [model for annotation in _annotations(around, "check") for model in _models(annotation)]
    if name in _fields(checks):
        return "unknown key here; it belongs below `check:`"
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
