"""IP fragments by way of the filter: user space puts them together, and keeps no more of them."""

from __future__ import annotations

import pytest
from bpf_recording import MARKER
from bpf_thinner import BpfThinner
from cut_up import piece, tiny
from hello_wire import client_hello, handshake_of, keys, message, record
from tape import Endpoint, Frame, Tape

from auditor.evidence.packet import Packet
from auditor.flows import Flow, Identity, Transport

ENDS = {
    4: (Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)),
    6: (Endpoint("2001:db8::9", 40001), Endpoint("2001:db8::1", 9103)),
}
SIZES = pytest.mark.parametrize("size", [8, 16, 24, 48, 512])
FAMILIES = pytest.mark.parametrize("family", [4, 6])
SECOND = 1_000_000_000


def kept(tape: Tape, thinner: BpfThinner | None = None) -> list[Packet]:
    thinner = thinner or BpfThinner()
    return thinner.give(tape.frames) + thinner.flush()


def read(packets: list[Packet]) -> Flow:
    tape = Tape()
    tape.frames = [Frame(one.time, one.data, one.length) for one in packets]
    return tape.flow()


@SIZES
@FAMILIES
def test_a_hello_in_fragments_is_recorded(size: int, family: int) -> None:
    fd, sd = ENDS[family]
    tape = Tape().syn(fd, sd).synack().ack()
    tape.send(fd, record(client_hello(keys(b"R_CLIENT\x1efd3")))).ack()
    tape.send(sd, handshake_of("tls13-psk")[1]).ack()
    tape.silence(60).probe(fd).answer().fin(fd).fin(sd).ack()
    plain = read(kept(tape))
    assert plain.hello.identity == Identity("R_CLIENT", "fd3")
    cut_up = read(kept(tiny(tape, fd, size)))
    assert cut_up.hello == plain.hello
    assert [p.silence for p in cut_up.initiator.probes] == [
        p.silence for p in plain.initiator.probes
    ]
    assert cut_up.tampering_count == 0


@pytest.mark.parametrize("order", [1, -1])
@SIZES
def test_nothing_else_of_fragments_is_kept(size: int, order: int) -> None:
    """In the order of sight, and the last first; the secret comes with the hello and behind it."""
    fd, sd = ENDS[4]
    hello = message(b"Hello Client fd3 calling version 24\n")
    tape = Tape().syn(fd, sd).synack().ack()
    handshake, tape.frames = tape.frames, []
    tape.send(fd, hello + message(MARKER * 9)).send(fd, message(MARKER * 9)).ack()
    times = [frame.time for frame in tiny(tape, fd, size).frames]
    data = [frame.data for frame in tape.frames][::order]
    said = [Frame(time, one, len(one)) for time, one in zip(times, data, strict=True)]
    tape.frames = handshake + said
    packets = kept(tape)
    assert not [one for one in packets if MARKER[:8] in one.data]
    assert read(packets).hello.transport is Transport.CLEARTEXT


def test_of_data_behind_the_hello_only_the_first_fragment_is_looked_at() -> None:
    fd, sd = ENDS[4]
    tape = Tape().syn(fd, sd).synack().ack()
    for _ in range(60):
        tape.send(fd, bytes(1400)).ack()
    thinner = BpfThinner()
    packets = kept(tiny(tape, fd, 800), thinner)
    matched, _, lost = thinner.counters()
    assert lost == 0
    assert matched < 140  # three frames for each send and its acknowledgement, were all matched
    assert max(len(one.data) for one in packets) < 400


def test_a_flood_of_fragments_is_bounded_and_counted() -> None:
    """No verdict on older connections falls with it."""
    thinner = BpfThinner()
    frame = piece(4, 64, b"x" * 64)
    thinner.give(Frame(SECOND + k, frame, len(frame)) for k in range(5000))
    thinner.flush()
    assert thinner.counters()[2] == thinner.lost_new() == 5000 - 4096
