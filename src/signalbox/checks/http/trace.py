"""What shows why an HTTP check failed? Addresses, certificates, request, answer and body, without our secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from signalbox.checks.curl import Answer
from signalbox.checks.evidence import LONGEST, Evidence
from signalbox.checks.http.options import Basic, Bearer, ClientCredentials, Digest, basic_header, proxy_place
from signalbox.checks.urls import is_secret, place, shown

if TYPE_CHECKING:
    from signalbox.checks.http.check import HttpCheck
    from signalbox.checks.http.route import Question

KEPT = LONGEST + 1_024  # bytes of a body, so that no secret is cut in two where it is cut
HARMLESS = frozenset({"accept", "accept-language", "accept-encoding", "cache-control", "pragma", "user-agent"})
_SHOWN = HARMLESS | {"content-type"}
_HIDDEN = frozenset({"set-cookie", "set-cookie2", "cookie", "authentication-info", "proxy-authentication-info"})
_LINKS = frozenset({"location", "content-location"})
_SHORTEST = 4  # characters; a shorter secret would make a riddle of the text, and is none


def trace(
    check: HttpCheck, question: Question, addresses: Iterable[str], answer: Answer | None, token: str
) -> Evidence:
    """All there is to show of the last exchange. `answer` is None when there was none."""
    evidence, hide = Evidence(), _hider([*_secrets(check), token])
    evidence.note("addresses", ", ".join(addresses))
    if answer is not None and answer.address:
        evidence.note("connected to", answer.address)
    at = question.at
    url = shown(f"{at.scheme}://{at.host}{at.path}")
    lines = [
        f"{question.method} {url.partition('://')[2].removeprefix(at.host)}",
        f"Host: {at.host}",
        *map(_masked, question.headers),
    ]
    evidence.note("request", hide("\n".join(lines)))
    if answer is None:
        return evidence
    evidence.note("certificates", answer.chain)
    if answer.lines:
        evidence.note("answer", hide("\n".join([answer.lines[0], *map(_shown_header, answer.lines[1:])])))
    evidence.note("body", hide(answer.body[:KEPT].decode("utf-8", errors="replace")))
    if answer.error > 0:
        evidence.note("libcurl", hide(answer.text))
    return evidence


def _masked(header: str) -> str:
    name = header.partition(":")[0]
    return header if name.lower() in _SHOWN else f"{name}: ***"


def _shown_header(line: str) -> str:
    name, colon, value = line.partition(":")
    if not colon or not value.strip():
        return line
    lower = name.strip().lower()
    if lower in _LINKS:
        return f"{name}: {shown(value.strip())}"
    return f"{name}: ***" if lower in _HIDDEN or is_secret(lower) else line


def _secrets(check: HttpCheck) -> list[str]:
    """What must not come back out of an answer: a server may repeat what it was told."""
    found = [value for name, value in check.headers.items() if name.lower() not in _SHOWN]
    found += [value.partition(" ")[2] for value in found]  # such as the token of "Bearer token"
    user, _, password = place(check.url).userinfo.partition(":")
    found += [password] if password else [user]
    found += [value for name, value in re.findall(r"([^?&;=]+)=([^&;#]*)", check.url) if is_secret(name)]
    match check.auth:
        case Basic(user=name, password=word):
            found += [word, basic_header(name, word).partition(" ")[2]]
        case Digest(password=word) | Bearer(token=word) | ClientCredentials(client_secret=word):
            found.append(word)
    if check.proxy is not None:
        found.append(proxy_place(check.proxy).password)
    if check.tls is not None and check.tls.private_key:
        found.append(check.tls.private_key)
    if check.body is not None and check.body.form is not None:
        found += [value for name, value in check.body.form.items() if is_secret(name)]
    return found


def _hider(secrets: Iterable[str]) -> Callable[[str], str]:
    """Puts `***` in the place of each secret, however it is encoded."""
    spelt = {form for one in secrets if len(one) >= _SHORTEST for form in (one, quote(one), quote_plus(one))}
    if not spelt:
        return str
    pattern = re.compile("|".join(map(re.escape, sorted(spelt, key=len, reverse=True))))
    return lambda text: pattern.sub("***", text)
