"""Does the closed part do what its OpenAPI document says, whatever somebody with every right sends it?"""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.admin.conftest import Closed

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
SENDING = {"POST /api/v1/channels/{id}/test", "POST /api/v1/checks/try"}  # whom they would ask, chance has made up


def test_every_operation_asks_for_a_token_in_the_document(closed: Closed) -> None:
    document = closed.client.ask("/openapi.json").json
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert bool(operation.get("security")) == path.startswith("/api/v1/"), f"{method} {path}"


def test_nothing_that_is_sent_makes_it_fail(closed: Closed) -> None:
    address = f"http://127.0.0.1:{closed.client.port}"
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    schema.config.update(base_url=address)
    headers = {"Authorization": f"Bearer {closed.token('admin')}"}
    tried = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if not operation.path.startswith("/api/v1/") or operation.label in SENDING:
            continue
        for mode in GenerationMode:

            @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy(generation_mode=mode))
            def attempt(case: schemathesis.Case[Any]) -> None:
                nonlocal tried
                tried += 1
                case.headers.pop("Authorization", None)  # some are made up, too
                case.call_and_validate(checks=CHECKS, headers=headers)

            try:
                attempt()
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE, f"{operation.label} cannot be called"
    assert tried > 200
