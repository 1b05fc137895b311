"""Nothing of the closed part is open: every route of the table asks for a token, and for the right one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from signalbox.accounts.scopes import Scope
from signalbox.api.admin.access import needed, refuse_open_doors
from signalbox.api.admin.gate import FAILURES
from signalbox.api.app import create_app
from tests.api.admin.conftest import Closed
from tests.api.serving import settings

PUBLIC = {
    "/openapi.json", "/signals", "/api/page", "/api/words", "/api/events", "/healthz", "/readyz", "/docs", "/redoc",
    "/", "/ack/{token}",
    # heartbeats: their tokens are the permission
    "/ping/{rest:path}", "/{code:uuid}", "/{code:uuid}/{action}", "/api/push/{token}",
    "/api/v1/endpoints/{key}/external",
}  # fmt: skip
"""What everybody may ask for, on purpose. Whatever is not here needs a token."""


def _nothing() -> object:
    raise AssertionError("nothing is opened")


APP = create_app(_nothing, settings())  # type: ignore[arg-type] # it is never started
ROUTES = [
    (method, route.path or "", needed(route))
    for route in iter_route_contexts(APP.routes)
    if route.path not in PUBLIC
    for method in sorted(route.methods or ())
]


def _asked(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", path.removeprefix("/api/v1"))


def test_every_route_is_public_on_purpose_or_closed() -> None:
    assert [path for _, path, _ in ROUTES if not path.startswith("/api/v1/")] == []
    assert len(ROUTES) > 2
    assert all(scopes for _, _, scopes in ROUTES)


def test_no_route_is_opened_without_a_token(closed: Closed) -> None:
    for method, path, _ in ROUTES:
        answer = closed.ask(None, _asked(path), method, body={} if method in {"POST", "PUT", "PATCH"} else None)
        assert answer.status == 401, f"{method} {path}"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["cache-control"] == "no-store"


def test_no_route_is_opened_by_a_token_of_another_scope(closed: Closed) -> None:
    scopes = [scope for scope in Scope if scope is not Scope.ADMIN]
    strangers: dict[Scope, str] = {
        scope: closed.token(*(other for other in scopes if other not in {scope, Scope.READ})) for scope in scopes
    }
    for method, path, wanted in ROUTES:
        answer = closed.ask(strangers[wanted[0]], _asked(path), method)
        assert answer.status == 403, f"{method} {path}: {answer.text}"
        assert f'"{wanted[0]}"' in answer.json["detail"]


def test_reading_alone_changes_nothing(closed: Closed) -> None:
    reader = closed.token("read")
    for method, path, wanted in ROUTES:
        if method != "GET" or wanted[0] in {Scope.AUDIT, Scope.TOKENS}:
            assert closed.ask(reader, _asked(path), method).status == 403, f"{method} {path}"
        else:
            assert closed.ask(reader, _asked(path), method).status in {200, 404, 422}, f"{method} {path}"


def _forgetful(path: str) -> Iterator[FastAPI]:
    router, app = APIRouter(prefix="/api/v1"), FastAPI()
    router.add_api_route(path, _nothing)
    app.include_router(router)
    yield app


@pytest.mark.parametrize("path", ["/forgotten", "/endpoints/statuses"])
def test_an_application_with_a_route_that_forgot_its_scope_does_not_start(path: str) -> None:
    for app in _forgetful(path):
        with pytest.raises(AssertionError, match=path):
            refuse_open_doors(app)


def test_the_paths_of_gatus_clients_are_free(closed: Closed) -> None:
    assert closed.ask(None, "/endpoints/statuses").status == 404
    assert closed.ask(None, "/endpoints/core_api/health/badge.svg").status == 404


def test_what_is_not_there_is_said_only_to_those_with_a_token(closed: Closed) -> None:
    assert closed.ask(None, "/nowhere").status == 401
    assert closed.ask(closed.token("read"), "/nowhere").status == 404


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic c2J4Xzo=", "Bearer sbx_short", "sbx_x", "Bearer sbx_" + "é" * 43]
)
def test_what_is_no_token_opens_nothing(closed: Closed, header: str) -> None:
    answer = closed.client.ask("/api/v1/tokens", headers={"Authorization": header.encode("latin-1").decode("latin-1")})
    assert answer.status == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_two_tokens_in_one_request_are_none(closed: Closed) -> None:
    token = closed.token("admin").encode()
    line = b"authorization: Bearer " + token + b"\r\n"
    answer = closed.client.send(
        b"GET /api/v1/tokens HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + line + line + b"\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 401")


def test_a_body_without_a_token_is_not_even_read(closed: Closed) -> None:
    answer = closed.client.ask("/api/v1/tokens", "POST", {"Content-Type": "application/json"}, "{no json")
    assert answer.status == 401


def test_a_revoked_and_an_expired_token_open_nothing(closed: Closed) -> None:
    admin, gone, old = closed.token("admin"), closed.token("admin"), closed.token("admin", expires=1e-6)
    names = [item["name"] for item in closed.ask(admin, "/tokens").json["items"]]
    assert closed.ask(admin, f"/tokens/{names[1].replace(' ', '%20')}", "DELETE").status == 204
    assert closed.ask(gone, "/tokens").status == 401
    assert closed.ask(old, "/tokens").status == 401


def test_who_guesses_has_to_wait_and_is_told_how_long(closed: Closed) -> None:
    wrong = "sbx_" + "x" * 43
    for _ in range(FAILURES):
        assert closed.ask(wrong, "/tokens").status == 401
    answer = closed.ask(wrong, "/tokens")
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0


def test_scripts_of_other_origins_get_no_leave(closed: Closed) -> None:
    token, origin = closed.token("admin"), "http://localhost:3000"
    plain = closed.ask(token, "/tokens", Origin=origin)
    assert plain.status == 200
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    before = closed.client.ask("/api/v1/tokens", "OPTIONS", asked)
    assert before.status in {401, 405}
    found = plain.headers.keys() | before.headers.keys()
    assert not [name for name in found if name.startswith("access-control")]
    assert plain.headers["cache-control"] == "no-store"
