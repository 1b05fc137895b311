"""What does an HTTP check ask, and how does it judge the answer?"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from signalbox.checks.base import Outcome
from signalbox.checks.failures import internal
from signalbox.checks.http import HttpCheck
from signalbox.checks.probe import Probe
from signalbox.signals import NO_ANSWER, Reason, Verdict
from tests.checks.conftest import serving
from tests.servers.hostile import Server, Visit, answering, redirecting, routing
from tests.servers.nameserver import NameServer

PATIENCE = 20.0


async def ask(probe: Probe, url: str, **options: Any) -> Outcome:
    """One check's outcome."""
    return await HttpCheck(url=url, **options).ask(probe, PATIENCE)


@pytest.mark.parametrize(
    ("status", "verdict", "reason"),
    [
        (b"200 OK", Verdict.UP, Reason.OK),
        (b"204 No Content", Verdict.UP, Reason.OK),
        (b"304 Not Modified", Verdict.UP, Reason.OK),
        (b"399 Odd", Verdict.UP, Reason.OK),
        (b"400 Bad Request", Verdict.DOWN, Reason.STATUS),
        (b"404 Not Found", Verdict.DOWN, Reason.STATUS),
        (b"500 Oops", Verdict.DOWN, Reason.STATUS),
        (b"503 Service Unavailable", Verdict.DOWN, Reason.STATUS),
    ],
)
async def test_status_200_to_399_is_up(probe: Probe, status: bytes, verdict: Verdict, reason: Reason) -> None:
    with Server(answering(status)) as server:
        outcome = await ask(probe, server.url())
    assert (outcome.verdict, outcome.reason) == (verdict, reason)
    assert outcome.available is (verdict is Verdict.UP)
    assert outcome.http_status == int(status[:3])


async def test_the_default_is_one_head_on_its_own_connection_that_says_who_asks(probe: Probe) -> None:
    with Server(answering()) as server:
        await ask(probe, server.url("/a?b=c"))
        await ask(probe, server.url("/a?b=c"))
        assert server.visits == 2
    head = server.requests[0].decode()
    assert head.startswith("HEAD /a?b=c HTTP/1.1\r\n")
    assert "User-Agent: Signalbox/" in head
    assert "Cookie" not in head


async def test_phases_are_milliseconds_that_add_up_to_less_than_the_total(probe: Probe, authority: trustme.CA) -> None:
    with Server(answering(), serving(authority, "127.0.0.1")) as server:
        outcome = await ask(probe, server.url())
    phases = [outcome.dns, outcome.connect, outcome.tls, outcome.ttfb]
    assert all(phase is not None and phase >= 0 for phase in phases)
    assert outcome.total is not None
    assert sum(phase or 0 for phase in phases) <= outcome.total * 1.01 < PATIENCE * 1000


@pytest.mark.parametrize("status", [b"405 Method Not Allowed", b"501 Not Implemented"])
async def test_a_refused_head_becomes_exactly_one_get(probe: Probe, status: bytes) -> None:
    with Server(routing({b"HEAD": answering(status)}, answering(body=b"hello"))) as server:
        outcome = await ask(probe, server.url())
    assert [head.split()[0] for head in server.requests] == [b"HEAD", b"GET"]
    assert (outcome.verdict, outcome.http_status) == (Verdict.UP, 200)


async def test_a_get_that_is_refused_too_is_not_asked_again(probe: Probe) -> None:
    with Server(answering(b"405 Method Not Allowed")) as server:
        outcome = await ask(probe, server.url())
        assert server.visits == 2
    assert (outcome.reason, outcome.http_status) == (Reason.STATUS, 405)
    assert outcome.message == "the server answered 405 Method Not Allowed"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_method_is_asked_as_itself(probe: Probe, method: str) -> None:
    with Server(answering(body=b"hello")) as server:
        outcome = await ask(probe, server.url(), method=method, headers={"X-Key": "k1"})
        plain = await ask(probe, server.url())
    assert outcome.verdict is plain.verdict is Verdict.UP
    assert server.requests[0].startswith(method.encode() + b" / HTTP/1.1\r\n")
    assert b"X-Key: k1" in server.requests[0]
    assert server.requests[1].startswith(b"HEAD "), "a used handle keeps nothing of its last request"
    assert b"X-Key" not in server.requests[1]


