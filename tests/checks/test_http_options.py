"""Is an HTTP check asked as its options say, and do its secrets stay where they belong?"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from pydantic import ValidationError

from signalbox.audit import masked, unmasked
from signalbox.checks.base import Outcome
from signalbox.checks.http import HttpCheck
from signalbox.checks.probe import Probe
from signalbox.signals import Reason, Verdict
from tests.checks.conftest import serving
from tests.servers.hostile import Behaviour, Server, Visit, answering, redirecting, silent
from tests.servers.nameserver import NameServer
from tests.servers.proxy import connecting, socks
from tests.servers.quic import QuicServer

PATIENCE = 20.0
SHORT = 0.6


async def ask(probe: Probe, url: str, timeout: float = PATIENCE, **options: Any) -> Outcome:
    """One check's outcome."""
    return await HttpCheck(url=url, **options).ask(probe, timeout)


def texts(outcome: Outcome) -> str:
    """Everything that an outcome shows to people."""
    shown = "" if outcome.evidence is None else "\n".join(f"[{entry.name}] {entry.text}" for entry in outcome.evidence)
    return f"{outcome.message}\n{shown}"


# --- what is sent ---


class Reading:
    """A server that keeps whole requests, body included."""

    def __init__(self, then: Behaviour | None = None) -> None:
        self.bodies: list[bytes] = []
        self._then = then or answering()

    def __call__(self, visit: Visit) -> None:
        seen = b""
        while b"\r\n\r\n" not in seen:
            data = visit.connection.recv(65_536)
            if not data:
                return
            seen += data
        head, _, body = seen.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += visit.connection.recv(65_536)
        self.bodies.append(body)
        visit.request = lambda: head + b"\r\n\r\n"  # type: ignore[method-assign]
        self.heads = [*getattr(self, "heads", []), head]
        self._then(visit)


