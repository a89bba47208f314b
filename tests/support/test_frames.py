"""The frames of tapes are those that scapy builds."""

from __future__ import annotations

import warnings

import pytest
from frames import ethernet, header_length, tcp, udp

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # scapy's optional cryptography warns of old ciphers
    from scapy.layers.inet import IP, TCP, UDP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether

SIX = ("2001:db8::31", "2001:db8::20")
FOUR = ("10.77.0.31", "192.0.2.255")
OPTIONS = [("MSS", 1460), ("SAckOK", b""), ("NOP", None), ("WScale", 7)]
DATA = [b"", b"\0", b"odd", b"hello " * 9, b"\xff" * 1400]
ETHER = Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b")


def scapys(src: str, dst: str, **options: int) -> IP | IPv6:
    if ":" in src:
        names = {"ttl": "hlim", "label": "fl"}
        return IPv6(src=src, dst=dst, **{names[name]: value for name, value in options.items()})
    names = {"ttl": "ttl", "ident": "id"}
    return IP(src=src, dst=dst, **{names[name]: value for name, value in options.items()})


@pytest.mark.parametrize(("src", "dst"), [FOUR, SIX])
@pytest.mark.parametrize("flags", ["S", "SA", "A", "PA", "FA", "R", "RA", "FPU", "", "SEC"])
@pytest.mark.parametrize("data", DATA, ids=len)
def test_segments(src: str, dst: str, flags: str, data: bytes) -> None:
    which = {"label": 7} if ":" in src else {"ident": 65535}
    body = tcp((src, 40001, dst, 9103), flags, 0xFFFFFFF0, 17, 502, data)
    ours = ethernet(src, dst, 6, body, ttl=57, **which)
    options = OPTIONS if "S" in flags else []
    theirs = TCP(
        sport=40001, dport=9103, flags=flags, seq=0xFFFFFFF0, ack=17, window=502, options=options
    )
    assert ours == bytes(ETHER / scapys(src, dst, ttl=57, **which) / theirs / data)
    assert header_length(ours) == len(ours) - len(body)


@pytest.mark.parametrize(("src", "dst"), [FOUR, SIX])
def test_datagrams_and_other_messages(src: str, dst: str) -> None:
    assert ethernet(src, dst, 17, udp(src, dst)) == bytes(ETHER / scapys(src, dst) / UDP())
    for number, body in ((1, b"\3\4" + bytes(6)), (47, b"")):
        below = scapys(src, dst)
        below.setfieldval("nh" if ":" in src else "proto", number)
        assert ethernet(src, dst, number, body) == bytes(ETHER / below / body)


def test_a_checksum_that_comes_out_as_zero_is_zero() -> None:
    ends = (FOUR[0], 40001, FOUR[1], 9103)
    first = tcp(ends, "A", 1, 2, 0)
    window = int.from_bytes(first[16:18], "big")
    assert tcp(ends, "A", 1, 2, window)[16:18] == b"\0\0"
    theirs = TCP(sport=40001, dport=9103, flags="A", seq=1, ack=2, window=window)
    assert bytes(scapys(*FOUR) / theirs)[36:38] == b"\0\0"
