"""ICMP errors become rows about the segments that they quote; other messages are left out."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from pcapfile import pcap
from tape import PORTS, Endpoint, Tape

from auditor.packets import Decoder
from auditor.packets.icmp import ICMP_ERROR, VERSION_6

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
FD6, SD6 = Endpoint("2001:db8::31", 50001), Endpoint("2001:db8::20", 9102)
ROUTER, ROUTER6 = "10.0.0.1", "2001:db8::1"


def error(
    kind: int = 3, code: int = 10, *, ends: tuple[Endpoint, Endpoint] = (FD, SD), **more: int
) -> bytes:
    """Return the frame of an ICMP error that quotes a SYN."""
    router = ROUTER6 if ":" in ends[0].address else ROUTER
    return Tape().syn(*ends, isn=7000).error(router, kind, code, **more).frames[-1].data


def rows(frame: bytes, ports: frozenset[int] = PORTS) -> tuple[list[Any], Any, Any]:
    """Return the rows of one frame, their buffer, and the account of the capture."""
    decoder = Decoder(ports)
    found = [(row, b.buffer) for b in decoder.feed(pcap([(0, frame)])) for row in b.segments.copy()]
    return [row for row, _ in found], found[0][1] if found else None, decoder.finish()


def test_an_error_has_the_ends_and_the_number_of_what_it_quotes() -> None:
    (row,), buffer, info = rows(error(3, 10))
    assert (row["sport"], row["dport"], row["seq"]) == (40001, 9103, 7000)
    assert (row["src_lo"] & 0xFFFFFFFF, row["dst_lo"] & 0xFFFFFFFF) == (0x0A00001F, 0x0A000014)
    assert row["ident"] == ICMP_ERROR | 3 << 8 | 10
    assert (row["length"], row["flags"]) == (0, 0)
    assert bytes(buffer[row["ack"] + 12 : row["ack"] + 16]) == bytes([10, 0, 0, 1])
    assert (info.packets, info.segments, info.undecoded) == (1, 0, 0)


def test_so_has_one_of_icmpv6() -> None:
    (row,), buffer, _ = rows(error(1, 5, ends=(FD6, SD6)))
    assert (row["sport"], row["dport"], row["seq"]) == (50001, 9102, 7000)
    assert row["ident"] == ICMP_ERROR | VERSION_6 | 1 << 8 | 5
    assert (row["src_lo"], row["dst_lo"]) == (0x31, 0x20)
    assert bytes(buffer[row["ack"] + 8 : row["ack"] + 24])[-1] == 1


@pytest.mark.parametrize(
    ("kind", "code", "mtu", "named"),
    [(3, 4, 1400, 1400), (3, 1, 1400, 0), (3, 4, 0, 0)],
)
def test_only_fragmentation_needed_names_an_mtu(kind: int, code: int, mtu: int, named: int) -> None:
    (row,), _, _ = rows(error(kind, code, mtu=mtu))
    assert row["window"] == named


@pytest.mark.parametrize(("mtu", "named"), [(1280, 1280), (1 << 20, 0xFFFF)])
def test_packet_too_big_names_one_too(mtu: int, named: int) -> None:
    (row,), _, _ = rows(error(2, 0, mtu=mtu, ends=(FD6, SD6)))
    assert (row["window"], row["captured"]) == (named, 72)


@pytest.mark.parametrize("kind", [0, 5, 8, 13])
def test_other_messages_are_nothing_to_us(kind: int) -> None:
    assert rows(error(kind, 0))[0] == []
    assert rows(error(128 + kind, 0, ends=(FD6, SD6)))[0] == []


def test_an_error_about_other_ports_is_nothing_to_us() -> None:
    assert rows(error(), frozenset({22}))[0] == []


@pytest.mark.parametrize("ends", [(FD, SD), (FD6, SD6)], ids=["IPv4", "IPv6"])
def test_a_quotation_that_is_cut_before_the_number_is_none(
    ends: tuple[Endpoint, Endpoint],
) -> None:
    kind, code = (3, 3) if ends == (FD, SD) else (1, 4)
    for quote in range(20):
        assert len(rows(error(kind, code, quote=quote, ends=ends))[0]) == (quote >= 8), quote


@pytest.mark.parametrize("ends", [(FD, SD), (FD6, SD6)], ids=["IPv4", "IPv6"])
def test_no_length_of_the_capture_or_the_packet_breaks_anything(
    ends: tuple[Endpoint, Endpoint],
) -> None:
    frame = error(3 if ends == (FD, SD) else 1, 1, ends=ends, quote=32)
    for size in range(len(frame)):
        decoder = Decoder(PORTS)
        assert [len(b.segments) for b in decoder.feed(pcap([(0, frame)], snaplen=size))] in (
            [],
            [1],
        )
    for at in range(14, len(frame)):
        for value in (0, 0x0F, 0x40, 0xFF):
            changed = frame[:at] + bytes([value]) + frame[at + 1 :]
            assert len(rows(changed)[0]) <= 1


def test_behind_vlan_tags_it_is_found_as_well() -> None:
    frame = error()
    assert len(rows(frame[:12] + bytes.fromhex("8100000a8100000b") + frame[12:])[0]) == 1


def test_a_fragment_of_an_error_is_none() -> None:
    frame = bytearray(error())
    frame[20] |= 0x20  # more fragments follow
    assert rows(bytes(frame))[0] == []


def test_tshark_reads_the_same(tmp_path: Path) -> None:
    tape = (
        Tape()
        .syn(FD, SD)
        .error(ROUTER, 3, 10, quote=32)
        .syn(FD, SD)
        .error(ROUTER, 3, 4, mtu=1400, quote=32)
    )
    tape.syn(FD6, SD6).error(ROUTER6, 1, 6, quote=32).syn(FD6, SD6).error(
        ROUTER6, 2, 0, mtu=1280, quote=20
    )
    capture = tmp_path / "errors.pcap"
    capture.write_bytes(tape.pcap())
    fields = ("icmp.type", "icmp.code", "icmp.mtu", "icmpv6.type", "icmpv6.code", "icmpv6.mtu")
    wanted = [word for name in (*fields, "tcp.srcport", "tcp.dstport") for word in ("-e", name)]
    command = ["tshark", "-n", "-r", str(capture), "-Y", "icmp or icmpv6", "-T", "fields", *wanted]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    theirs = []
    for line in said.splitlines():
        kind, code, mtu, kind6, code6, mtu6, source, target = line.split("\t")
        theirs.append(
            (int(kind or kind6), int(code or code6), int(mtu or mtu6 or 0), source, target)
        )
    (batch,) = Decoder(PORTS).feed(tape.pcap())
    ours = [
        (int(kind) >> 8 & 255, int(kind) & 255, int(mtu), str(source), str(target))
        for kind, mtu, source, target in batch.segments[["ident", "window", "sport", "dport"]]
        if kind & ICMP_ERROR
    ]
    assert len(ours) == 4
    assert ours == theirs