@pytest.mark.parametrize(
    ("body", "sent", "kind"),
    [
        ("héllo", "héllo".encode(), b"text/plain; charset=utf-8"),
        ({"text": "a\r\nb"}, b"a\r\nb", b"text/plain; charset=utf-8"),
        ({"json": {"a": [1, "ü"]}}, '{"a":[1,"ü"]}'.encode(), b"application/json"),
        ({"form": {"user": "me & you", "b": ""}}, b"user=me+%26+you&b=", b"application/x-www-form-urlencoded"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET", "QUERY"])
async def test_a_body_is_sent_as_it_is_written(probe: Probe, body: Any, sent: bytes, kind: bytes, method: str) -> None:
    reading = Reading()
    with Server(reading) as server:
        outcome = await ask(probe, server.url(), method=method, body=body)
        own = await ask(probe, server.url(), method=method, body=body, headers={"content-type": "text/x-own"})
    assert outcome.verdict is own.verdict is Verdict.UP, outcome
    assert reading.bodies == [sent, sent]
    assert b"Content-Type: " + kind in reading.heads[0]
    assert reading.heads[1].lower().count(b"content-type") == 1
    assert b"text/x-own" in reading.heads[1]


def test_options_survive_being_written_down_and_read_again() -> None:
    check = HttpCheck(
        url="https://example.com/", method="POST", body={"json": {"a": 1}}, version=2, tls={"insecure": True},
        auth={"kind": "oauth2", "url": "https://x.test/t", "client_id": "a", "client_secret": "b", "scopes": ["c"]},
        proxy="http://u:p@proxy.test:3128", resolver="[::1]:5353", family="ipv6",
    )  # fmt: skip
    assert HttpCheck.model_validate(json.loads(check.model_dump_json())) == check
    assert "json" in check.model_dump()["body"]


async def test_a_body_goes_along_within_its_origin_and_not_to_another(probe: Probe) -> None:
    status, there = b"307 Temporary Redirect", Reading()
    with Server(there) as other, Server(redirecting(other.url(), status)) as away:
        outcome = await ask(probe, away.url(), method="POST", body="s3cret")
        assert other.visits == 0
    assert outcome.reason is Reason.PROTOCOL
    assert "another origin" in outcome.message
    count = 0

    def twice(visit: Visit) -> None:
        nonlocal count
        count += 1
        (redirecting("/next", status) if count == 1 else answering())(visit)

    reading = Reading(twice)
    with Server(reading) as server:
        outcome = await ask(probe, server.url(), method="POST", body="hello")
    assert outcome.verdict is Verdict.UP
    assert reading.bodies == [b"hello", b"hello"]


async def test_cache_busting_asks_something_new_each_time(probe: Probe) -> None:
    with Server(answering()) as server:
        for path in ("/", "/", "/a?b=c"):
            await ask(probe, server.url(path), bust=True)
    asked = [head.split()[1].decode() for head in server.requests]
    assert len(set(asked)) == 3
    assert re.fullmatch(r"/\?_=[0-9a-f]{16}", asked[0])
    assert re.fullmatch(r"/a\?b=c&_=[0-9a-f]{16}", asked[2])


async def test_a_user_agent_of_ones_own_takes_the_place_of_ours(probe: Probe) -> None:
    with Server(answering()) as server:
        await ask(probe, server.url(), headers={"User-Agent": "Mine/1"})
    assert server.requests[0].count(b"User-Agent:") == 1
    assert b"User-Agent: Mine/1" in server.requests[0]


async def test_redirects_are_followed_as_many_as_wanted(probe: Probe) -> None:
    with Server(redirecting(lambda number: f"/{number}")) as server:
        none = await ask(probe, server.url(), redirects=0)
        assert server.visits == 1
        many = await ask(probe, server.url(), redirects=12)
        assert server.visits == 14
    assert (none.reason, none.message) == (Reason.PROTOCOL, "more than 0 redirects")
    assert many.message == "more than 12 redirects"


async def test_cookies_are_kept_along_the_redirects_of_one_check_only(probe: Probe) -> None:
    def behave(visit: Visit) -> None:
        first = visit.connection.recv(6, 2) == b"HEAD /" and b" /in " not in visit.connection.recv(64, 2)
        if first:
            visit.request()
            visit.send(
                b"HTTP/1.1 302 Found\r\nLocation: /in\r\nSet-Cookie: sid=s3cret; Path=/\r\nContent-Length: 0\r\n\r\n"
            )
        else:
            answering()(visit)

    with Server(behave) as server:
        for cookies in (True, True, False):
            await ask(probe, server.url(), cookies=cookies)
    has = [b"Cookie: sid=s3cret" in head for head in server.requests]
    assert has == [False, True, False, True, False, False]


# --- who we are ---


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ({"kind": "basic", "user": "me", "password": "gehüm"}, "Basic bWU6Z2Vow7xt"),
        ({"kind": "bearer", "token": "t0ken.abc"}, "Bearer t0ken.abc"),
    ],
)
async def test_credentials_are_sent_to_their_origin_only(probe: Probe, auth: dict[str, str], header: str) -> None:
    with Server(answering()) as end, Server(redirecting(end.url())) as start:
        assert (await ask(probe, start.url(), auth=auth)).verdict is Verdict.UP
    assert f"Authorization: {header}\r\n".encode() in start.requests[0]
    assert b"Authorization" not in end.requests[0]


def answered(visit: Visit, head: bytes, status: bytes, headers: bytes = b"", body: bytes = b"") -> None:
    """Answer a request that was read already."""
    visit.request = lambda: head  # type: ignore[method-assign]
    answering(status, headers, body)(visit)


def digesting(user: str, password: str, *, stale_for_ever: bool = False) -> Behaviour:
    """Asks for a digest (RFC 7616, SHA-256) and looks whether it is right."""
    realm, nonce = "here", "abc123"

    def behave(visit: Visit) -> None:
        raw = visit.request()
        head = raw.decode()
        given = dict(
            re.findall(r'(\w+)="?([^",]+)"?', head.partition("Authorization: Digest ")[2].partition("\r\n")[0])
        )
        right = False
        if given:
            method = head.split()[0]
            one = hashlib.sha256(f"{user}:{realm}:{password}".encode()).hexdigest()
            two = hashlib.sha256(f"{method}:{given['uri']}".encode()).hexdigest()
            wanted = f"{one}:{nonce}:{given['nc']}:{given['cnonce']}:{given['qop']}:{two}"
            right = given["response"] == hashlib.sha256(wanted.encode()).hexdigest()
        challenge = f'Digest realm="{realm}", nonce="{nonce}", algorithm=SHA-256, qop="auth"'
        if stale_for_ever:
            right, challenge = False, challenge + ", stale=true"
        told = f"WWW-Authenticate: {challenge}\r\n".encode()
        answered(visit, raw, b"200 OK" if right else b"401 Unauthorized", b"" if right else told)

    return behave


async def test_a_digest_is_given_when_asked_for(probe: Probe) -> None:
    with Server(digesting("me", "s3cret")) as server:
        right = await ask(
            probe, server.url(), method="GET", auth={"kind": "digest", "user": "me", "password": "s3cret"}
        )
        wrong = await ask(probe, server.url(), auth={"kind": "digest", "user": "me", "password": "wr0ng-word"})
        after = await ask(probe, server.url())
    assert (right.verdict, right.http_status) == (Verdict.UP, 200)
    assert (wrong.verdict, wrong.http_status) == (Verdict.DOWN, 401)
    assert "wr0ng-word" not in texts(wrong)
    assert after.http_status == 401
    assert b"Authorization" not in server.requests[-1], "a used handle keeps no credentials"
    assert not any(b"s3cret" in head for head in server.requests)


async def test_a_digest_that_is_never_right_ends_by_the_deadline(probe: Probe) -> None:
    with Server(digesting("me", "x", stale_for_ever=True)) as server:
        auth = {"kind": "digest", "user": "me", "password": "s3cret"}
        outcome = await asyncio.wait_for(ask(probe, server.url(), 2.0, auth=auth), PATIENCE)
    assert outcome.verdict is Verdict.DOWN
    assert (outcome.reason, outcome.message) == (Reason.PROTOCOL, "the server asked for credentials again and again")


class Giving:
    """A token server, and what it was asked."""

    def __init__(self, life: int = 3600, status: bytes = b"200 OK", body: bytes | None = None) -> None:
        self.life, self.status, self.body, self.count = life, status, body, 0

    def __call__(self, visit: Visit) -> None:
        self.count += 1
        token = {"access_token": f"token-{self.count}", "token_type": "Bearer", "expires_in": self.life}
        answering(self.status, b"", self.body if self.body is not None else json.dumps(token).encode())(visit)


def taking(tokens: set[bytes]) -> Behaviour:
    """A target that lets these tokens in."""

    def behave(visit: Visit) -> None:
        head = visit.connection.recv(4096, 2)
        found = re.search(rb"Authorization: Bearer (\S+)", head)
        answering(b"200 OK" if found and found[1] in tokens else b"401 Unauthorized")(visit)

    return behave


def client(server: Server, **more: Any) -> dict[str, Any]:
    """How to get a token from that server."""
    url = server.url("/token")
    return {"kind": "oauth2", "url": url, "client_id": "me:you", "client_secret": "s3cret+word", **more}


async def test_a_token_is_fetched_once_and_used_by_all(probe: Probe) -> None:
    giving = Reading(Giving())
    with Server(giving) as tokens, Server(taking({b"token-1"})) as target:
        auth = client(tokens, scopes=["a", "b"], audience="https://api.test")
        outcomes = await asyncio.gather(*(ask(probe, target.url(), auth=auth) for _ in range(20)))
        outcomes.append(await ask(probe, target.url(), auth=auth))
    assert {outcome.verdict for outcome in outcomes} == {Verdict.UP}, outcomes[0]
    assert giving.bodies == [b"grant_type=client_credentials&scope=a+b&audience=https%3A%2F%2Fapi.test"]
    # "me%3Ayou:s3cret%2Bword"
    assert b"Authorization: Basic bWUlM0F5b3U6czNjcmV0JTJCd29yZA==" in giving.heads[0]


async def test_id_and_secret_go_into_the_body_where_the_server_wants_it_so(probe: Probe) -> None:
    giving = Reading(Giving())
    with Server(giving) as tokens, Server(taking({b"token-1"})) as target:
        assert (await ask(probe, target.url(), auth=client(tokens, sent_in="body"))).verdict is Verdict.UP
    assert b"client_id=me%3Ayou&client_secret=s3cret%2Bword" in giving.bodies[0]
    assert b"Authorization" not in giving.heads[0]


async def test_a_token_that_was_taken_back_is_fetched_anew_once(probe: Probe) -> None:
    giving, taken = Giving(), {b"token-1"}
    with Server(giving) as tokens, Server(taking(taken)) as target:
        auth = client(tokens)
        assert (await ask(probe, target.url(), auth=auth)).verdict is Verdict.UP
        taken.clear()
        taken.add(b"token-2")
        assert (await ask(probe, target.url(), auth=auth)).verdict is Verdict.UP
        taken.clear()
        refused = await ask(probe, target.url(), auth=auth)
        assert giving.count == 3
    assert (refused.reason, refused.http_status) == (Reason.STATUS, 401)
    assert "token-3" not in texts(refused)


async def test_a_token_is_given_up_shortly_before_it_expires(probe: Probe) -> None:
    giving = Giving(life=1)
    with Server(giving) as tokens, Server(taking({b"token-1", b"token-2"})) as target:
        auth = client(tokens)
        await ask(probe, target.url(), auth=auth)
        await asyncio.sleep(1.0)
        await ask(probe, target.url(), auth=auth)
    assert giving.count == 2


@pytest.mark.parametrize(
    ("status", "body", "reason", "words"),
    [
        (b"500 Oops", b"", Reason.STATUS, "it answered 500 Internal Server Error"),
        (b"401 No", b'{"error": "invalid_client"}', Reason.STATUS, "it answered 401 Unauthorized (invalid_client)"),
        (b"400 No", b'{"error": "s3cret+word"}', Reason.STATUS, "it answered 400 Bad Request"),
        (b"200 OK", b"<html>", Reason.PROTOCOL, "its answer holds no token"),
        (b"200 OK", b"[" * 60_000, Reason.PROTOCOL, "its answer holds no token"),
        (
            b"200 OK",
            b'{"access_token": "a\\r\\nb", "token_type": "bearer"}',
            Reason.PROTOCOL,
            "its answer holds no token",
        ),
        (
            b"200 OK",
            b'{"access_token": "a", "token_type": "x"}',
            Reason.PROTOCOL,
            "its token is not one of type bearer",
        ),
        (b"", b"", Reason.TIMEOUT, "no answer within 0.6 s"),
    ],
)
async def test_a_token_server_that_fails_is_told_as_such(
    probe: Probe, status: bytes, body: bytes, reason: Reason, words: str
) -> None:
    with Server(answering(status, body=body) if status else silent) as tokens, Server(answering()) as target:
        timeout = PATIENCE if status else SHORT
        outcome = await ask(probe, target.url(), timeout, auth=client(tokens))
        assert target.visits == 0
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, reason)
    assert outcome.message == f"the token server: {words}"
    assert "s3cret" not in texts(outcome)


