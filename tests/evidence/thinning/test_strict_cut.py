"""What the kernel hands over is cut to what may be kept, and every header stays."""

from __future__ import annotations

import pytest
from hello_wire import client_hello, message, record
from paths import CAPTURES
from tape import PORTS, SECOND, Endpoint, Tape
from thinning_stage import kept

from auditor.evidence.packet import Direction, Interface, Packet
from auditor.evidence.thinning.strict_cut import StrictCut
from auditor.packets.link_types import ETHERNET

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
SECRET = b"SECRET-file-data"
ONE = (Interface("eth0", ETHERNET),)


def handed_over(tape: Tape, interface: int = 0) -> list[Packet]:
    """Return all of a tape, as a filter would that keeps too much."""
    return [
        Packet(frame.time, interface, frame.data, frame.wire, Direction.INBOUND, f"number {number}")
        for number, frame in enumerate(tape.frames)
    ]


def opened() -> Tape:
    return Tape().syn(FD, SD).synack().ack()


def test_every_header_stays_and_payload_is_cut() -> None:
    hello = record(client_hello())
    tape = opened().send(FD, hello + message(SECRET)).ack().send(SD, SECRET).ack()
    packets = handed_over(tape)
    cut = StrictCut(PORTS, ONE)
    found = cut.feed(packets, tape.now) + cut.flush()
    assert [packet.time for packet in found] == [packet.time for packet in packets]
    assert SECRET not in b"".join(packet.data for packet in found)
    assert hello in found[3].data
    assert [packet.length for packet in found] == [packet.length for packet in packets]


def test_direction_and_comment_stay() -> None:
    packets = handed_over(opened())
    cut = StrictCut(PORTS, ONE)
    assert cut.feed(packets, packets[-1].time) == packets
    assert cut.flush() == []


def test_what_waits_for_its_end_waits_half_a_second() -> None:
    hello = record(client_hello())
    tape = opened().send(FD, hello[:30])
    packets = handed_over(tape)
    cut = StrictCut(PORTS, ONE)
    assert len(cut.feed(packets, tape.now)) == 3
    assert len(cut.feed([], tape.now + SECOND // 4)) == 0
    (last,) = cut.feed([], tape.now + SECOND * 3 // 4)
    assert last.data.endswith(hello[:9])


def test_interfaces_are_followed_apart_and_put_in_order() -> None:
    """The same connection, seen on both: each has its own."""
    tape = opened().send(FD, message(b"Hello Director x calling\n")).ack()
    both = sorted(handed_over(tape) + handed_over(tape, 1), key=lambda packet: packet.time)
    cut = StrictCut(PORTS, (*ONE, Interface("eth1", ETHERNET)))
    found = cut.feed(both, tape.now) + cut.flush()
    assert [(packet.time, packet.interface) for packet in found] == [
        (packet.time, packet.interface) for packet in both
    ]


def test_what_is_none_of_ours_goes_no_further() -> None:
    tape = opened().error("10.77.0.1", 3, 1).other().syn(FD, Endpoint("10.77.0.20", 22))
    cut = StrictCut(PORTS, ONE)
    assert len(cut.feed(handed_over(tape), tape.now)) == 4


def test_at_the_bound_what_is_lost_is_counted() -> None:
    tape = opened().syn(Endpoint("10.77.0.32", 4), SD).synack().ack()
    cut = StrictCut(PORTS, ONE, max_flows=1)
    cut.feed(handed_over(tape), tape.now)
    assert cut.lost(0) == 3


@pytest.mark.parametrize("recording", ["trouble", "refusals", "forgets-no-beat"])
def test_a_thinned_recording_is_as_before(recording: str) -> None:
    """All that was kept once may be kept."""
    packets = kept([(CAPTURES / recording / "capture.pcap").read_bytes()])
    cut = StrictCut(PORTS, ONE)
    found = [one for packet in packets for one in cut.feed([packet], packet.time)] + cut.flush()
    assert found == packets
