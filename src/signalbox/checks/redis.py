"""Does a Redis answer, and what does it hold? RESP2 over TCP or TLS
(https://redis.io/docs/latest/develop/reference/protocol-spec/)."""

from __future__ import annotations

import shlex
from typing import Literal

from pydantic import Field, field_validator, model_validator

from signalbox.checks.call import Call, Family, TalkingCheck, Trouble
from signalbox.checks.conditions import Expected
from signalbox.checks.hosts import Port
from signalbox.checks.queries import hold
from signalbox.checks.trust import Trust
from signalbox.signals import Reason

_READING = frozenset(
    {
        "BITCOUNT", "DBSIZE", "EXISTS", "GET", "GETRANGE", "HEXISTS", "HGET", "HLEN", "LASTSAVE", "LINDEX",
        "LLEN", "SCARD", "SISMEMBER", "STRLEN", "TTL", "TYPE", "XLEN", "ZCARD", "ZCOUNT", "ZRANK", "ZSCORE",
    }
)  # fmt: skip
_LONGEST = 65_536  # bytes of one value
_REFUSED = {
    "NOAUTH": "the server wants a password",
    "WRONGPASS": "the server refused the login",
    "NOPERM": "the server forbids that command to this user",
    "LOADING": "the server is still loading its data",
    "MASTERDOWN": "the server is a replica without its master",
    "MISCONF": "the server cannot save to disk and refuses to write",
    "WRONGTYPE": "what is stored there is of another type than the query is for",
}


class RedisCheck(TalkingCheck):
    """A Redis, or what speaks like one. Up when it answers PING, and the query as expected."""

    schemes = ("redis",)
    examples = (
        {"kind": "redis", "host": "cache.example.com", "password": "${REDIS_PASSWORD}"},
        {"kind": "redis", "host": "cache.example.com", "query": "LLEN jobs", "expect": {"below": 1000}},
    )

    kind: Literal["redis"] = "redis"
    port: Port = Field(6379, description="Its port.")
    user: str | None = Field(None, max_length=200, description="User, where the server has several.")
    password: str | None = Field(None, max_length=1_000, description="Password.")
    database: int = Field(0, ge=0, le=9_999, description="Number of the database.")
    query: str | None = Field(None, max_length=1_000, description="A command that reads one value, such as GET health.")
    expect: Expected | None = Field(None, description="What the query has to give: a value alone, or conditions.")
    tls: Trust | None = Field(None, description="Speak TLS; {} for the usual authorities.")
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    @field_validator("query")
    @classmethod
    def _only_reads(cls, query: str | None) -> str | None:
        if query is not None:
            words = _words(query)
            if not words or words[0].upper() not in _READING:
                raise ValueError(f"write a command that reads one value: {', '.join(sorted(_READING))}")
        return query

    @model_validator(mode="after")
    def _fits(self) -> RedisCheck:
        if self.expect is not None and self.query is None:
            raise ValueError("expect: is for what  query:  gives; write one")
        if self.user is not None and self.password is None:
            raise ValueError("user: needs a password, too")
        return self

    async def talk(self, call: Call) -> None:
        """Log in, choose the database, PING, and ask the query."""
        await call.connect(self.host, self.port, self.family)
        if self.tls is not None:
            await call.start_tls(self.host, self.tls)
        if self.password is not None:
            await _ask(call, "AUTH", *([self.user] if self.user is not None else []), self.password)
        if self.database:
            await _ask(call, "SELECT", str(self.database))
        call.expect(await _ask(call, "PING") == "PONG", "the server did not answer PING with PONG")
        if self.query is not None:
            hold(call, "the answer to the query", self.expect, await _ask(call, *_words(self.query)))


def _words(query: str) -> list[str]:
    try:
        return shlex.split(query)
    except ValueError:
        raise ValueError("the query's quotes do not match") from None


async def _ask(call: Call, *words: str) -> str | int | None:
    """One command and its answer: text, number, or nothing."""
    parts = [word.encode() for word in words]
    await call.send(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts))
    line = await call.line()
    sign, rest = line[:1], line[1:]
    match sign:
        case "+":
            return rest
        case "-":
            call.evidence.note("answer", rest)
            call.fail(Reason.ASSERTION, _REFUSED.get(rest.partition(" ")[0], f"the server refused {words[0]}"))
        case ":" if rest.lstrip("-").isdigit():
            return int(rest)
        case "$" if rest.lstrip("-").isdigit():
            length = int(rest)
            if length < 0:
                return None
            call.expect(length <= _LONGEST, f"the value is longer than {_LONGEST} bytes", Reason.ASSERTION)
            return (await call.exactly(length + 2))[:-2].decode("utf-8", errors="replace")
    call.evidence.note("answer", line)
    raise Trouble(Reason.PROTOCOL, "the answer is not Redis's protocol")