async def test_a_token_server_in_a_forbidden_network_is_not_asked(make_probe: Callable[[str], Probe]) -> None:
    with Server(Giving()) as tokens, Server(answering()) as target:
        url = f"http://127.0.0.2:{tokens.port}/token"
        outcome = await ask(make_probe("127.0.0.1/32"), target.url(), auth=client(tokens) | {"url": url})
        assert tokens.visits == target.visits == 0
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, Reason.BLOCKED)
    assert "token server" in outcome.message


def pem(certificate: trustme.LeafCert) -> dict[str, str]:
    """Certificate and key, as options."""
    chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems).decode()
    return {"certificate": chain, "private_key": certificate.private_key_pem.bytes().decode()}


async def test_a_client_certificate_is_shown_to_its_origin_only(probe: Probe, authority: trustme.CA) -> None:
    asking = serving(authority, "127.0.0.1")
    asking.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(asking)
    ours = pem(authority.issue_cert("us@test"))
    with (
        Server(answering(), asking) as strict,
        Server(redirecting(strict.url()), serving(authority, "127.0.0.1")) as start,
    ):
        shown = await ask(probe, strict.url(), tls=ours)
        bare = await ask(probe, strict.url())
        elsewhere = await ask(probe, start.url(), tls=ours)
        again = await ask(probe, strict.url())
    assert shown.verdict is Verdict.UP, shown
    assert shown.certificate_expires is not None
    assert {bare.verdict, elsewhere.verdict, again.verdict} == {Verdict.DOWN}


