"""How does the API say no? With one body for everything, after RFC 9457: `application/problem+json`. Browsers that
asked for a page get one: lost.py."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from signalbox.api import lost
from signalbox.errors import Conflict, NotFound, Refused, Unavailable
from signalbox.pages.shelf import Crowding

MEDIA_TYPE = "application/problem+json"


class Detail(BaseModel):
    """One thing that was wrong."""

    where: str = Field(description="Which part of the request, for example `query.limit`.")
    message: str


class Problem(BaseModel):
    """Why a request was not served."""

    type: str = Field("about:blank", description="A URI that names the kind of problem (RFC 9457).")
    title: str
    status: int
    detail: str
    errors: list[Detail] = []
    request_id: str | None = Field(None, description="Names this request in the server's log.")


def problem(
    status: int,
    detail: str,
    errors: Sequence[Detail] = (),
    headers: Mapping[str, str] | None = None,
    request_id: str | None = None,
) -> Response:
    """An answer that says what was wrong."""
    return Response(content(status, detail, errors, request_id), status, headers, MEDIA_TYPE)


def content(status: int, detail: str, errors: Sequence[Detail] = (), request_id: str | None = None) -> bytes:
    """The body of such an answer."""
    said = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors), request_id=request_id
    )
    return said.model_dump_json(exclude_none=True).encode()


def install(app: FastAPI) -> None:
    """Let the application answer every error this way. What nobody expects is answered by the envelope."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Unavailable, _unavailable)


def refusal(
    scope: Scope,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    request_id: str | None = None,
) -> Response:
    """An answer that says what was wrong: as a page to a browser that asked for one, else as a problem."""
    if lost.is_for_people(scope):
        return lost.page(scope, status, headers, request_id=request_id)
    return problem(status, detail, headers={**(headers or {}), "Vary": "Accept"}, request_id=request_id)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return refusal(request.scope, 404, "There is nothing at this address.")
    headers = dict(error.headers or {})
    if "GET" in headers.get("Allow", ""):
        headers["Allow"] = "GET, HEAD"
    detail = f"{request.method} is not possible here" if error.status_code == 405 else str(error.detail)
    return refusal(request.scope, error.status_code, detail, headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    details = [
        Detail(where=".".join(str(part) for part in one["loc"]), message=str(one["msg"])) for one in error.errors()
    ]
    return problem(422, "; ".join(f"{one.where}: {one.message}" for one in details), details)


async def _refused(request: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, NotFound) else 409 if isinstance(error, Conflict) else 422
    if status == 404:
        return refusal(request.scope, 404, str(error))
    return problem(status, str(error))


async def _unavailable(request: Request, error: Exception) -> Response:
    if isinstance(error, Crowding):
        return refusal(request.scope, 429, str(error), {"Retry-After": "2"})
    return refusal(request.scope, 503, "What this answer comes from does not answer now.", {"Retry-After": "5"})


def describe(schema: dict[str, Any]) -> dict[str, Any]:
    """Tell the OpenAPI document that every operation may answer with a problem."""
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    models = json.loads(json.dumps(Problem.model_json_schema(ref_template="#/components/schemas/{model}")))
    components.update(models.pop("$defs", {}))
    components["Problem"] = models
    answer = {
        "description": "Not served, and why.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in schema["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = answer
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    return schema
