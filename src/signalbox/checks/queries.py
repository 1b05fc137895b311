"""How is a database asked something? What kinds that can query have in common: a login, a query that only reads, and
what it has to give."""

from __future__ import annotations

import re
from typing import Self

from pydantic import Field, field_validator, model_validator

from signalbox.checks.call import Call, Family, TalkingCheck
from signalbox.checks.conditions import ABSENT, Condition, Expected, Value, told
from signalbox.checks.evidence import Assertion, worst
from signalbox.checks.trust import Trust
from signalbox.signals import Reason

_READING = re.compile(r"\s*(select|show|values|table|with|explain|describe)\b", re.IGNORECASE)


class SqlCheck(TalkingCheck):
    """A database that speaks SQL. Without a user it is only asked whether it answers."""

    user: str | None = Field(None, max_length=200, description="User to log in as; without one nobody logs in.")
    password: str | None = Field(None, max_length=1_000, description="Password.")
    database: str | None = Field(None, max_length=200, description="Database to use.")
    query: str | None = Field(
        None, max_length=4_000, description="One statement that only reads; its first value of the first row counts."
    )
    expect: Expected | None = Field(None, description="What the query has to give: a value alone, or conditions.")
    tls: Trust | None = Field(None, description="Speak TLS; {} for the usual authorities.")
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    @field_validator("query")
    @classmethod
    def _only_reads(cls, query: str | None) -> str | None:
        if query is not None and (not _READING.match(query) or ";" in query.rstrip().rstrip(";")):
            raise ValueError("write one statement that only reads, such as  SELECT count(*) FROM jobs")
        return query

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.user is None and (self.password or self.database or self.query):
            raise ValueError("password, database and query need a user to log in as")
        if self.expect is not None and self.query is None:
            raise ValueError("expect: is for what  query:  gives; write one")
        return self


def hold(call: Call, what: str, expected: Condition | None, value: Value | None) -> None:
    """Hold what came against what was expected; None is nothing. `what` came, in words."""
    if expected is None:
        return
    given = ABSENT if value is None else value
    held = [Assertion(what, one.expected, told(given), one.passed) for one in expected.held(given)]
    call.outcome.assertions = held
    call.evidence.assertions(held)
    problem = worst(held)
    if problem is not None:
        call.fail(problem[1], problem[2])


def missing(call: Call, extra: str) -> None:
    """Say that this installation lacks what a login needs. Nobody was up or down."""
    call.fail(Reason.INTERNAL, f"this installation cannot log in there: install signalbox-status[{extra}]")