async def test_an_authority_of_ones_own_is_trusted_and_nobody_else(probe: Probe, authority: trustme.CA) -> None:
    other = trustme.CA()
    ca = other.cert_pem.bytes().decode()
    with (
        Server(answering(), serving(other, "127.0.0.1")) as theirs,
        Server(answering(), serving(authority, "127.0.0.1")) as usual,
    ):
        trusted = await ask(probe, theirs.url(), tls={"ca": ca})
        untrusted = await ask(probe, usual.url(), tls={"ca": ca})
        insecure = await ask(probe, theirs.url(), tls={"insecure": True})
        after = await ask(probe, theirs.url())
    assert (trusted.verdict, insecure.verdict) == (Verdict.UP, Verdict.UP)
    assert insecure.certificate_expires is not None
    assert (untrusted.reason, after.reason) == (Reason.CERTIFICATE, Reason.CERTIFICATE)


async def test_an_old_version_of_tls_is_refused_where_a_newer_is_wanted(probe: Probe, authority: trustme.CA) -> None:
    old = serving(authority, "127.0.0.1")
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with Server(answering(), old) as server:
        assert (await ask(probe, server.url(), tls={"minimum": "1.2"})).verdict is Verdict.UP
        assert (await ask(probe, server.url(), tls={"minimum": "1.3"})).reason is Reason.TLS


