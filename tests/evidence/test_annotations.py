"""Facts go beside the packets they are about, and none is lost."""

from __future__ import annotations

import pytest
from capture_stage import START, fact, frame, packet

from auditor.evidence.annotations import WAIT_NS, Annotations
from auditor.packets.pcapng_comments import facts_to_comment

_SYN_ACK = frame("10.0.0.20", 9103, "10.0.0.31", 40000, "SA")


def test_a_fact_goes_onto_the_next_packet_of_its_flow_and_only_there():
    annotations = Annotations()
    annotations.add([fact()])
    other = packet(data=frame("10.0.0.99", 1, "10.0.0.20", 9103))
    assert annotations.for_packet(1, other) == ([], 0)
    assert annotations.for_packet(1, packet()) == ([facts_to_comment(fact())], 711)
    assert annotations.for_packet(1, packet())[0] == []


def test_the_process_stays_known_for_later_packets_in_both_directions():
    annotations = Annotations()
    annotations.add([fact()])
    annotations.for_packet(1, packet())
    assert annotations.for_packet(1, packet(data=_SYN_ACK)) == ([], 711)


def test_with_both_ends_here_the_sender_owns_the_packet():
    annotations = Annotations()
    there = fact(local=("10.0.0.20", 9103), remote=("10.0.0.31", 40000), pid=712)
    annotations.add([fact(), there])
    comments, pid = annotations.for_packet(1, packet())
    assert len(comments) == 2 and pid == 711
    assert annotations.for_packet(1, packet(data=_SYN_ACK))[1] == 712


def test_a_dual_stack_sockets_fact_finds_its_ipv4_packet():
    annotations = Annotations()
    annotations.add([fact(local=("::ffff:10.0.0.31", 40000), remote=("::ffff:10.0.0.20", 9103))])
    assert annotations.for_packet(1, packet())[1] == 711


def test_a_fact_without_a_packet_stands_alone_after_a_while():
    annotations = Annotations()
    annotations.add([fact()])
    assert annotations.without_packet(START + WAIT_NS - WAIT_NS) == []
    assert annotations.without_packet(START + 1) == [facts_to_comment(fact())]
    assert annotations.for_packet(1, packet())[0] == []


def test_at_the_end_every_fact_is_written():
    annotations = Annotations()
    several = [fact(pid=pid) for pid in range(1, 12)]
    annotations.add(several)
    comments, _ = annotations.for_packet(1, packet())
    assert sorted(comments + annotations.without_packet()) == sorted(map(facts_to_comment, several))


def test_a_new_file_repeats_what_holds_for_open_connections_only():
    annotations = Annotations()
    annotations.add([fact(), fact(state="ESTABLISHED")])
    assert annotations.for_new_file() == [facts_to_comment(fact(state="ESTABLISHED"))]
    annotations.add([fact(state="CLOSE")])
    assert annotations.for_new_file() == []


def closing(flags: str, *, back: bool = False):
    ends = ("10.0.0.31", 40000, "10.0.0.20", 9103)
    ends = ends[2:] + ends[:2] if back else ends
    return packet(data=frame(*ends, flags))


@pytest.mark.parametrize(
    ("packets", "open_"),
    [
        ([closing("FA")], True),  # half closed: the other side may go on for hours
        ([closing("FA"), closing("FA")], True),
        ([closing("FA"), closing("FA", back=True)], False),
        ([closing("R")], False),
        ([closing("RA", back=True)], False),
    ],
)
def test_a_connection_that_ended_is_not_repeated_in_the_next_file(packets, open_):
    """Nobody reports its socket once more: there it would be one that stays silent."""
    annotations = Annotations()
    annotations.add([fact(state="ESTABLISHED")])
    for one in packets:
        annotations.for_packet(1, one)
    assert bool(annotations.for_new_file()) == open_


def test_the_same_ports_once_more_are_another_connection():
    annotations = Annotations()
    annotations.add([fact(state="ESTABLISHED")])
    annotations.for_packet(1, closing("FA"))
    annotations.add([fact(state="ESTABLISHED", pid=712)])
    annotations.for_packet(1, closing("FA", back=True))
    assert len(annotations.for_new_file()) == 1
