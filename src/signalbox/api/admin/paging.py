"""How does a long list come in pages? From a place on (`?after=`), so that nothing added meanwhile shifts it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

T = TypeVar("T")

LIMIT, MOST = 100, 1_000
_POSITION = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]{1,18}")


class Page(BaseModel, Generic[T]):
    """Some of a list."""

    model_config = ConfigDict(frozen=True)

    items: list[T]
    next: str | None = Field(None, description="Path and query of the following page; null: this is the last one.")


class Paging:
    """What part of a list is asked for."""

    def __init__(
        self,
        request: Request,
        after: Annotated[str | None, Query(max_length=300, description="Where the page before ended.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Items at most.")] = LIMIT,
    ) -> None:
        self._url, self.after, self.limit = request.url, after, limit

    def page(self, found: Sequence[T], place: Callable[[T], object]) -> Page[T]:
        """The page. `found` was asked for with `limit + 1`; `place` tells what `after` must be to begin behind one."""
        if len(found) <= self.limit:
            return Page(items=list(found))
        items = list(found[: self.limit])
        following = self._url.include_query_params(after=place(items[-1]), limit=self.limit)
        return Page(items=items, next=f"{following.path}?{following.query}")

    @property
    def place(self) -> tuple[int, str] | None:
        """`after` as position and key (`12~api`), where lists are in the order of the page; None for what is none."""
        position, _, key = (self.after or "").partition("~")
        return (int(position), key) if _POSITION.fullmatch(position) and key.isprintable() else None

    @property
    def number(self) -> int:
        """`after` as a number, where lists are in the order of one; 0 without, and for what is none."""
        return int(self.after) if self.after and _NUMBER.fullmatch(self.after) else 0


OfPaging = Annotated[Paging, Depends()]
