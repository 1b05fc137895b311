"""Which kinds of check are there? This union is the only list of them."""

from __future__ import annotations

from signalbox.checks.http import HttpCheck

# With a second kind this becomes Annotated[HttpCheck | …, Field(discriminator="kind")]: pydantic wants a union for it.
AnyCheck = HttpCheck

__all__ = ["AnyCheck", "HttpCheck"]
