"""Timestamps among TCP options that anybody may have written; scapy is the witness of good ones."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pcapfile import pcap

from auditor.packets.decoder import Decoder
from auditor.packets.segments import NO_STAMPS, UNSEEN_STAMPS
from auditor.packets.tcp_options import timestamps_place

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers.inet import IP, TCP
    from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt
    from scapy.layers.l2 import Ether

STAMPS = bytes([8, 10, *range(100, 108)])
WORDS = [
    b"\x01", b"\x01\x01", STAMPS, b"\x08\x0b" + bytes(9), b"\x08\x0a", b"\x02\x04\x05\xb4",
    b"\x03\x03\x07", b"\x05\x0a" + bytes(8), b"\x00", b"\x08\x00", b"\xfe\x01", b"\xfd\xff",
]  # fmt: skip


def place(options: bytes, cut: int = 0) -> int:
    header = bytes(20) + options
    buffer = np.frombuffer(b"\x08\x0a" + header + STAMPS, np.uint8)
    return int(timestamps_place(buffer, 2, len(header), 2 + len(header) - cut))


def slowly(options: bytes) -> int:
    """Say the same by the words of RFC 9293 §3.1, one option after the other."""
    found, rest = NO_STAMPS, options
    while rest and rest[0] != 0:
        if rest[0] == 1:
            rest = rest[1:]
            continue
        if len(rest) < 2 or not 2 <= rest[1] <= len(rest):
            break
        if rest[:2] == b"\x08\x0a":
            found = 20 + len(options) - len(rest) + 2
        rest = rest[rest[1] :]
    return found


padded = st.builds(
    lambda words: b"".join(words)[:40].ljust(-(-len(b"".join(words)[:40]) // 4) * 4, b"\0"),
    st.lists(st.sampled_from(WORDS) | st.binary(max_size=6), max_size=8),
)


@given(padded | st.integers(0, 10).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n)))
def test_any_bytes_are_read_as_receivers_do_and_never_behind_the_header(options: bytes) -> None:
    assert place(options) == slowly(options)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (b"", NO_STAMPS),
        (b"\1\1" + STAMPS, 24),
        (STAMPS + b"\1\1", 22),
        (b"\2\4\5\xb4\4\2" + STAMPS + b"\1\3\3\7", 28),
        (b"\1\1" + STAMPS + STAMPS + b"\1\1", 34),
        (b"\1\1\x08\x0a" + bytes(4), NO_STAMPS),  # ends before its length says
        (b"\x09\0" + STAMPS, NO_STAMPS),  # behind a length of 0
        (b"\0\1" + STAMPS, NO_STAMPS),  # behind the end of the list
        (b"\1\1\1\x08", NO_STAMPS),
    ],
)
def test_some(options: bytes, expected: int) -> None:
    assert place(options) == expected


def test_whether_a_header_has_them_that_was_cut_is_not_known() -> None:
    assert place(b"\1\1" + STAMPS, cut=1) == UNSEEN_STAMPS
    assert place(b"", cut=1) == NO_STAMPS


@pytest.mark.parametrize("ends", [IP(), IPv6(), IPv6() / IPv6ExtHdrDestOpt()])
@pytest.mark.parametrize("value", [0, 1, 0x01020304, 0xFFFFFFFF])
@pytest.mark.parametrize("others", [[], [("NOP", None)] * 2, [("MSS", 1460), ("WScale", 7)]])
def test_the_value_is_the_one_that_scapy_wrote(
    ends: IP | IPv6, value: int, others: list[tuple[str, object]]
) -> None:
    options = [*others, ("Timestamp", (value, 99))]
    tcp = TCP(sport=40001, dport=9103, flags="A", options=options)
    with_stamps = bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / ends / tcp)
    without = bytes(
        Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / ends / TCP(dport=9103)
    )
    (batch,) = Decoder({9103}).feed(pcap([(0, with_stamps), (1, without)]))
    assert batch.segments["stamp"][0] == value
    assert batch.segments["stamped"][0] > UNSEEN_STAMPS
    assert batch.segments["stamped"][1] == NO_STAMPS
