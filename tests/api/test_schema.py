"""Does the API do what its OpenAPI document says, whatever it is sent?"""

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
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.api.conftest import Served


def refuses_what_is_wrong(context: Any, response: Any, case: Any) -> bool | None:
    """As Schemathesis has it, but an address that is too long may be called just that."""
    return None if response.status_code == 414 else negative_data_rejection(context, response, case)


CHECKS = [
    not_a_server_error, content_type_conformance, refuses_what_is_wrong, response_schema_conformance,
    status_code_conformance, unsupported_method,
]  # fmt: skip


def test_the_api_does_what_its_document_says(served: Served) -> None:
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{served.client.port}/openapi.json")
    schema.config.update(base_url=f"http://127.0.0.1:{served.client.port}")
    tried = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if operation.path.startswith("/api/v1/"):
            continue  # closed: tests/api/admin/test_schema.py
        if operation.path == "/api/events":
            continue  # never ends: test_events.py
        for mode in GenerationMode:

            @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy(generation_mode=mode))
            def attempt(case: schemathesis.Case[Any]) -> None:
                nonlocal tried
                tried += 1
                case.call_and_validate(checks=CHECKS)

            try:
                attempt()
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE, f"{operation.label} cannot be called"
    assert tried > 100