# --- by which way ---


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_http_proxy_is_told_an_address_and_nothing_of_ours(
    probe: Probe, nameserver: NameServer, authority: trustme.CA, scheme: str
) -> None:
    nameserver.zone |= {"shop.test": ["127.0.0.1"], "proxy.test": ["127.0.0.1"]}
    asked: list[bytes] = []
    tls = serving(authority, "shop.test") if scheme == "https" else None
    with Server(connecting(asked)) as proxy, Server(answering(), tls) as server:
        way = f"http://me:pr0xyword@proxy.test:{proxy.port}"
        outcome = await ask(probe, server.url(host="shop.test"), proxy=way, headers={"X-Key": "k1"})
    assert outcome.verdict is Verdict.UP, outcome
    assert asked[0].startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic" in asked[0]
    assert b"k1" not in asked[0]
    assert b"shop.test" not in asked[0]
    assert b"Host: shop.test:" in server.requests[0]
    assert b"Proxy-Authorization" not in server.requests[0]


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_a_socks_proxy_is_told_an_address(probe: Probe, nameserver: NameServer, scheme: str) -> None:
    nameserver.zone["shop.test"] = ["127.0.0.1"]
    asked: list[tuple[int, bytes, int]] = []
    with Server(socks(asked, b"me", b"word")) as proxy, Server(answering()) as server:
        outcome = await ask(probe, server.url(host="shop.test"), proxy=f"{scheme}://me:word@127.0.0.1:{proxy.port}")
        wrong = await ask(probe, server.url(host="shop.test"), proxy=f"{scheme}://me:wr0ng@127.0.0.1:{proxy.port}")
    assert outcome.verdict is Verdict.UP, outcome
    assert asked[0] == (1, b"\x7f\0\0\1", server.port)
    assert (wrong.verdict, wrong.message) == (Verdict.UNKNOWN, "the proxy does not let us through")
    assert "wr0ng" not in texts(wrong)


