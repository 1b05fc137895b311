"""Monitors by what senders call them."""

from __future__ import annotations

import pytest

from signalbox.checks import HttpCheck
from signalbox.checks.base import BaseCheck
from signalbox.checks.push import PushCheck
from signalbox.db.configured import Origin
from signalbox.heartbeats.addresses import Addresses, bits, endpoint_key
from signalbox.heartbeats.tokens import make
from signalbox.monitors.service import Monitor

TOKEN, CODE = "Zr8wq0vYtB3nKx5LmHc7Ud1EfJg6Ps2A", "6f1d2c3b-4a59-4687-9cde-0123456789ab"


def monitor(id_: str, check: BaseCheck, group: str | None = None) -> Monitor:
    """A monitor with that check."""
    return Monitor(id_, id_, id_.title(), group, (), check, check.target, 60, 10.0, 0, Origin.MANIFEST)


def test_it_is_found_by_each_of_its_names() -> None:
    job = monitor("job", PushCheck(token=TOKEN, more_tokens=(CODE,), slug="nightly_job"), "Back End")
    other = monitor("other", PushCheck(token=TOKEN[::-1]))
    found = Addresses([job, other, monitor("web", HttpCheck(url="https://web.example"))])
    assert found.by_token(TOKEN) is found.by_token(CODE) is found.by_token(CODE.upper()) is job
    assert found.by_token("") is found.by_token("web") is found.by_token("\udcff") is None
    assert found.by_slug("nightly_job") == [job]
    assert found.by_slug("job") == []
    assert found.by_slug("other") == [other]
    assert found.by_endpoint("back-end_job") is job
    assert found.by_endpoint("_other") is other
    assert found.is_of(CODE, job)
    assert not found.is_of(CODE, other)
    assert not Addresses()
    assert not Addresses([monitor("web", HttpCheck(url="https://web.example"))])


@pytest.mark.parametrize(
    ("group", "name", "key"),
    [
        ("core", "ext-ep-test", "core_ext-ep-test"), (None, "Job", "_job"),
        (" Back End ", "a/b_c.d,e f#g+h&i", "back-end_a-b-c-d-e-f-g-h-i"),
    ],
)  # fmt: skip
def test_gatus_calls_it_by_group_and_name(group: str | None, name: str, key: str) -> None:
    assert endpoint_key(group, name) == key


def test_tokens_that_are_made_are_hard_to_guess() -> None:
    assert make() != make()
    assert bits(make()) > 128
    assert bits(CODE) == 122  # what a random UUID has
    assert bits("0123456789abcdef") == 64
    assert bits(TOKEN) > 128
