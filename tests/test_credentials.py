"""Default and empty passwords are refused where a network lies in between, and never repeated."""

from __future__ import annotations

import pytest

from signalbox.credentials import is_loopback, refuse_weak_password
from signalbox.errors import ConfigurationError


@pytest.mark.parametrize(
    "url",
    [
        "redis://redis.example:6379/0",
        "redis://:redis@10.0.0.5",
        "postgresql://postgres:postgres@db.example/state",
        "postgresql://postgres:Password@db.example/state",
        "questdb://admin:quest@[2001:db8::1]:9000",
        "questdb://admin:%71uest@questdb:9000",
    ],
)
def test_a_default_or_empty_password_over_the_network_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"SIGNALBOX_X_URL: .* is reached over the network"):
        refuse_weak_password(url, "SIGNALBOX_X_URL")
    refuse_weak_password(url, "SIGNALBOX_X_URL", insecure=True)


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://127.0.0.1:6379/0",
        "redis://[::1]/0",
        "postgresql:///state",
        "sqlite:///state.db",
        "questdb://admin:long-and-random@questdb.example:9000",
    ],
)
def test_this_machine_and_passwords_of_one_s_own_are_fine(url: str) -> None:
    refuse_weak_password(url, "SIGNALBOX_X_URL")


def test_names_that_only_look_like_this_machine_are_the_network() -> None:
    assert not is_loopback("localhost.example")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("127.0.0.1.example")
