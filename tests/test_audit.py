"""The audit log: in the transaction of what it tells of, without secrets, newest first."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signalbox import audit
from signalbox.db import Database


def test_what_is_rolled_back_was_never_done(database: Database) -> None:
    def fail() -> None:
        with database.begin() as session:
            audit.record(session, "cli:ada", "create", "monitor", "api")
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with database.read() as session:
        assert audit.entries(session) == []


def test_entries_come_newest_first_and_can_be_picked(database: Database) -> None:
    with database.begin() as session:
        for number in range(6):
            kind = "monitor" if number % 2 else "channel"
            audit.record(session, f"cli:{number % 3}", "create", kind, f"s{number}")
    with database.read() as session:
        newest = audit.entries(session, limit=2)
        assert [one.subject for one in newest] == ["s5", "s4"]
        assert [one.subject for one in audit.entries(session, before=newest[-1].id, limit=2)] == ["s3", "s2"]
        assert [one.subject for one in audit.entries(session, kind="monitor", actor="cli:0")] == ["s3"]
        assert [one.subject for one in audit.entries(session, subject="s1", action="create")] == ["s1"]
        assert audit.entries(session, action="archive") == []


DOCUMENT = {
    "name": "API", "every": 60.0, "tags": ["a"], "paused": False, "slow": None,
    "check": {
        "url": "https://ada:hidden1@example.com/?api_key=hidden2&q=1",
        "headers": {"Anything": "hidden3"},
        "password": "hidden4",
    },
    "accessToken": "hidden5",
    "urls": ["https://x:hidden6@example.com"],
}  # fmt: skip


def test_what_is_kept_of_a_document_has_no_secret_and_all_the_rest() -> None:
    shown = audit.masked(DOCUMENT)
    assert "hidden" not in str(shown)
    assert shown["check"]["url"] == "https://example.com/?api_key=***&q=1"
    assert shown["check"]["headers"] == {"Anything": "***"}
    assert {name: shown[name] for name in ("name", "every", "tags", "paused", "slow")} == {
        "name": "API", "every": 60.0, "tags": ["a"], "paused": False, "slow": None,
    }  # fmt: skip
    assert audit.mask_in(shown) is not None
    assert audit.mask_in(DOCUMENT) is None


def test_what_was_shown_becomes_what_it_was_again() -> None:
    assert audit.unmasked(audit.masked(DOCUMENT), DOCUMENT) == DOCUMENT


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "key", "headers", "url"]), inner),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["name", "token", "headers", "check"]), _VALUES))
def test_any_document_survives_being_shown_and_written_back(document: dict[str, object]) -> None:
    assert audit.unmasked(audit.masked(document), document) == document
