"""TCP checksums: scapy is the witness of what is right."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pcapfile import pcap

from auditor.packets.checksum import BAD, GOOD, UNFILLED, UNKNOWN, checksum_of
from auditor.packets.decoder import Decoder

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers.inet import IP, TCP
    from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt
    from scapy.layers.l2 import Ether

V4 = IP(src="10.77.0.31", dst="10.77.0.20")
V6 = IPv6(src="2001:db8::31", dst="fd00:77::20")
ENDS = pytest.mark.parametrize("ends", [V4, V6, V6 / IPv6ExtHdrDestOpt()])


def frame(ends: Any, data: bytes, **columns: Any) -> bytes:
    packet = TCP(sport=40001, dport=9103, seq=7, ack=9, flags="PA", **columns)
    return bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / ends / packet / data)


def told(data: bytes, **options: Any) -> int:
    (batch,) = Decoder({9103}).feed(pcap([(0, data)], **options))
    return int(checksum_of(batch.segments[0], batch.buffer))


def at_checksum(ends: Any) -> int:
    return 14 + len(bytes(ends)) + 16


def pseudo_sum(data: bytes, ends: Any, length: int) -> int:
    """Return what the kernel leaves for the card to complete."""
    start = 14 + (12 if ends.version == 4 else 8)
    words = data[start : start + (8 if ends.version == 4 else 32)]
    total = sum(int.from_bytes(words[k : k + 2], "big") for k in range(0, len(words), 2))
    total += 6 + length
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


@ENDS
@given(data=st.binary(max_size=300), options=st.integers(0, 10))
def test_what_scapy_computes_is_good(ends: Any, data: bytes, options: int) -> None:
    assert told(frame(ends, data, options=[("NOP", None)] * options)) == GOOD


@ENDS
@given(data=st.binary(min_size=1, max_size=300), place=st.integers(0), flip=st.integers(1, 255))
def test_one_byte_changed_is_not_good(ends: Any, data: bytes, place: int, flip: int) -> None:
    sent = bytearray(frame(ends, data))
    sent[len(sent) - 1 - place % len(data)] ^= flip
    assert told(bytes(sent)) in (BAD, UNFILLED)


@ENDS
@pytest.mark.parametrize("size", [0, 1, 100, 30000])
@pytest.mark.parametrize("whole", [True, False])
def test_what_is_left_for_the_card_to_fill_in_is_no_fault(
    ends: Any, size: int, *, whole: bool
) -> None:
    plain = frame(ends, b"y" * size)
    left = pseudo_sum(plain, ends, 20 + size if whole else 0)
    at = at_checksum(ends)
    assert told(plain[:at] + left.to_bytes(2, "big") + plain[at + 2 :]) == UNFILLED
    assert told(plain[:at] + b"\0\0" + plain[at + 2 :]) == UNFILLED


@ENDS
def test_what_was_not_captured_whole_cannot_be_told(ends: Any) -> None:
    sent = frame(ends, b"data of it")
    assert told(sent, snaplen=len(sent) - 1) == UNKNOWN
    assert told(sent + bytes(6)) == GOOD  # padding does not count


def test_the_header_must_be_where_it_says() -> None:
    (batch,) = Decoder({9103}).feed(pcap([(0, frame(V4, b"data"))]))
    row = batch.segments[0].copy()
    for header in (0, 19, 24, 255):
        row["header"] = header
        assert checksum_of(row, batch.buffer) == UNKNOWN
    assert checksum_of(batch.segments[0], batch.buffer[:-1]) == UNKNOWN


@ENDS
def test_data_under_the_checksum_of_other_data_is_bad(ends: Any) -> None:
    at, one, other = at_checksum(ends), frame(ends, b"one"), frame(ends, b"two")
    assert told(one[:at] + other[at : at + 2] + one[at + 2 :]) == BAD
