"""Addresses stand for others one to one, with their common prefixes and their kind."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.evidence.anonymizing.address_map import AddressMap

MAP = AddressMap(b"a key")
FOURS, SIXES = st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16)
KINDS = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
    *("127.0.0.0/8", "224.0.0.0/4", "fc00::/7", "fe80::/10", "ff00::/8", "::ffff:0:0/96"),
)


def common(one: bytes, other: bytes) -> int:
    """Count the leading bits in which two addresses agree."""
    differing = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return 8 * len(one) - differing.bit_length()


@pytest.mark.parametrize("size", [4, 16])
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_as_many_leading_bits_agree(size: int, data: st.DataObject) -> None:
    one = data.draw(st.binary(min_size=size, max_size=size))
    shared = data.draw(st.integers(0, 8 * size))
    other = data.draw(st.binary(min_size=size, max_size=size))
    keep = (1 << 8 * size) - (1 << 8 * size - shared)
    number = int.from_bytes(one, "big") & keep | int.from_bytes(other, "big") & ~keep
    other = number.to_bytes(size, "big")
    first, second = MAP.packed(one), MAP.packed(other)
    if kinds(one) == kinds(other):
        assert common(first, second) == common(one, other)
    assert (first == second) == (one == other)


def kinds(address: bytes) -> list[bool]:
    parsed = ip_address(address)
    return [
        parsed in network for network in map(ip_network, KINDS) if network.version == parsed.version
    ]


@settings(deadline=None, max_examples=100)
@given(st.one_of(FOURS, SIXES))
def test_its_kind_stays(address: bytes) -> None:
    assert kinds(MAP.packed(address)) == kinds(address)


@pytest.mark.parametrize("network", KINDS)
def test_what_is_in_a_reserved_range_stays_in_it(network: str) -> None:
    inside = ip_network(network)
    for at in (0, 1, 77, inside.num_addresses - 1):
        assert ip_address(MAP.packed(inside[at].packed)) in inside


@pytest.mark.parametrize(
    "same", ["127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "ff02::1"]
)
def test_what_is_of_no_host_is_the_same(same: str) -> None:
    assert MAP.text(same) == same


@pytest.mark.parametrize("text", ["10.77.0.31", "8.8.8.8", "2001:db8::31", "fe80::1", "fd00::9"])
def test_another_key_makes_others(text: str) -> None:
    made = {AddressMap(bytes([key])).text(text) for key in range(8)}
    assert len(made) > 4
    assert AddressMap(b"a key").text(text) == MAP.text(text)


def test_no_two_of_a_network_are_alike() -> None:
    made = [MAP.packed(address.packed) for address in ip_network("192.168.7.0/24")]
    assert len(set(made)) == 256
    assert len({one[:3] for one in made}) == 1
    assert any(two[3] != one[3] + 1 for one, two in pairwise(made)), "their order is not kept"


def test_an_address_mapped_into_ipv6_is_changed_as_by_itself() -> None:
    alone = MAP.text("203.0.113.9")
    assert MAP.text("::ffff:203.0.113.9") == str(ip_address(f"::ffff:{alone}"))
    assert MAP.text("64:ff9b::203.0.113.9") == str(ip_address(f"64:ff9b::{alone}"))
    assert MAP.text("fe80::5%eth0") == MAP.text("fe80::5")
