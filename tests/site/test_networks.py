"""What an address says of where it is."""

from __future__ import annotations

import pytest

from auditor.site.networks import family, is_private, is_public, same_lan, same_network


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "172.31.0.1", "192.168.5.5", "169.254.1.1", "fd00::1", "fe80::1"]
)
def test_an_address_that_every_site_may_use_is_private(address: str) -> None:
    assert is_private(address)
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "172.32.0.1", "203.0.113.9", "198.51.100.7", "2001:db8::1", "2a00::1"]
)
def test_an_address_that_everybody_reaches_is_public(address: str) -> None:
    assert is_public(address)
    assert not is_private(address)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "0.0.0.0", "::", "224.0.0.1", "100.64.0.1"]
)
def test_other_addresses_are_neither(address: str) -> None:
    assert not is_private(address)
    assert not is_public(address)


@pytest.mark.parametrize(
    ("one", "other", "network", "lan"),
    [
        ("10.0.0.1", "10.0.0.200", True, True),
        ("10.0.0.1", "10.0.9.1", False, True),
        ("10.0.0.1", "10.1.0.1", False, False),
        ("fd00:1:2:3::1", "fd00:1:2:3::9", True, True),
        ("fd00:1:2:3::1", "fd00:1:2:4::1", False, True),
        ("fd00:1:2:3::1", "fd00:1:3:3::1", False, False),
        ("10.0.0.1", "fd00::1", False, False),
    ],
)
def test_two_addresses_share_a_network_or_a_lan(
    one: str, other: str, network: bool, lan: bool
) -> None:
    assert (same_network(one, other), same_lan(one, other)) == (network, lan)
    assert (same_network(other, one), same_lan(other, one)) == (network, lan)


def test_the_family_of_an_address_is_4_or_6() -> None:
    assert (family("10.0.0.1"), family("::1")) == (4, 6)
