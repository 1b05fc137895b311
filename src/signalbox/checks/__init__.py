"""Which kinds of check are there? This union is the only list of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from signalbox.checks.http import HttpCheck

AnyCheck = Annotated[HttpCheck, Field(discriminator="kind")]
