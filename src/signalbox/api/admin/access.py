"""What may an endpoint of the closed part ask for, and whom does it let in?

    router = APIRouter(prefix="/monitors", tags=["monitors"], dependencies=[needs(Scope.MONITORS)])

    @router.post("/{id}/pause")
    def pause(id: str, database: OfDatabase, by: By) -> MonitorAnswer: ...

GET is let in with `read`, too. The gate has asked for a token before; here it is asked whether that is enough.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security import HTTPBearer
from starlette.requests import Request

from signalbox.accounts.scopes import Scope, allows
from signalbox.accounts.tokens import Token
from signalbox.api.deps import OfSite
from signalbox.api.paths import CLOSED, EXTERNAL, FOREIGN
from signalbox.db import Database
from signalbox.errors import Unavailable

_BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="From `signalbox token create`: `sbx_…`.")
_READING = frozenset({"GET", "HEAD"})


def bearer(request: Request, _: Annotated[Any, Security(_BEARER)]) -> Token:
    """The token that the gate found."""
    token = getattr(request.state, "token", None)
    if token is None:  # no gate stood before: let nobody in
        raise HTTPException(401, "This needs a token.", {"WWW-Authenticate": 'Bearer realm="signalbox"'})
    assert isinstance(token, Token)
    return token


OfToken = Annotated[Token, Depends(bearer)]


class Needs:
    """Lets tokens with that scope in; to read, mostly also those with `read`."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __call__(self, request: Request, token: OfToken) -> None:
        """Refuse, naming what is missing."""
        if not allows(token.scopes, self.scope, reading=request.method in _READING):
            challenge = f'Bearer realm="signalbox", error="insufficient_scope", scope="{self.scope}"'
            text = f'The token "{token.name}" lacks the scope "{self.scope}".'
            raise HTTPException(403, text, {"WWW-Authenticate": challenge})


def needs(scope: Scope | str) -> Any:
    """For `dependencies=[…]` of a router or of one route."""
    return Depends(Needs(Scope(scope)))


def actor(token: OfToken) -> str:
    """Who acts, for the audit log."""
    return token.actor


By = Annotated[str, Depends(actor)]


def database(site: OfSite) -> Database:
    """Where state is kept. Open `begin()` or `read()` on it in a plain `def` endpoint: those run in threads."""
    if site.database is None:
        raise Unavailable("this process has no database")
    return site.database


OfDatabase = Annotated[Database, Depends(database)]


def needed(route: RouteContext) -> list[Scope]:
    """The scopes that a route asks for."""
    dependant = getattr(route, "dependant", None)
    found = [one.call for one in dependant.dependencies] if dependant is not None else []
    return [call.scope for call in found if isinstance(call, Needs)]


def refuse_open_doors(app: FastAPI) -> None:
    """An application whose closed part has a route that asks for no scope does not start."""
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if path == EXTERNAL:
            continue
        if path.startswith(FOREIGN.rstrip("/")):
            raise AssertionError(f"{path} belongs to the clients of Gatus")
        if path.startswith(CLOSED) and not needed(route):
            raise AssertionError(f"{path} asks for no scope: add  dependencies=[needs(…)]")
