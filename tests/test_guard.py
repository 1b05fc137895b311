"""Which addresses does the guard let through?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox.errors import ConfigurationError
from signalbox.guard import Guard

INTERNAL, PUBLIC = Guard.from_setting("internal"), Guard.from_setting("public-only")

NEVER = [
    "169.254.169.254", "169.254.0.1", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fe80::1",
    "fe80::a9fe:a9fe%eth0", "fd00:ec2::254", "fd20:ce::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe", "64:ff9b:1:a9fe:a9:fe00::", "2002:a9fe:a9fe::1", "::169.254.169.254", "::ffff:0:a9fe:a9fe",
    "2001:0:4136:e378:8000:63bf:5601:5601", "2001:0:a9fe:a9fe::1", "2606:4700::5efe:a9fe:a9fe",
]  # fmt: skip
NOT_PUBLIC = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::",
    "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "::ffff:10.0.0.1", "::ffff:7f00:1",
    "64:ff9b::10.0.0.1", "2002:7f00:1::", "2002:c0a8:101::1", "100::1", "5f00::1", "2001:2::1",
]  # fmt: skip
FINE = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize("setting", ["internal", "public-only", "0.0.0.0/0, ::/0"])
def test_metadata_and_link_local_are_never_asked(setting: str, address: str) -> None:
    guard = Guard.from_setting(setting)
    assert not guard.allows(address)
    assert guard.refusal(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_public_only_refuses_what_is_not_public_and_internal_does_not(address: str) -> None:
    assert not PUBLIC.allows(address)
    assert INTERNAL.allows(address)


@pytest.mark.parametrize("address", FINE)
def test_public_addresses_pass_both_profiles(address: str) -> None:
    assert PUBLIC.refusal(address) is None
    assert INTERNAL.refusal(address) is None


def test_listed_networks_are_the_only_ones() -> None:
    guard = Guard.from_setting(" 10.0.0.0/8, 2001:db8::/32 ")
    assert guard.allows("10.1.2.3")
    assert guard.allows("2001:db8::5")
    assert guard.allows("::ffff:10.1.2.3")
    assert not guard.allows("11.1.2.3")
    assert not guard.allows("::ffff:11.1.2.3")
    assert guard.refusal("1.1.1.1") == "1.1.1.1 is not in the networks that the guard lists"


@pytest.mark.parametrize("setting", ["", ",", "everything", "10.0.0.0/40", "internal, 10.0.0.0/8"])
def test_a_wrong_setting_says_what_to_write(setting: str) -> None:
    with pytest.raises(ConfigurationError, match="write internal, public-only, or networks"):
        Guard.from_setting(setting)


@pytest.mark.parametrize("spelling", ["0177.0.0.1", "127.1", "2130706433", "localhost", "", "1.1.1.1 ", "::1::"])
def test_what_is_no_address_is_not_allowed(spelling: str) -> None:
    assert not INTERNAL.allows(spelling)


def test_a_refusal_names_the_address_inside_another() -> None:
    assert PUBLIC.refusal("::ffff:127.0.0.1") == (
        "127.0.0.1 (inside ::ffff:127.0.0.1) is not a public address, and the guard is public-only"
    )


@given(st.ip_addresses(v=4))
def test_wrapping_never_makes_a_refused_address_allowed(address: object) -> None:
    for profile in (INTERNAL, PUBLIC):
        if not profile.allows(str(address)):
            assert not profile.allows(f"::ffff:{address}")
            assert not profile.allows(f"64:ff9b::{address}")
