"""How is an HTTP check asked, hop by hop, and what does the answer that no hop follows mean?"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from signalbox.checks.base import Outcome
from signalbox.checks.call import Trouble
from signalbox.checks.curl import LARGEST_BODY, Answer, Extras
from signalbox.checks.evidence import worst
from signalbox.checks.expectations import Seen
from signalbox.checks.failures import status_words, verdict_of
from signalbox.checks.http import oauth
from signalbox.checks.http.options import Basic, Bearer, ClientCredentials, Digest, basic_header
from signalbox.checks.http.route import Question, Route
from signalbox.checks.http.trace import HARMLESS, KEPT, trace
from signalbox.checks.urls import Place, place, shown
from signalbox.clock import now
from signalbox.resolver import Lookup
from signalbox.signals import NO_ANSWER, Reason, Verdict

if TYPE_CHECKING:
    from signalbox.checks.http.check import HttpCheck
    from signalbox.checks.probe import Probe

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_HEAD = frozenset({405, 501})  # Method Not Allowed, Not Implemented
_SPOKEN = {"2": 3, "3": 30}  # libcurl's numbers of HTTP versions (curl/curl.h)
_SPOKEN_WORDS = {1: "HTTP/1.0", 2: "HTTP/1.1", 3: "HTTP/2", 30: "HTTP/3"}


class Asking:
    """One check under way: where it is, what its hops took together, when it must end."""

    __slots__ = (
        "_addresses", "_answer", "_body", "_check", "_cookies", "_is_dressed", "_method", "_origin", "_outcome",
        "_place", "_probe", "_question", "_route", "_token", "_token_is_new", "_token_was_refused",
    )  # fmt: skip

    def __init__(self, check: HttpCheck, probe: Probe, timeout: float, fresh: bool) -> None:
        self._check, self._probe = check, probe
        self._route = Route(check, probe, timeout, fresh=fresh)
        self._method = check.method
        self._place = place(check.url)
        self._origin = self._place.origin
        self._outcome = Outcome(Verdict.DOWN, Reason.INTERNAL, total=0.0)
        self._is_dressed = bool(
            check.headers or check.auth or check.body or check.tls or check.version or check.cookies
        )
        self._body = b"" if check.body is None else check.body.encoded[0]
        self._cookies: tuple[str, ...] | None = () if check.cookies else None
        self._token, self._token_is_new, self._token_was_refused = "", False, False
        # of the last hop, for the evidence
        self._addresses: tuple[str, ...] = ()
        self._question = Question(self._place, self._method)
        self._answer: Answer | None = None

    async def run(self) -> Outcome:
        """Hop until an answer is final."""
        if self._check.bust:
            path = self._place.path
            self._place = replace(self._place, path=f"{path}{'&' if '?' in path else '?'}_={secrets.token_hex(8)}")
        try:
            return await self._run()
        except Trouble as trouble:
            return self._ended(trouble.reason, trouble.message, trouble.verdict)

    async def _run(self) -> Outcome:
        redirects = 0
        while True:
            answer = await self._hop()
            if answer.error:
                return self._ended(*self._route.failure(answer))
            self._outcome.http_status = answer.status
            if answer.status in _NO_HEAD and self._method == "HEAD" and not self._is_expected(answer.status):
                self._method = "GET"
                continue
            if answer.status == 401 and self._may_ask_for_another_token():
                continue
            if not self._check.follow or answer.status not in _REDIRECTS or not answer.redirect:
                return self._judged(answer)
            redirects += 1
            if redirects > self._check.redirects:
                return self._ended(Reason.PROTOCOL, f"more than {self._check.redirects} redirects")
            if problem := self._redirect(answer):
                return self._ended(Reason.PROTOCOL, problem)

    async def _hop(self) -> Answer:
        """Ask one server. Trouble when it could not even be asked."""
        at, self._answer = self._place, None
        self._question = Question(at, self._method)
        if at.literal and self._check.family is None:
            self._addresses = (at.host,)
        else:
            self._addresses = ()
            self._take(self._route.known(at.host) or await self._route.lookup(at.host, literal=at.literal))
        if self._is_dressed or self._method != "HEAD":
            keep = 0 if self._method == "HEAD" else LARGEST_BODY if self._wants_body else KEPT
            headers = await self._headers()
            self._question = Question(at, self._method, headers, self._body, keep, LARGEST_BODY, self._extras())
        answer = self._answer = await self._route.fetch(self._question, self._addresses)
        self._add(answer)
        return answer

    def _take(self, lookup: Lookup) -> None:
        milliseconds = lookup.took * 1000
        self._outcome.total = (self._outcome.total or 0.0) + milliseconds
        if not lookup.addresses:
            raise Trouble(Reason.DNS, lookup.problem)
        self._outcome.dns = (self._outcome.dns or 0.0) + milliseconds
        self._addresses = lookup.addresses

    @property
    def _at_home(self) -> bool:
        """Are we at the check's own origin, where its secrets may go?"""
        return self._place.origin == self._origin

    async def _headers(self) -> list[str]:
        check, at_home = self._check, self._at_home
        lines = [f"{name}: {value}" for name, value in check.headers.items() if at_home or name.lower() in HARMLESS]
        if self._body and check.body is not None and not any(name.lower() == "content-type" for name in check.headers):
            lines.append(f"Content-Type: {check.body.encoded[1]}")
        if check.auth is not None and at_home and (words := await self._authorization()):
            lines.append(f"Authorization: {words}")
        return lines

    async def _authorization(self) -> str:
        match self._check.auth:
            case Basic(user=user, password=password):
                return basic_header(user, password)
            case Bearer(token=token):
                return f"Bearer {token}"
            case ClientCredentials() as auth:
                ca = None if self._check.tls is None else self._check.tls.ca
                refused = self._token if self._token_was_refused else None
                if not self._token or refused is not None:
                    self._token, self._token_is_new = await oauth.access_token(
                        auth, ca, self._probe, self._route, refused=refused
                    )
                    self._token_was_refused = False
                return f"Bearer {self._token}"
        return ""

    def _may_ask_for_another_token(self) -> bool:
        """Was the token one that we had from before? Then it may have been taken back, and a new one is worth a try."""
        if not self._token or self._token_is_new or not self._at_home:
            return False
        self._token_was_refused = True
        return True

    def _extras(self) -> Extras | None:
        check = self._check
        digest = check.auth if isinstance(check.auth, Digest) and self._at_home else None
        if digest is None and check.tls is None and check.version in (None, "1.1") and self._cookies is None:
            return None
        extras = Extras(
            digest=None if digest is None else (digest.user, digest.password),
            version=check.version or "1.1",
            cookies=self._cookies,
        )
        if (trust := check.tls) is None:
            return extras
        ours = (trust.certificate, trust.private_key) if self._at_home else (None, None)
        return extras._replace(
            insecure=trust.insecure, ca=trust.ca, certificate=ours[0], private_key=ours[1], minimum=trust.minimum
        )

    def _add(self, answer: Answer) -> None:
        """Add a hop's phases to what earlier hops took."""
        outcome = self._outcome
        outcome.dns = outcome.dns or 0.0
        outcome.connect = _sum(outcome.connect, answer.connect)
        outcome.tls = _sum(outcome.tls, answer.tls)
        outcome.ttfb = _sum(outcome.ttfb, answer.ttfb)
        outcome.total = (outcome.total or 0.0) + answer.total
        outcome.http_status = answer.status or NO_ANSWER
        if answer.certificate_expires is not None:
            outcome.certificate_expires = answer.certificate_expires
        if answer.cookies is not None:
            self._cookies = answer.cookies

    def _redirect(self, answer: Answer) -> str:
        """Go where the answer points; words when that is nowhere to go."""
        assert answer.redirect is not None
        try:
            to = Place.of(answer.redirect.partition("#")[0])
        except ValueError:
            return "a redirect leads to something that is not a valid http or https URL"
        # What a redirect says about credentials does not count; the check's own go to its own origin only.
        userinfo = place(self._check.url).userinfo if to.origin == self._origin else ""
        self._place = replace(to, userinfo=userinfo)
        turns_to_get = answer.status == 303 or (answer.status in (301, 302) and self._method == "POST")
        if turns_to_get and self._method != "HEAD":
            self._method, self._body = "GET", b""
        if self._body and not self._at_home:
            return "a redirect wants the body sent to another origin; write that address as `url` if it may have it"
        return ""

    def _judged(self, answer: Answer) -> Outcome:
        """The outcome of an answer that no hop follows."""
        if self._check.version is not None and answer.version != _SPOKEN.get(self._check.version, answer.version):
            spoken = _SPOKEN_WORDS.get(answer.version, "another version")
            return self._ended(Reason.PROTOCOL, f"the server speaks {spoken}, not HTTP/{self._check.version}")
        outcome = self._outcome
        if self._check.expect is not None:
            outcome.assertions = self._check.expect.judge(self._seen(answer))
            problem = worst(outcome.assertions)
            if problem is not None:
                verdict, reason, message = problem
                return self._ended(reason, message, verdict)
        elif not 200 <= answer.status < 400:
            return self._ended(Reason.STATUS, f"the server answered {status_words(answer.status)}")
        outcome.verdict, outcome.reason, outcome.available = Verdict.UP, Reason.OK, True
        if answer.cut:
            outcome.message = f"the body is longer than {LARGEST_BODY // 1_000_000} MB; the rest was not read"
        return outcome

    @property
    def _wants_body(self) -> bool:
        return self._check.expect is not None and self._check.expect.wants_body

    def _is_expected(self, status: int) -> bool:
        return self._check.expect is not None and self._check.expect.is_up(status)

    def _seen(self, answer: Answer) -> Seen:
        outcome, url = self._outcome, shown(self._place.url)
        return Seen(
            answer.status, outcome.total or 0.0, url, answer.headers, answer.body, now(), outcome.certificate_expires
        )

    def _ended(self, reason: Reason, message: str, verdict: Verdict | None = None) -> Outcome:
        """The outcome when it is not up, with what shows why."""
        outcome = self._outcome
        outcome.verdict, outcome.reason, outcome.message = verdict or verdict_of(reason), reason, message
        outcome.available = outcome.verdict is Verdict.DEGRADED
        outcome.evidence = trace(self._check, self._question, self._addresses, self._answer, self._token)
        outcome.evidence.assertions(outcome.assertions)
        return outcome


def _sum(before: float | None, now: float | None) -> float | None:
    return before if now is None else now if before is None else before + now