async def test_an_environment_cannot_take_the_proxy_away(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    asked: list[bytes] = []
    with Server(connecting(asked)) as proxy, Server(answering()) as server:
        assert (await ask(probe, server.url(), proxy=proxy.url())).verdict is Verdict.UP
    assert len(asked) == 1


async def test_a_proxy_that_fails_is_told_apart_from_a_target_that_is_away(probe: Probe) -> None:
    with Server(silent) as hanging, Server(answering()) as gone:
        closed = gone.url()
        stuck = await ask(probe, closed, SHORT, proxy=hanging.url())
    with Server(connecting([])) as proxy, Server(socks([])) as other, Server(connecting([], b"407 No")) as strict:
        away = [await ask(probe, closed, proxy=way) for way in (proxy.url(), f"socks5://127.0.0.1:{other.port}")]
        refused = await ask(probe, closed, proxy=strict.url())
    unreachable = await ask(probe, closed, proxy=closed)
    assert (stuck.verdict, stuck.reason) == (Verdict.DOWN, Reason.TIMEOUT)
    assert stuck.message == "no way to the target through the proxy within 0.6 s"
    assert {(one.verdict, one.reason) for one in away} == {(Verdict.DOWN, Reason.CONNECT)}, away
    assert all(one.message.startswith("the proxy could not reach the target") for one in away)
    assert (refused.verdict, refused.reason) == (Verdict.UNKNOWN, Reason.CONNECT)
    assert refused.message.startswith("the proxy does not let us through (407")
    assert (unreachable.verdict, unreachable.message) == (Verdict.UNKNOWN, "the proxy: no connection: refused")


async def test_the_guard_holds_for_the_proxy_and_for_the_target_behind_it(
    make_probe: Callable[[str], Probe], nameserver: NameServer
) -> None:
    probe, nameserver.zone["inside.test"] = make_probe("127.0.0.1/32"), ["127.0.0.2"]
    with Server(connecting([])) as proxy, Server(answering()) as server:
        targets = [f"http://127.0.0.2:{server.port}/", f"http://inside.test:{server.port}/"]
        behind = [await ask(probe, url, proxy=proxy.url()) for url in targets]
        itself = await ask(probe, server.url(), proxy=f"http://127.0.0.2:{proxy.port}")
        hidden = await ask(probe, server.url(), proxy=f"socks5://inside.test:{proxy.port}")
        assert proxy.visits == server.visits == 0
    assert {one.reason for one in [*behind, itself, hidden]} == {Reason.BLOCKED}
    assert itself.message.startswith("the proxy is not asked: 127.0.0.2")


async def test_a_redirect_through_a_proxy_into_a_forbidden_network_is_blocked(
    make_probe: Callable[[str], Probe],
) -> None:
    asked: list[bytes] = []
    with Server(answering()) as inside, Server(redirecting(f"http://127.0.0.2:{inside.port}/")) as start:
        with Server(connecting(asked)) as proxy:
            outcome = await ask(make_probe("127.0.0.1/32"), start.url(), proxy=proxy.url())
        assert inside.visits == 0
    assert (outcome.reason, len(asked)) == (Reason.BLOCKED, 1)


async def test_only_the_family_that_is_asked_for_is_used(probe: Probe, nameserver: NameServer) -> None:
    nameserver.zone |= {"both.test": ["::1", "127.0.0.1"], "four.test": ["127.0.0.1"]}
    with Server(answering()) as server:
        four = await ask(probe, server.url(host="both.test"), family="ipv4")
        six = await ask(probe, server.url(host="both.test"), family="ipv6")
        none = await ask(probe, server.url(host="four.test"), family="ipv6")
        literal = await ask(probe, server.url(), family="ipv6")
    assert four.verdict is Verdict.UP
    assert six.reason is Reason.CONNECT  # nobody listens there
    assert (none.reason, none.message) == (Reason.DNS, "four.test has no IPv6 address")
    assert literal.reason is Reason.DNS


async def test_a_name_server_of_ones_own_is_asked(probe: Probe, nameserver: NameServer) -> None:
    nameserver.zone["shop.test"] = ["127.0.0.9"]
    with NameServer({"shop.test": ["127.0.0.1"]}) as other, Server(answering()) as server:
        at = f"127.0.0.1:{other.address[1]}"
        there = await ask(probe, server.url(host="shop.test"), resolver=at)
        usual = await ask(probe, server.url(host="shop.test"))
        nowhere = await ask(probe, server.url(host="nowhere.test"), resolver=at)
    assert (there.verdict, usual.verdict) == (Verdict.UP, Verdict.DOWN)
    assert nowhere.message == "the name does not exist"


async def test_a_name_server_that_hangs_ends_by_the_deadline(probe: Probe) -> None:
    with NameServer() as other:
        other.dead.add("shop.test")
        outcome = await ask(probe, "http://shop.test/", SHORT, resolver=f"127.0.0.1:{other.address[1]}")
    assert (outcome.reason, outcome.message) == (Reason.DNS, "no name server answered within 0.6 s")


async def test_the_guard_holds_for_a_name_server_and_for_what_it_says(make_probe: Callable[[str], Probe]) -> None:
    with NameServer({"shop.test": ["127.0.0.2"]}) as other, Server(answering()) as server:
        at = f"127.0.0.1:{other.address[1]}"
        lied = await ask(make_probe("127.0.0.1/32"), server.url(host="shop.test"), resolver=at)
        barred = await ask(make_probe("public-only"), "http://shop.test/", resolver=at)
        assert server.visits == 0
    assert lied.reason is barred.reason is Reason.BLOCKED
    assert barred.message.startswith("the name server is not asked: 127.0.0.1")


async def test_http_3_is_spoken_over_quic(probe: Probe, authority: trustme.CA, tmp_path: Path) -> None:
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    with QuicServer(tmp_path / "server.pem") as server:
        outcome = await ask(probe, f"https://127.0.0.1:{server.port}/", version=3)
    assert (outcome.verdict, outcome.http_status) == (Verdict.UP, 200), outcome
    assert outcome.tls is not None
    with QuicServer(tmp_path / "server.pem", silent=True) as server:
        hanging = await ask(probe, f"https://127.0.0.1:{server.port}/", 1.0, version=3)
    assert (hanging.verdict, hanging.reason) == (Verdict.DOWN, Reason.TIMEOUT)
    untrusted = trustme.CA().issue_cert("127.0.0.1")
    untrusted.private_key_and_cert_chain_pem.write_to_path(tmp_path / "other.pem")
    with QuicServer(tmp_path / "other.pem") as server:
        bad = await ask(probe, f"https://127.0.0.1:{server.port}/", version=3)
    assert (bad.verdict, bad.reason) == (Verdict.DOWN, Reason.CERTIFICATE), bad


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_http_2_is_spoken_in_the_clear_and_over_tls(probe: Probe, authority: trustme.CA, scheme: str) -> None:
    server = grpc.server(ThreadPoolExecutor(1))
    if scheme == "https":
        leaf = authority.issue_cert("127.0.0.1")
        chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
        keys = grpc.ssl_server_credentials([(leaf.private_key_pem.bytes(), chain)])
        port = server.add_secure_port("127.0.0.1:0", keys)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    headers = {"Content-Type": "application/grpc", "TE": "trailers"}
    try:
        outcome = await ask(probe, f"{scheme}://127.0.0.1:{port}/", version=2, method="POST", headers=headers)
    finally:
        server.stop(None).wait()
    assert (outcome.verdict, outcome.http_status) == (Verdict.UP, 200), outcome


async def test_a_version_that_a_server_does_not_speak_is_down(probe: Probe, authority: trustme.CA) -> None:
    with Server(answering(), serving(authority, "127.0.0.1")) as server:
        two = await ask(probe, server.url(), version=2)
        three = await ask(probe, server.url(), 2.0, version=3)
    assert (two.reason, two.message) == (Reason.PROTOCOL, "the server speaks HTTP/1.1, not HTTP/2")
    assert three.verdict is Verdict.DOWN


async def test_the_guard_holds_for_quic(make_probe: Callable[[str], Probe]) -> None:
    outcome = await ask(make_probe("public-only"), "https://127.0.0.1:1/", version=3)
    assert outcome.reason is Reason.BLOCKED


# --- what shows why ---


async def test_a_failed_check_shows_what_was_asked_and_what_came_without_secrets(probe: Probe) -> None:
    def echo(visit: Visit) -> None:
        head = visit.request()
        told = b"Set-Cookie: sid=c00kie\r\nX-Api-Key: theirs-1\r\nServer: some\r\nLocation: /?token=t0psecret\r\n"
        answered(visit, head, b"503 Busy", told, b"You sent: " + head + b"x" * 10_000)

    with Server(echo) as server:
        url = server.url("/a?api_key=urls3cret&b=c")
        headers = {"X-Own": "heads3cret", "Accept": "text/html"}
        auth = {"kind": "basic", "user": "me", "password": "passs3cret"}
        outcome = await ask(probe, url, method="GET", headers=headers, auth=auth)
        healthy = await ask(probe, server.url(), follow=False, method="GET")
    assert outcome.evidence is not None
    found = dict(outcome.evidence)
    assert found["addresses"] == found["connected to"] == "127.0.0.1"
    assert found["request"].startswith("GET /a?api_key=***&b=c\nHost: 127.0.0.1\n")
    assert "Accept: text/html" in found["request"]
    assert "X-Own: ***" in found["request"]
    assert "Authorization: ***" in found["request"]
    assert found["answer"].startswith("HTTP/1.1 503 Busy\n")
    assert "Server: some" in found["answer"]
    assert "Set-Cookie: ***" in found["answer"]
    assert found["body"].startswith("You sent: GET /a")
    assert len(found["body"]) <= 4_097
    for secret in ("s3cret", "c00kie", "theirs-1", "t0psecret", "bWU6cGFzc3MzY3JldA"):
        assert secret not in texts(outcome), secret
    assert healthy.verdict is Verdict.DOWN


async def test_a_healthy_check_keeps_nothing(probe: Probe) -> None:
    with Server(answering(body=b"hello")) as server:
        assert (await ask(probe, server.url(), method="GET")).evidence is None


async def test_a_head_that_fails_shows_its_status_line_and_headers(probe: Probe) -> None:
    with Server(answering(b"404 Gone Fishing", b"Server: some\r\n")) as server:
        outcome = await ask(probe, server.url())
    assert outcome.evidence is not None
    assert dict(outcome.evidence)["answer"].startswith("HTTP/1.1 404 Gone Fishing\nServer: some")


async def test_a_certificate_problem_shows_the_chain(probe: Probe) -> None:
    with Server(answering(), serving(trustme.CA(), "127.0.0.1")) as server:
        outcome = await ask(probe, server.url())
    assert outcome.evidence is not None
    found = dict(outcome.evidence)
    assert "subject:" in found["certificates"]
    assert "expire date: " in found["certificates"]
    assert "libcurl" in found


# --- what is refused ---


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "get"}, "in capital letters"),
        ({"method": "CONNECT"}, "CONNECT"),
        ({"body": "x"}, "a HEAD has no body"),
        ({"method": "POST", "body": {}}, "write one of  text, json, form"),
        ({"method": "POST", "body": {"text": "a", "json": 1}}, "write one of"),
        ({"method": "POST", "body": {"json": "x" * 200_000}}, "longer than 100 kB"),
        ({"auth": {"kind": "basic", "user": "a:b"}}, "no user with a colon"),
        ({"auth": {"kind": "bearer", "token": "a b"}}, "token"),
        ({"auth": {"kind": "ntlm", "user": "a"}}, "kind"),
        ({"url": "http://u:p@x.test/", "auth": {"kind": "bearer", "token": "a"}}, "both in the URL and"),
        ({"headers": {"authorization": "x"}, "auth": {"kind": "bearer", "token": "a"}}, "both `auth` and a header"),
        ({"auth": {"kind": "oauth2", "url": "ftp://x", "client_id": "a", "client_secret": "b"}}, "http://"),
        ({"proxy": "ftp://proxy.test:1"}, "http://host:port"),
        ({"proxy": "http://proxy.test"}, "port"),
        ({"proxy": "http://pr oxy:1"}, "host name"),
        ({"resolver": "dns.test"}, "as an address"),
        ({"resolver": "192.0.2.1:0"}, "port"),
        ({"version": "4"}, "version"),
        ({"version": 3}, "https:// only"),
        ({"redirects": 21}, "redirects"),
        ({"family": "ipv5"}, "family"),
        ({"tls": {"ca": "nonsense"}}, "not a certificate"),
        ({"tls": {"private_key": "x"}}, "no certificate that it belongs to"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_words(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        HttpCheck(**{"url": "http://x.test/", **options})
    assert words in str(refused.value)


def test_a_check_shows_none_of_its_secrets() -> None:
    check = HttpCheck(
        url="https://x.test/", auth={"kind": "bearer", "token": "s3cret"}, proxy="http://u:s3cret@p.test:1",
        method="POST", body={"form": {"password": "s3cret"}},
    )  # fmt: skip
    assert "s3cret" not in f"{check!r} {check} {check.auth!r} {check.body!r} {check.target}"


def test_no_record_of_a_change_has_its_secrets_and_what_people_see_can_be_written_back() -> None:
    check = HttpCheck(
        url="https://x.test/", proxy="http://u:s3cret@p.test:1", method="POST", body={"form": {"password": "s3cret"}},
        auth={"kind": "oauth2", "url": "https://t.test/", "client_id": "me", "client_secret": "s3cret"},
    )  # fmt: skip
    document = json.loads(check.model_dump_json())
    seen = masked(document)
    assert "s3cret" not in str(seen)
    assert seen["auth"]["client_id"] == "me"
    assert unmasked(seen, document) == document
