"""A thinned capture as a file: what goes in comes out of our own reader, and is said once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from capture_stage import START, fact, packet

from auditor.evidence import blocks
from auditor.evidence.packet import Counters, Interface
from auditor.evidence.pcapng_file import Evidence
from auditor.packets import CaptureInfo, Decoder
from auditor.packets.segments import CapturedOn

ETH0, ANY = CapturedOn("eth0", 1), CapturedOn("any", 276)
FILTER = "tcp port 9103"


@pytest.fixture
def file() -> list[bytes]:
    return []


@pytest.fixture
def evidence(file: list[bytes]) -> Evidence:
    return Evidence(file.append, FILTER)


def info(first: int | None = START, last: int | None = START + 9) -> CaptureInfo:
    return CaptureInfo("full.pcap", "pcap", "file", "Ethernet", first=first, last=last)


def read(file: list[bytes]) -> CaptureInfo:
    decoder = Decoder([9103])
    for _ in decoder.feed(b"".join(file)):
        pass
    return decoder.finish()


def test_an_interface_is_described_once_and_before_its_packets(
    evidence: Evidence, file: list[bytes]
) -> None:
    evidence.describe((ETH0,))
    evidence.describe((ETH0,))
    evidence.add([packet()])
    evidence.describe((ETH0, ANY))
    evidence.describe(())  # a capture's next file may know of fewer so far
    evidence.describe((ETH0, ANY))
    evidence.end(info(None, None), Counters(), [])
    described = [blocks.interface(Interface(*one[:2]), FILTER, "") for one in (ETH0, ANY)]
    assert b"".join(file).endswith(described[0] + blocks.packet(packet()) + described[1])


def test_the_file_says_what_it_is_even_if_nothing_follows(
    evidence: Evidence, file: list[bytes]
) -> None:
    evidence.end(info(None, None), Counters(), ["no packet that could be read"])
    found = read(file)
    assert found.thinned
    assert (found.packets, found.first, found.last) == (0, None, None)
    assert found.lacks == ("no packet that could be read",)


def test_a_reader_learns_the_span_the_losses_and_the_sockets(
    evidence: Evidence, file: list[bytes]
) -> None:
    evidence.describe((ETH0,))
    evidence.add([packet(3)])
    full = CaptureInfo("x", "pcap", "file", "Ethernet", first=1, last=START + 5, facts=(fact(),))
    evidence.end(full, Counters(9, 8, 7, 2, 3), ["one thing", "another"])
    found = read(file)
    assert (found.first, found.last) == (1, START + 3_000_000)  # a packet lies after the span
    assert (found.packets, found.dropped) == (1, 2 + 3)
    assert found.lacks == ("one thing", "another")
    assert found.facts == (fact(),)


def test_bytes_and_packets_are_counted_as_they_are_written(
    evidence: Evidence, file: list[bytes]
) -> None:
    evidence.describe((ETH0,))
    evidence.add([packet(1), packet(2)])
    evidence.end(info(), Counters(), [])
    assert evidence.packets == 2
    assert evidence.bytes_written == len(b"".join(file))


@pytest.mark.parametrize("count", [0, 1, 1024, 3000])
def test_times_in_which_nobody_recorded_come_back(
    count: int, evidence: Evidence, file: list[bytes]
) -> None:
    """Of more than are read the last spans all that are beyond."""
    holes = tuple((START + 10 * n, START + 10 * n + 5) for n in range(count))
    evidence.end(replace(info(), holes=holes), Counters(), [])
    found = read(file).holes
    assert found[:1023] == holes[:1023]
    assert len(found) == min(count, 1024)
    assert not count or found[-1][1] == holes[-1][1]
