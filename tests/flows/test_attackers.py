"""Whoever may send any packet in anybody's name ends no silence that was one.

Each row of a catalogue of forged packets is put into a connection whose initiator sends no probe:
the silence stays, or the flow says that somebody writes into it.
"""

from __future__ import annotations

from itertools import product

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows import Flow

ENDS = {
    "IPv4": (Endpoint("10.0.0.33", 40001), Endpoint("10.0.0.10", 9101)),
    "IPv6": (Endpoint("2001:db8::33", 40001), Endpoint("2001:db8::10", 9101)),
}
TLS = bytes.fromhex("1603010005010000010016030100050100000100")
CLEARTEXT = b"\0\0\0\x10Hello fd3 calling"
SILENCE = 100

#: What is sent: flags, and payload.
FORGED = {
    "rst": ("R", b""),
    "rst-ack": ("RA", b""),
    "fin": ("FA", b""),
    "data": ("PA", b"0123456789"),
    "byte": ("A", b"0"),
    "ack": ("A", b""),
    "syn": ("S", b""),
    "syn-ack": ("SA", b""),
}
FEW = (0, 5000)
OFFSETS = (*FEW, -(1 << 29), -1, 1, 100, 65_000, 1 << 21, 1 << 29)
PLACES = ("before the SYN-ACK", "before the hello", "after the hello", "in the silence")


def put(tape: Tape, ends: list[Endpoint], kind: str, offset: int, ttl: int) -> None:
    flags, data = FORGED[kind]
    for end in ends:
        tape.ttl(ttl).stamps(None).segment(end, flags, data, shift=offset).ttl(64).stamps()
        tape.connection.halves[end].ident -= 1


def attacked(
    family: str,
    hello: bytes,
    place: str,
    ends: str,
    kind: str,
    offset: int,
    ttl: int,
    rate: int = 0,
) -> tuple[Flow, ...]:
    fd, director = ENDS[family]
    who = {"initiator": [fd], "acceptor": [director], "both": [fd, director]}[ends]

    def here(name: str) -> None:
        if name == place:
            put(tape, who, kind, offset, ttl)

    tape = Tape().clocks(rate).syn(fd, director)
    here(PLACES[0])
    tape.synack(director).ack()
    here(PLACES[1])
    tape.send(fd, hello).ack().send(director, hello[:7]).ack()
    here(PLACES[2])
    if place == PLACES[3]:
        tape.silence(SILENCE / 2)
        here(PLACES[3])
        tape.silence(SILENCE / 2)
    else:
        tape.silence(SILENCE)
    for _ in range(2):
        tape.send(fd, b"x" * 37).ack(director).send(director, b"y" * 37).ack().silence(SILENCE)
    return tape.follow().flows


def shows(flow: Flow) -> bool:
    fault = max(flow.initiator.longest_idle, flow.acceptor.unasked.idle) >= 0.95 * SILENCE * SECOND
    return fault or flow.tampering_count > 0


@pytest.mark.parametrize("ends", ["initiator", "acceptor", "both"])
@pytest.mark.parametrize("kind", FORGED)
@pytest.mark.parametrize(
    ("family", "hello", "ttl", "offsets"),
    [
        pytest.param("IPv4", TLS, 57, FEW, id="IPv4-TLS"),
        pytest.param("IPv6", CLEARTEXT, 64, FEW, id="IPv6-cleartext"),
        pytest.param("IPv4", CLEARTEXT, 64, OFFSETS, id="all", marks=pytest.mark.slow),
        pytest.param("IPv6", TLS, 57, OFFSETS, id="all-IPv6", marks=pytest.mark.slow),
    ],
)
def test_no_forged_packet_breaks_a_silence(
    family: str, hello: bytes, ttl: int, offsets: tuple[int, ...], kind: str, ends: str
) -> None:
    hidden = [
        (place, offset)
        for place, offset in product(PLACES, offsets)
        if not any(map(shows, attacked(family, hello, place, ends, kind, offset, ttl)))
    ]
    assert hidden == []


@pytest.mark.parametrize("ends", ["initiator", "acceptor", "both"])
@pytest.mark.parametrize(("family", "rate"), [("IPv4", 1000), ("IPv6", 100)])
def test_without_the_timestamps_of_its_side_no_forged_probe_nor_acknowledgement_counts(
    family: str, rate: int, ends: str
) -> None:
    kinds = product(PLACES[2:], ("ack", "byte"), (-1, 0))
    for place, kind, offset in kinds:
        flows = attacked(family, TLS, place, ends, kind, offset, 64, rate)
        assert all(map(shows, flows)), (place, kind, offset)
        assert not any(one.initiator.probes for one in flows)