async def test_a_redirect_is_followed_and_judged_where_it_ends(probe: Probe) -> None:
    with (
        Server(answering(b"404 Not Found")) as end,
        Server(redirecting(end.url("/there"), b"301 Moved Permanently")) as start,
    ):
        followed = await ask(probe, start.url())
        kept = await ask(probe, start.url(), follow=False)
    assert (followed.verdict, followed.http_status) == (Verdict.DOWN, 404)
    assert (kept.verdict, kept.http_status) == (Verdict.UP, 301)
    assert end.requests[0].startswith(b"HEAD /there ")


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (b"303 See Other", "POST", b"GET"),
        (b"302 Found", "POST", b"GET"),
        (b"307 Temporary Redirect", "POST", b"POST"),
        (b"308 Permanent Redirect", "PUT", b"PUT"),
        (b"303 See Other", "HEAD", b"HEAD"),
    ],
)
async def test_a_redirect_keeps_or_changes_the_method_as_http_says(
    probe: Probe, status: bytes, method: str, then: bytes
) -> None:
    with Server(answering()) as end, Server(redirecting(end.url(), status)) as start:
        await ask(probe, start.url(), method=method)
    assert end.requests[0].split()[0] == then


async def test_credentials_go_to_their_own_origin_only(probe: Probe) -> None:
    secret = {"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret", "Accept": "text/html"}
    with Server(answering()) as end, Server(redirecting(end.url())) as start:
        url = start.url().replace("://", "://me:s3cret@")
        await ask(probe, url, headers=secret)
        await ask(probe, url, headers={"Accept": "text/html"})
    basic = base64.b64encode(b"me:s3cret")
    assert b"Bearer s3cret" in start.requests[0]
    assert basic in start.requests[1]
    for head in end.requests:
        assert b"s3cret" not in head
        assert basic not in head
        assert b"Authorization" not in head
        assert b"Accept: text/html" in head


async def test_credentials_stay_within_their_origin(probe: Probe) -> None:
    def behave(visit: Visit) -> None:
        first = b" / " in visit.connection.recv(64, 2)
        (redirecting("/next") if first else answering())(visit)

    with Server(behave) as server:
        await ask(probe, server.url().replace("://", "://me:s3cret@"), headers={"X-Api-Key": "k1"})
    basic = base64.b64encode(b"me:s3cret")
    assert len(server.requests) == 2
    assert all(basic in head and b"X-Api-Key: k1" in head for head in server.requests)


async def test_no_cookie_is_kept(probe: Probe) -> None:
    with Server(answering(headers=b"Set-Cookie: a=b; Path=/\r\n")) as server:
        await ask(probe, server.url())
        await ask(probe, server.url())
    assert not any(b"Cookie:" in head for head in server.requests)


