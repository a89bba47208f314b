"""Address and port as one word."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.text.endpoint_text import address_to_text, endpoint_from_text, endpoint_to_text

#: Addresses of 128 bits, and those in which an IPv4 address is mapped, or nearly.
_NUMBERS = st.integers(0, 2**128 - 1) | st.integers(0xFFFE_0000_0000, 0x1_0000_FFFF_FFFF)


@given(_NUMBERS)
def test_a_number_is_spelt_as_the_standard_library_has_it(number: int) -> None:
    address = ipaddress.IPv6Address(number)
    assert address_to_text(number) == str(address.ipv4_mapped or address)


@pytest.mark.parametrize("end", [("10.0.0.31", 9102), ("2001:db8::1", 0), ("::", 65535)])
def test_there_and_back(end: tuple[str, int]) -> None:
    assert endpoint_from_text(endpoint_to_text(*end)) == end


def test_addresses_get_their_usual_spelling() -> None:
    assert endpoint_from_text("[2001:0db8:0::0001]:9102") == ("2001:db8::1", 9102)


@pytest.mark.parametrize("text", ["10.0.0:1", "10.0.0.1:65536", "[::g]:1", ":1"])
def test_what_is_none(text: str) -> None:
    assert endpoint_from_text(text) is None


def test_addresses_are_spelt_as_people_do() -> None:
    assert address_to_text(0xFFFF0A000001) == "10.0.0.1"
    assert address_to_text(0xFD770000000000000000000000000031) == "fd77::31"
