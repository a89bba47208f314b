"""Options that anybody may write are blanked, and those that audits read stay (P8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, IPOption
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, PadN
from scapy.layers.l2 import Dot1Q, Ether
from tape import PORTS, Endpoint, Tape

from auditor.evidence.header_options import without_options
from auditor.packets import Decoder
from auditor.packets.link_types import ETHERNET, RAW

SECRET = b"SECRET-file-data"
KNOWN = [
    [],
    [("NOP", None), ("NOP", None), ("Timestamp", (1, 2))],
    [("MSS", 1460), ("SAckOK", b""), ("NOP", None), ("WScale", 7)],
    [("MSS", 1460), ("EOL", None)],
]


def frame(options: object, network: object = None) -> bytes:
    network = network or IP(src="10.0.0.1", dst="10.0.0.2")
    return bytes(Ether() / network / TCP(sport=9102, options=options))


@pytest.mark.parametrize("options", KNOWN)
@pytest.mark.parametrize("network", [IP(dst="10.0.0.2"), IPv6(dst="::2")])
def test_what_audits_read_stays(options: object, network: object) -> None:
    assert without_options(ETHERNET, frame(options, network)) == frame(options, network)


@pytest.mark.parametrize(
    "options",
    [
        [(253, SECRET)],
        [("Timestamp", (1, 2)), (34, SECRET)],
        [("NOP", None), ("NOP", None), (8, SECRET)],
        [("EOL", None), (253, SECRET)],
        [("MSS", 1460), (5, SECRET)],
    ],
)
def test_all_else_is_blanked(options: object) -> None:
    data = frame(options)
    found = without_options(ETHERNET, data)
    assert (SECRET in data, SECRET in found, len(found)) == (True, False, len(data))
    assert IP(found[14:])[TCP].chksum == IP(bytes(_again(found)))[TCP].chksum
    assert without_options(ETHERNET, found) == found


def _again(found: bytes) -> IP:
    packet = IP(found[14:])
    del packet[TCP].chksum
    return packet


def test_options_of_both_versions_of_ip_are_blanked() -> None:
    four = IP(dst="10.0.0.2", options=[IPOption(b"\x88\x12" + SECRET)])
    six = IPv6(dst="::2") / IPv6ExtHdrDestOpt(options=[PadN(optdata=SECRET)])
    for network in (four, six):
        data = frame(KNOWN[1], network)
        found = without_options(ETHERNET, data)
        assert (SECRET in data, SECRET in found, len(found)) == (True, False, len(data))
        assert found.endswith(data[-32:])
    packet = IP(without_options(ETHERNET, frame([], four))[14:])
    stored = packet.chksum
    del packet.chksum
    assert IP(bytes(packet)).chksum == stored


def test_tags_and_other_links_are_stepped_over() -> None:
    inner = IP(dst="10.0.0.2") / TCP(options=[(253, SECRET)])
    for link, data in ((ETHERNET, bytes(Ether() / Dot1Q() / inner)), (RAW, bytes(inner))):
        assert SECRET not in without_options(link, data)


def test_what_an_icmp_error_quotes_has_none_either() -> None:
    tape = Tape().syn(Endpoint("10.0.0.1", 4), Endpoint("10.0.0.2", 9102))
    tape.error("10.0.0.9", 3, 1, quote=40)
    data = tape.frames[-1].data.replace(b"\x04\x02\x01\x03", b"\xfd\x08SE")
    assert b"SE" in data
    assert b"SE" not in without_options(ETHERNET, data)


@given(st.binary(max_size=120), st.sampled_from([ETHERNET, RAW, 0, 113, 276, 9999]))
def test_whatever_it_is_it_keeps_its_size(data: bytes, link: int) -> None:
    assert len(without_options(link, data)) == len(data)


@given(st.binary(max_size=40))
def test_a_segment_says_the_same_without(options: bytes) -> None:
    options += bytes(-len(options) % 4)
    base = bytearray(frame([]) + options)
    base[46] = 80 + 16 * (len(options) // 4) & 0xFF
    base[16:18] = (len(base) - 14).to_bytes(2, "big")
    found = without_options(ETHERNET, bytes(base))
    assert found[:50] == bytes(base)[:50]
    tape = Tape().syn(Endpoint("10.0.0.1", 4), Endpoint("10.0.0.2", 9102))
    assert list(Decoder(PORTS).feed(tape.pcap()))