async def test_a_proxy_of_the_environment_is_not_used(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(answering(b"500 Oops")) as proxy, Server(answering()) as server:
        monkeypatch.setenv("http_proxy", proxy.url())
        monkeypatch.setenv("all_proxy", proxy.url())
        outcome = await ask(probe, server.url())
        assert proxy.visits == 0
    assert outcome.verdict is Verdict.UP


async def test_the_certificate_s_expiry_is_seen(probe: Probe, authority: trustme.CA) -> None:
    with Server(answering(), serving(authority, "127.0.0.1")) as server:
        outcome = await ask(probe, server.url())
    assert outcome.verdict is Verdict.UP
    assert outcome.certificate_expires == 32_503_680_000_000_000  # trustme's year 3000


async def test_a_name_is_asked_by_its_name_at_its_address(
    probe: Probe, nameserver: NameServer, authority: trustme.CA
) -> None:
    nameserver.zone["shop.test"] = ["127.0.0.1"]
    with Server(answering(), serving(authority, "shop.test")) as server:
        outcome = await ask(probe, server.url(host="shop.test"))
    assert outcome.verdict is Verdict.UP, outcome
    assert f"Host: shop.test:{server.port}".encode() in server.requests[0]
    assert outcome.dns is not None
    assert outcome.dns > 0


async def test_an_address_that_refuses_is_passed_over_for_one_that_answers(
    probe: Probe, nameserver: NameServer
) -> None:
    nameserver.zone["two.test"] = ["127.0.0.9", "127.0.0.1"]
    with Server(answering()) as server:
        outcome = await ask(probe, server.url(host="two.test"))
    assert outcome.verdict is Verdict.UP, outcome


async def test_an_international_name_is_asked_in_its_ascii_form(probe: Probe, nameserver: NameServer) -> None:
    nameserver.zone["xn--bcher-kva.test"] = ["127.0.0.1"]
    with Server(answering()) as server:
        outcome = await ask(probe, server.url(host="bücher.test"))
    assert outcome.verdict is Verdict.UP, outcome
    assert b"Host: xn--bcher-kva.test:" in server.requests[0]


async def test_a_name_that_does_not_exist_is_down_for_dns(probe: Probe) -> None:
    outcome = await ask(probe, "http://nowhere.test/")
    assert (outcome.verdict, outcome.reason, outcome.message) == (Verdict.DOWN, Reason.DNS, "the name does not exist")
    assert (outcome.dns, outcome.connect, outcome.http_status) == (None, None, NO_ANSWER)


async def test_a_name_that_nobody_answers_for_is_down_for_dns_by_the_deadline(
    probe: Probe, nameserver: NameServer
) -> None:
    nameserver.dead.add("dead.test")
    outcome = await HttpCheck(url="http://dead.test/").ask(probe, 0.3)
    assert (outcome.reason, outcome.message) == (Reason.DNS, "no name server answered within 0.3 s")


async def test_a_recheck_asks_the_name_server_again(probe: Probe, nameserver: NameServer) -> None:
    nameserver.zone["moved.test"] = ["127.0.0.9"]
    with Server(answering()) as server:
        check = HttpCheck(url=server.url(host="moved.test"))
        assert (await check.ask(probe, PATIENCE)).verdict is Verdict.DOWN
        nameserver.zone["moved.test"] = ["127.0.0.1"]
        assert (await check.ask(probe, PATIENCE)).verdict is Verdict.DOWN
        assert (await check.ask(probe, PATIENCE, fresh=True)).verdict is Verdict.UP
        assert (await check.ask(probe, PATIENCE)).verdict is Verdict.UP


async def test_a_redirect_into_a_forbidden_network_is_blocked(make_probe: Callable[[str], Probe]) -> None:
    probe = make_probe("127.0.0.1/32")
    with Server(answering()) as inside, Server(redirecting(f"http://127.0.0.2:{inside.port}/")) as start:
        outcome = await ask(probe, start.url())
        assert inside.visits == 0
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, Reason.BLOCKED)
    assert outcome.message == "not asked: 127.0.0.2 is not in the networks that the guard lists"
    assert not outcome.available


async def test_a_name_that_is_rebound_to_a_forbidden_address_is_blocked(
    make_probe: Callable[[str], Probe], nameserver: NameServer
) -> None:
    probe, nameserver.ttl = make_probe("127.0.0.1/32"), 0
    nameserver.zone["rebound.test"] = ["127.0.0.1"]
    with Server(answering()) as server:
        check = HttpCheck(url=server.url(host="rebound.test"))
        assert (await check.ask(probe, PATIENCE)).verdict is Verdict.UP
        nameserver.zone["rebound.test"] = ["127.0.0.2"]
        outcome = await check.ask(probe, PATIENCE, fresh=True)
        assert server.visits == 1
    assert outcome.reason is Reason.BLOCKED


async def test_a_name_with_a_good_and_a_forbidden_address_uses_the_good_one(
    make_probe: Callable[[str], Probe], nameserver: NameServer
) -> None:
    nameserver.zone["both.test"] = ["169.254.169.254", "127.0.0.1"]
    with Server(answering()) as server:
        outcome = await ask(make_probe("internal"), server.url(host="both.test"))
    assert outcome.verdict is Verdict.UP, outcome


LOOPBACK_SPELLINGS = [
    "127.0.0.1", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001",
    "127.0.0.1.", "127.000.000.001", "127.8.8.8", "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]",
    "localhost", "LOCALHOST.",
    "a.localhost", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "loop.test", "loop6.test", "alias.test",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK_SPELLINGS)
