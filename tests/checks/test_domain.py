"""Registrations of domains: how long they last, and registries that do not tell."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from signalbox.checks import from_url
from signalbox.checks.domain import DomainCheck
from tests.checks.asking import MakeProbe, asked, check_of, garbage, hanging, said
from tests.servers.process import free_port
from tests.servers.registry import Registry, registration

NAME = "example.test"
PATH = f"/rdap/domain/{NAME}"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry, listed for .test."""
    with Registry() as server:
        server.list_for("test", "co.example")
        monkeypatch.setattr(DomainCheck, "bootstrap", server.url("/dns.json"))
        yield server


@pytest.mark.parametrize(
    ("days", "verdict", "words"),
    [
        (31, "up", ""),
        (29.5, "degraded", "days left of the registration was expected to be at least 30, but it is 29"),
        (6.5, "down", "days left of the registration was expected to be at least 7, but it is 6"),
        (-3, "down", "the registration ended on 2"),
    ],
)
async def test_a_registration_is_judged_by_the_days_left(
    make_probe: MakeProbe, registry: Registry, days: float, verdict: str, words: str
) -> None:
    registry.answers[PATH] = registration(NAME, days)
    outcome = await asked(make_probe(), kind="domain", domain=NAME)
    assert outcome.verdict == verdict
    assert outcome.message.startswith(words)
    assert bool(outcome.message) is bool(words)
    assert outcome.certificate_expires is None
    if words:
        assert "registered until" in dict(outcome.evidence or [])


async def test_days_may_be_chosen(make_probe: MakeProbe, registry: Registry) -> None:
    registry.answers[PATH] = registration(NAME, 20)
    outcome = await asked(make_probe(), kind="domain", domain=NAME, days={"degraded": None, "down": 19})
    assert said(outcome) == ("up", "ok")


async def test_the_list_is_kept_for_a_day(make_probe: MakeProbe, registry: Registry) -> None:
    registry.answers[PATH] = registration(NAME, 90)
    registry.answers["/rdap/domain/other.test"] = registration("other.test", 90)
    registry.answers["/rdap/domain/shop.co.example"] = registration("shop.co.example", 90)
    probe = make_probe()
    for name in (NAME, "other.test", "SHOP.co.example."):
        assert said(await asked(probe, kind="domain", domain=name)) == ("up", "ok")
    assert registry.paths.count("/dns.json") == 1


async def test_a_server_may_be_named(make_probe: MakeProbe, registry: Registry) -> None:
    registry.answers["/mine/domain/example.else"] = registration("example.else", 90)
    outcome = await asked(make_probe(), kind="domain", domain="example.else", server=registry.url("/mine"))
    assert said(outcome) == ("up", "ok")
    assert registry.paths == ["/mine/domain/example.else"]


async def test_a_redirect_is_followed_and_guarded(make_probe: MakeProbe, registry: Registry) -> None:
    registry.answers[PATH] = f"302 Found\r\nLocation: {registry.url('/elsewhere')}\r\n"
    registry.answers["/elsewhere"] = registration(NAME, 90)
    assert said(await asked(make_probe(), kind="domain", domain=NAME)) == ("up", "ok")
    registry.answers[PATH] = "302 Found\r\nLocation: http://169.254.169.254/\r\n"
    assert said(await asked(make_probe(), kind="domain", domain=NAME)) == ("unknown", "blocked")
    registry.answers[PATH] = f"302 Found\r\nLocation: {registry.url(PATH)}\r\n"
    around = await asked(make_probe(), kind="domain", domain=NAME)
    assert (*said(around), around.message) == (
        "unknown", "protocol", "the registry: it sends us from one place to the next",
    )  # fmt: skip


async def test_a_domain_that_is_not_registered_is_down(make_probe: MakeProbe, registry: Registry) -> None:
    outcome = await asked(make_probe(), kind="domain", domain=NAME)
    assert (*said(outcome), outcome.message) == ("down", "assertion", "the domain is not registered")


