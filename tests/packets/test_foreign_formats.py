"""Formats of other tools are told by their magic numbers, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from decoding import SECOND, ethernet
from foreign import erf, snoop
from hypothesis import given, settings
from hypothesis import strategies as st
from pcapfile import Pcapng, pcap

from auditor.packets.foreign_formats import foreign_format

TIME = 1_700_000_000 * SECOND
PACKETS = [(TIME + n * SECOND, ethernet(b"x" * n)) for n in range(4)]
REST = bytes(100)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (snoop(PACKETS), "snoop"),
        (b"RTSS\1\1" + REST, "netmon"),
        (b"GMBU\0\2" + REST, "netmon"),
        (b"TRSNIFF data    \x1a" + REST, "ngsniffer"),
        (b"XCP\x00001.100\0" + REST, "netxray"),
        (b"VL\0\0" + REST, "netxray"),
        (b"\x05VNF" + REST, "visual"),
        (b"\xaa\xaa\xaa\xaa\x20\0" + REST, "5views"),
        (b"\x01\x10\x4c\x00\x01\x05Trace Display Traces" + REST, "lanalyzer"),
        (b"\x07\x10\x4c\x00\x01\x05Trace Display Traces" + REST, "lanalyzer"),
        (b"iptrace 1.0" + REST, "iptrace"),
        (b"iptrace 2.0" + REST, "iptrace"),
        (b"\x7fver\0" + REST, "peektagged"),
        (b"ObserverPktBufferVersion=15.00" + REST, "observer"),
        (b"TR\0d\0" + REST, "nettl"),
        (bytes.fromhex("ac01001c") + REST, "ixia"),
        (bytes.fromhex("1c0001ab") + REST, "ixia"),
        (erf(PACKETS), "erf"),
        (erf(PACKETS, kind=11), "erf"),
    ],
)
def test_each_has_its_magic_number(head, name):
    assert foreign_format(head) == name


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"snoop",
        b"snoop dogg\n" * 10,
        b"iptraceroute to 10.0.0.1\n" * 10,
        b"\x01\x10\x4c\x00" + REST,
        pcap(PACKETS),
        bytes(Pcapng().interface()),
        bytes(1000),
        b"\xff" * 1000,
        erf(PACKETS[:2]),
        erf([*PACKETS[:2], (TIME + 3 * 86_400 * SECOND, b"")]),
        erf((SECOND * n, b"") for n in range(4)),
        erf(PACKETS, kind=0),
        erf(PACKETS, kind=60),
    ],
)
def test_nothing_else_is_one(head):
    assert foreign_format(head) is None


@settings(max_examples=50, deadline=None)
@given(noise=st.binary(max_size=200))
def test_noise_is_none(noise):
    assert foreign_format(b"\0" + noise) is None


@settings(max_examples=50, deadline=None)
@given(text=st.text("0123 abcxyz\n\t", max_size=40), count=st.integers(1, 3000))
def test_text_is_none(text, count):
    assert foreign_format((text * count).encode()) is None