async def test_no_spelling_of_loopback_passes_public_only(
    make_probe: Callable[[str], Probe], nameserver: NameServer, host: str
) -> None:
    nameserver.zone |= {"loop.test": ["127.0.0.1"], "loop6.test": ["::ffff:7f00:1"], "end.test": ["127.0.0.1"]}
    nameserver.aliases["alias.test"] = "end.test"
    with Server(answering()) as server:
        outcome = await ask(make_probe("public-only"), server.url(host=host))
        assert server.visits == 0
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, Reason.BLOCKED), outcome


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f000001", "2130706433", "127。0。0。1", "[::ffff:127.0.0.1]", "a.localhost"]
)
async def test_the_same_spellings_are_asked_where_loopback_is_allowed(probe: Probe, host: str) -> None:
    with Server(answering()) as server:
        assert (await ask(probe, server.url(host=host))).verdict is Verdict.UP


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("example.com", "starts with http:// or https://"),
        ("ftp://example.com/", "starts with http:// or https://"),
        ("file:///etc/passwd", "starts with http:// or https://"),
        ("http://", "names no host"),
        ("http:///path", "names no host"),
        ("http://a b/", "holds a space"),
        ("http://example.com/\r\nX: y", "holds a space, a control character"),
        ("http://example.com\\@evil.test/", "backslash"),
        ("http://example.com:0/", "port"),
        ("http://example.com:99999/", "port"),
        ("http://exa_mple..com/", "not a name"),
        ("http://-a.com/", "not a name"),
        ("http://1.2.3.999/", "looks like an IPv4 address"),
        ("http://[fe80::1%25eth0]/", "zone"),
        ("http://[::zz]/", "not a"),
        ("http://" + "a" * 64 + ".test/", "63 characters"),
        ("http://example.com/" + "a" * 2048, "longer than 2048"),
    ],
)
def test_a_url_that_cannot_be_asked_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        HttpCheck(url=url)
    assert words in str(refused.value).lower() or words in str(refused.value)


@pytest.mark.parametrize("headers", [{"a b": "c"}, {"A:": "c"}, {"A": "b\r\nEvil: 1"}, {"": "x"}])
def test_a_header_that_cannot_be_sent_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        HttpCheck(url="http://example.com/", headers=headers)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://questdb.io", "https://questdb.io"),
        ("https://u:p@questdb.io/a?b=c#d", "https://questdb.io/a?b=c"),
        ("https://u:p@@questdb.io/", "https://questdb.io/"),
        ("https://x.test/?token=1&b=2&api_key=3", "https://x.test/?token=***&b=2&api_key=***"),
        ("https://x.test/?accessToken=1;X-Amz-Signature=2", "https://x.test/?accessToken=***;X-Amz-Signature=***"),
        ("https://x.test/?APIKEY=1&keyboard=2&sig=3&code=4", "https://x.test/?APIKEY=***&keyboard=2&sig=***&code=***"),
        ("https://x.test?password=a/b@c", "https://x.test?password=***"),
        ("https://bücher.test/ü", "https://bücher.test/ü"),
    ],
)
def test_the_target_shows_the_url_without_its_secrets(url: str, target: str) -> None:
    check = HttpCheck(url=url, headers={"X-Api-Key": "k1"})
    assert check.target == target
    assert "k1" not in repr(check)
    assert "u:p" not in f"{check!r} {check}"


def test_every_option_is_described() -> None:
    undescribed = [name for name, field in HttpCheck.model_fields.items() if not field.description]
    assert undescribed == ["kind"]


async def test_a_bug_of_ours_becomes_an_outcome_that_names_no_secret(probe: Probe) -> None:
    probe.close()
    with pytest.raises(RuntimeError) as raised:
        await ask(probe, "http://me:s3cret@127.0.0.1:1/")
    outcome = internal(raised.value)
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, Reason.INTERNAL)
    assert outcome.message == "our own fault: RuntimeError"


async def test_many_checks_at_once_each_get_their_own_answer(probe: Probe) -> None:
    def echo(visit: Visit) -> None:
        number = visit.request().split()[1].strip(b"/")
        visit.send(b"HTTP/1.1 " + number + b" Some\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with Server(echo) as server:
        statuses = [200 + number for number in range(200)]
        outcomes = await asyncio.gather(*(ask(probe, server.url(f"/{status}")) for status in statuses))
    assert [outcome.http_status for outcome in outcomes] == statuses