@pytest.mark.parametrize("status", ["redemption period", "pending delete", "client hold", "Server Hold"])
async def test_a_domain_about_to_be_lost_is_down(make_probe: MakeProbe, registry: Registry, status: str) -> None:
    registry.answers[PATH] = registration(NAME, 300, status=["client transfer prohibited", status])
    assert said(await asked(make_probe(), kind="domain", domain=NAME)) == ("down", "assertion")


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        ("429 Too Many Requests\r\n", "status", "the registry: it wants to be asked less often (429)"),
        ("500 Internal Server Error\r\n", "status", "the registry: it answered 500 Internal Server Error"),
        ("400 Bad Request\r\n", "status", "the registry: it answered 400 Bad Request"),
        ([1, 2], "protocol", "the registry: its answer is not one about that domain (RFC 9083)"),
        ({"ldhName": "other.test"}, "protocol", "the registry: its answer is not one about that domain (RFC 9083)"),
        ({"ldhName": NAME}, "protocol", "the registry does not tell when the registration ends"),
        (
            {"ldhName": NAME, "events": [7, {"eventAction": "expiration", "eventDate": "soon"}], "status": 7},
            "protocol", "the registry does not tell when the registration ends",
        ),
    ],
)  # fmt: skip
async def test_what_a_registry_does_not_tell_is_unknown(
    make_probe: MakeProbe, registry: Registry, answer: Any, reason: str, words: str
) -> None:
    registry.answers[PATH] = answer
    outcome = await asked(make_probe(), kind="domain", domain=NAME)
    assert (*said(outcome), outcome.message) == ("unknown", reason, words)


async def test_a_top_level_domain_without_a_service_is_unknown(make_probe: MakeProbe, registry: Registry) -> None:
    outcome = await asked(make_probe(), kind="domain", domain="example.nowhere")
    assert said(outcome) == ("unknown", "internal")
    assert "none is listed for .nowhere" in outcome.message


@pytest.mark.parametrize("listed", ["503 Service Unavailable\r\n", [], {"services": [[["test"], ["mailto:a"]], 7]}])
async def test_without_the_list_it_is_unknown(make_probe: MakeProbe, registry: Registry, listed: Any) -> None:
    registry.answers["/dns.json"] = listed
    outcome = await asked(make_probe(), kind="domain", domain=NAME)
    assert outcome.verdict == "unknown"
    assert "IANA's list" in outcome.message


async def test_a_registry_that_hangs_is_unknown_at_the_deadline(make_probe: MakeProbe) -> None:
    start = time.monotonic()
    with hanging() as server:
        outcome = await asked(make_probe(), 0.5, kind="domain", domain=NAME, server=server.url())
    assert said(outcome) == ("unknown", "timeout")
    assert outcome.message == "the registry: no answer within 0.5 s"
    assert time.monotonic() - start < 3.0


async def test_a_registry_that_is_away_or_talks_nonsense_is_unknown(make_probe: MakeProbe) -> None:
    away = await asked(make_probe(), kind="domain", domain=NAME, server=f"http://127.0.0.1:{free_port()}/")
    assert said(away) == ("unknown", "connect")
    with garbage() as server:
        outcome = await asked(make_probe(), kind="domain", domain=NAME, server=server.url())
    assert outcome.verdict == "unknown"


async def test_the_guard_holds(make_probe: MakeProbe, registry: Registry) -> None:
    assert said(await asked(make_probe("public-only"), kind="domain", domain=NAME)) == ("unknown", "blocked")
    named = await asked(make_probe("public-only"), kind="domain", domain=NAME, server=registry.url())
    assert said(named) == ("unknown", "blocked")
    assert registry.paths == []


@pytest.mark.parametrize(
    "options",
    [{"domain": "localhost"}, {"domain": "192.0.2.1"}, {"domain": "a.test", "server": "rdap.test"},
     {"domain": "a.test", "days": {"degraded": 5, "down": 9}}],
)  # fmt: skip
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check_of(kind="domain", **options)


def test_a_url_is_short_for_it() -> None:
    check = check_of(**from_url("domain://Bücher.example"))
    assert check.target == "domain://xn--bcher-kva.example"
    assert check.peer is None
