"""`/api/v1/checks`: what would a check say? Tried once, before it is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from signalbox import audit
from signalbox.accounts.scopes import Scope
from signalbox.api.admin.access import By, needs
from signalbox.api.trial import Trial
from signalbox.checks import AnyCheck
from signalbox.checks.base import AskedCheck
from signalbox.checks.report import CheckReport, report
from signalbox.durations import Duration
from signalbox.errors import Refused

router = APIRouter(prefix="/checks", tags=["checks"], dependencies=[needs(Scope.MONITORS)])


class CheckTrial(BaseModel):
    """A check to be tried."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    check: AnyCheck = Field(description="As in a monitor: `kind:` and the options of that kind.")
    timeout: Annotated[Duration, Field(gt=0, le=60)] = Field(10.0, description="A check that takes longer has failed.")


@router.post("/try", summary="Try a check")
async def try_check(trial: CheckTrial, request: Request, by: By) -> CheckReport:
    """Asked once, from the machine of the API, with what it saw; nothing is kept. At most 20 in a row for a token,
    and then one every 3 seconds."""
    if audit.mask_in(trial.model_dump(mode="json")) is not None:
        raise Refused("check: *** stands in place of a secret; write the secret itself")
    if not isinstance(trial.check, AskedCheck):
        raise Refused(f"check.kind: a {trial.check.kind} check asks nobody, so there is nothing to try")
    trials: Trial = request.app.state.trial
    return report(trial.check, await trials.run(trial.check, trial.timeout, by))
