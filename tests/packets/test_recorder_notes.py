"""A thinned capture is known by its mark, and what it says of itself is read back."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from capture_stage import fact
from hypothesis import given
from hypothesis import strategies as st
from tape import PORTS, SECOND, Endpoint, Tape
from thinning_stage import thinned

from auditor.evidence import blocks
from auditor.evidence.packet import Counters, Direction, Interface, Packet
from auditor.packets import CaptureInfo, Decoder
from auditor.packets import recorder_notes as room
from auditor.packets.drops import MAX_TOLD, drop_to_comment
from auditor.packets.pcapng_comments import (
    BACKWARDS,
    EXCERPT,
    LACKS,
    MAX_ADDRESSES,
    THINNED,
    UNREADABLE,
    addresses_to_comments,
    facts_to_comment,
    hole_to_comment,
    span_to_comment,
)
from auditor.packets.segments import Clock, Drop, UndecodedRun
from auditor.packets.undecoded_runs import run_to_comment

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
NOW = 1_800_000_000 * SECOND
FRAME = Tape().syn(FD, SD).frames[0].data


def section(*comments: str) -> bytes:
    return blocks.section("test", "", "", comments) + blocks.interface(Interface("eth0", 1), "", "")


def packet(*comments: str, direction: Direction = Direction.UNKNOWN) -> bytes:
    return blocks.packet(Packet(NOW, 0, FRAME, len(FRAME), direction), comments)


def statistics(*comments: str) -> bytes:
    return blocks.statistics(0, Counters(5, 5, 5, 0, 0), NOW, NOW, comments)


def read(*chunks: bytes) -> CaptureInfo:
    decoder = Decoder(PORTS)
    for chunk in chunks:
        for _ in decoder.feed(chunk):
            pass
    return decoder.finish()


def test_the_mark_makes_a_capture_thinned() -> None:
    info = read(section("something", THINNED), packet())
    assert info.thinned
    assert room.NOTE in info.notes


@pytest.mark.parametrize("comment", ["", "thin", f"{THINNED}0", f" {THINNED}"])
def test_nothing_else_does(comment: str) -> None:
    info = read(section(comment), packet())
    assert not info.thinned
    assert info.notes == ()


def test_facts_come_back_from_packets_and_statistics_each_once() -> None:
    one, two = fact(pid=1), fact(pid=2)
    line = facts_to_comment(one)
    first = packet("hello", line, direction=Direction.INBOUND)
    info = read(section(THINNED), first, packet(line), statistics(facts_to_comment(two)))
    assert info.facts == (one, two)
    assert (info.packets, info.segments) == (2, 2)


def test_facts_are_read_only_where_the_section_is_thinned() -> None:
    line = facts_to_comment(fact())
    assert read(section(), packet(line), statistics(line)).facts == ()
    assert read(section(THINNED), packet(), section(), packet(line)).facts == ()


def test_the_number_of_facts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_FACTS", 3)
    lines = [facts_to_comment(fact(pid=number)) for number in range(9)]
    info = read(section(THINNED), *map(packet, lines), statistics(*lines))
    assert [one.pid for one in info.facts] == [0, 1, 2]
    assert info.packets == 9


def test_what_the_full_capture_lacked_comes_back() -> None:
    info = read(section(THINNED), packet(), statistics(f"{LACKS}7 packets\x1b[2J"))
    (lack,) = info.lacks
    assert lack.startswith("7 packets")
    assert lack.isprintable()


def test_what_nobody_could_read_comes_back_and_lacks_nothing_else() -> None:
    lines = [f"{UNREADABLE}{number} packets\x1b[2J" for number in range(99)]
    info = read(section(THINNED), packet(), statistics(*lines))
    assert info.lacks == ()
    assert len(info.unreadable) == 16
    assert all(f"{k} packets" in one for k, one in enumerate(info.unreadable))
    assert "".join(info.unreadable).isprintable()


def test_a_recording_lasts_as_long_as_it_says() -> None:
    line = span_to_comment(NOW - SECOND, NOW + 9 * SECOND)
    info = read(section(THINNED), packet(), statistics(line))
    assert (info.first, info.last) == (NOW - SECOND, NOW + 9 * SECOND)
    info = read(section(), packet(), statistics(line))
    assert (info.first, info.last) == (NOW, NOW)


@pytest.mark.parametrize("span", ["2 1", "1", "a b", "1 2 ", f"0 {1 << 63}", "1 \u0662"])
def test_a_span_that_cannot_be_is_not_believed(span: str) -> None:
    info = read(section(THINNED), packet(), statistics(f"bareos-audit span {span}"))
    assert (info.first, info.last) == (NOW, NOW)


@pytest.mark.parametrize("hole", ["2 1", "1", "a b", "1 2 ", f"0 {1 << 63}"])
def test_a_hole_that_cannot_be_is_not_believed(hole: str) -> None:
    comments = [f"bareos-audit hole {hole}", hole_to_comment(NOW, NOW + 9)]
    info = read(section(THINNED), packet(), statistics(*comments))
    assert info.holes == ((NOW, NOW + 9),)
    assert (info.first, info.last) == (NOW, NOW)
    assert read(section(), packet(), statistics(*comments)).holes == ()


@given(st.lists(st.integers(0, 3000), max_size=12))
def test_it_does_not_matter_where_chunks_are_cut(cuts: list[int]) -> None:
    lines = [facts_to_comment(fact(pid=number)) for number in range(3)]
    whole = section(THINNED) + b"".join(map(packet, lines)) + statistics(*lines)
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(places)]
    assert read(*pieces) == read(whole)


@given(st.binary(max_size=60))
def test_no_options_of_a_packet_break_the_reading(options: bytes) -> None:
    options += bytes(-len(options) % 4)
    head = struct.pack("<IIIII", 0, NOW >> 32, NOW & 0xFFFFFFFF, len(FRAME), len(FRAME))
    body = head + FRAME + bytes(-len(FRAME) % 4) + options
    size = len(body) + 12
    block = struct.pack("<II", 6, size) + body + struct.pack("<I", size)
    info = read(section(THINNED), block, packet())
    assert (info.packets, info.facts, info.truncated) == (2, (), False)


def test_two_interfaces_keep_their_names_and_links() -> None:
    tape = Tape().syn(FD, SD).synack()
    ether, raw = tape.frames[0].data, tape.frames[1].data[14:]
    capture = section() + blocks.interface(Interface("tun0", 101), "", "")
    capture += blocks.packet(Packet(NOW, 0, ether, len(ether)))
    capture += blocks.packet(Packet(NOW + 1, 1, raw, len(raw)))
    decoder = Decoder(PORTS)
    (batch,) = decoder.feed(thinned(capture))
    assert [one[:2] for one in decoder.interfaces] == [("eth0", 1), ("tun0", 101)]
    assert batch.segments["interface"].tolist() == [0, 1]
    assert decoder.finish().undecoded == 0


def test_sections_share_an_interface_of_the_same_name_and_link() -> None:
    decoder = Decoder(PORTS)
    (batch,) = decoder.feed((section() + packet()) * 2)
    assert [one[:2] for one in decoder.interfaces] == [("eth0", 1)]
    assert batch.segments["interface"].tolist() == [0, 0]


def test_padding_of_a_short_frame_counts_as_its_trailer() -> None:
    padded = FRAME + bytes(6)
    decoder = Decoder(PORTS)
    (batch,) = decoder.feed(section() + blocks.packet(Packet(NOW, 0, padded, len(padded))))
    (row,) = batch.segments
    assert row["trailer"] == 6
    assert batch.buffer[row["frame"] : row["payload"]].tobytes() == FRAME


def test_the_addresses_of_the_host_come_back_each_once() -> None:
    known = addresses_to_comments(["10.0.0.31", "2001:db8::31"])
    info = read(section(THINNED, *known), statistics(*known))
    assert info.addresses == ("10.0.0.31", "2001:db8::31")
    assert read(section(THINNED)).addresses == ()


def test_no_file_names_more_addresses_than_a_host_has() -> None:
    lines = [
        "bareos-audit host " + " ".join(f"10.0.{line}.{one}" for one in range(10))
        for line in range(40)
    ]
    assert len(read(section(THINNED, *lines)).addresses) == MAX_ADDRESSES


def test_only_a_recording_of_ours_says_where_it_was_made() -> None:
    assert read(section("bareos-audit host 10.0.0.31")).addresses == ()


def test_comments_that_are_read_are_bounded(monkeypatch):
    monkeypatch.setattr(room, "MAX_COMMENTS", 3)
    notes = room.RecorderNotes()
    for number in range(3):
        assert not notes.full
        notes.comment(f"{LACKS}{number}")
    notes.comment(f"{LACKS}more")
    assert notes.full
    assert notes.lacks == ("0", "1", "2")


@pytest.mark.parametrize(
    ("text", "count"), [("12", 12), ("-1", 0), ("1e3", 0), ("\u0663", 0), ("9" * 30, 0), ("", 0)]
)
def test_that_the_clock_of_the_full_capture_ran_back_somewhere_is_read(
    text: str, count: int
) -> None:
    """So says evidence that does not say where."""
    decoder = Decoder(PORTS)
    list(decoder.feed(section(THINNED, f"{BACKWARDS}{text}") + packet()))
    assert decoder.finish().clock == Clock(late=count, beyond=int(count > 0))


def counted(interface: int, **counts: int) -> bytes:
    return blocks.statistics(interface, Counters(9, 9, 9, **counts), NOW, NOW)


def test_what_was_left_out_or_lost_of_new_connections_is_read_back() -> None:
    """Of each interface the last statistics hold; those of a further file are counted anew."""
    two = section(THINNED) + blocks.interface(Interface("eth1", 1), "", "")
    first = [
        counted(0, withheld=5, lost=7, lost_new=3),
        counted(0, withheld=40, lost=9, lost_new=4),
    ]
    info = read(
        two, *first, counted(1, withheld=2, lost=1), section(THINNED), counted(0, withheld=1)
    )
    assert (info.withheld, info.dropped, info.lost_new) == (43, 10, 4)
    note = "43 packets of connections over which nothing was said are not in the recording"
    assert any(one.startswith(note) for one in info.notes)


@pytest.mark.parametrize(
    "comment", ["withheld=x", "withheld=-1", "withheld=" + "9" * 19, "", "x" * 600]
)
def test_counters_that_are_none_are_passed_over(comment: str) -> None:
    info = read(section(THINNED), statistics(f"bareos-audit counters {comment}"))
    assert (info.withheld, info.lost_new) == (0, 0)


def test_only_statistics_count_and_only_in_a_recording_of_ours() -> None:
    line = "bareos-audit counters withheld=5 lost_new=5"
    assert read(section(THINNED, line), packet(line)).withheld == 0
    assert read(section(), statistics(line)).withheld == 0


def test_no_more_is_lost_of_new_connections_than_is_lost() -> None:
    info = read(section(THINNED), counted(0, lost=2, lost_new=99))
    assert (info.dropped, info.lost_new) == (2, 2)


def test_interfaces_that_are_counted_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_INTERFACES", 2)
    notes = room.RecorderNotes()
    for interface in (0, 1, 2, 0):
        notes.comment("bareos-audit counters withheld=5", interface)
    assert notes.counted("withheld") == 10


def test_notes_on_connections_are_read_once_each_and_within_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "MAX_FACTS", 2)
    lines = [
        f"bareos-audit flow from=10.0.0.1:{port} to=10.0.0.2:9102 started={NOW} by=syn"
        " transport=tls offered= version= is= tampering= count=0"
        for port in (1, 1, 2, 3)
    ]
    info = read(section(THINNED), packet(), statistics(*lines, lines[0] + " "))
    assert [note.initiator[1] for note in info.flow_notes] == [1, 2]


def test_an_excerpt_lacks_the_rest_whether_it_is_of_a_thinned_capture_or_not() -> None:
    for others in ((), (THINNED,)):
        info = read(section(*others, EXCERPT), packet(), section(), packet())
        assert info.lacks == ("it is an excerpt: only the packets of one finding are there",)
        assert info.thinned is bool(others)
    assert read(section(f"{EXCERPT}0"), packet(EXCERPT)).lacks == ()


def test_what_was_lost_and_what_could_not_be_decoded_is_read_back_within_bounds() -> None:
    drops = [Drop(NOW, NOW + number, 1) for number in range(3)]
    runs = [UndecodedRun("192.0.2.1", "", "ESP", NOW, NOW + number, 2) for number in (0, 1, 1)]
    said = [*map(drop_to_comment, drops), *map(run_to_comment, runs)]
    lost = Counters(5, 5, 5, 3, 0)
    block = blocks.statistics(0, lost, NOW, NOW, [*said, f"{said[0]} ", f"{said[3]}é"])
    info = read(section(THINNED), packet(), block)
    assert (info.drops, info.dropped) == (tuple(drops), 3)
    assert info.runs == tuple(runs[:2])
    several = blocks.statistics(0, Counters(), NOW, NOW, map(drop_to_comment, drops * 20))
    assert len(read(section(THINNED), packet(), several * 80, block).drops) == MAX_TOLD
