"""The pcapng format."""

from __future__ import annotations

from collections import Counter

import pytest
from decoding import SECOND, ethernet, ipv4, only, seen
from hypothesis import given, settings
from hypothesis import strategies as st
from pcapfile import RAW, Pcapng

from auditor.errors import CaptureError
from auditor.packets import interfaces, pcapng
from auditor.packets.pcapng import PcapngScanner

MICROSECONDS = 1_700_000_000_123_456
TIME = MICROSECONDS * 1000
BOTH = pytest.mark.parametrize("order", ["big", "little"])


@BOTH
def test_an_enhanced_packet_block_is_read_in_either_byte_order(order):
    file = Pcapng(order).interface().enhanced(MICROSECONDS, ethernet(b"hello"))
    segment = only(bytes(file))
    assert (segment.time, segment.payload) == (TIME, b"hello")


@BOTH
def test_an_obsolete_packet_block_is_read_with_its_16_bit_interface(order):
    file = (
        Pcapng(order).interface(147).interface().obsolete(MICROSECONDS, ethernet(b"x"), interface=1)
    )
    segment = only(bytes(file))
    assert (segment.time, segment.payload) == (TIME, b"x")


@BOTH
def test_a_simple_packet_block_gets_the_time_of_the_packet_before_it_and_a_note(order):
    file = Pcapng(order).interface()
    file.simple(ethernet(b"a")).enhanced(MICROSECONDS, ethernet(b"b")).simple(ethernet(b"c"))
    segments, info = seen([bytes(file)])
    assert [(s.time, s.payload) for s in segments] == [(0, b"a"), (TIME, b"b"), (TIME, b"c")]
    assert (info.first, info.last) == (TIME, TIME)
    assert info.notes[0].startswith("2 packets carry no time")


def test_a_simple_packet_is_cut_to_the_snap_length_not_to_its_padding():
    whole = ethernet(b"0123456789")
    cut = whole[:-3]
    file = Pcapng().interface(snaplen=len(cut)).simple(cut, wire=len(whole))
    segment = only(bytes(file))
    assert (segment.length, segment.payload) == (10, b"0123456")


@BOTH
@pytest.mark.parametrize(
    ("tsresol", "ticks", "time"),
    [
        (0, 1_700_000_000, 1_700_000_000 * SECOND),
        (3, 1_700_000_000_123, 1_700_000_000_123_000_000),
        (6, MICROSECONDS, TIME),
        (9, TIME + 1, TIME + 1),
        (12, 5_000_000_999_000, 5_000_000_999),
        (0x80, 1_700_000_000, 1_700_000_000 * SECOND),
        (0x80 | 10, 1_700_000_000 * 1024 + 512, 1_700_000_000 * SECOND + SECOND // 2),
        (0x80 | 32, (1_700_000_000 << 32) + (1 << 30), 1_700_000_000 * SECOND + SECOND // 4),
        (0x80 | 32, (2_200_000_000 << 32) + (1 << 31), 2_200_000_000 * SECOND + SECOND // 2),
        (0x80 | 40, (1_000_000 << 40) + (1 << 39), 1_000_000 * SECOND + SECOND // 2),
        (0x80 | 63, 1 << 62, SECOND // 2),
    ],
)
def test_ticks_become_nanoseconds_in_any_resolution(order, tsresol, ticks, time):
    file = Pcapng(order).interface(tsresol=tsresol).enhanced(ticks, ethernet())
    assert only(bytes(file)).time == time


@pytest.mark.parametrize("tsresol", [0, 6, 9, 0x7F, 0x80, 0x81, 0xA0, 0xC0, 0xFF])
@pytest.mark.parametrize("tsoffset", [-(1 << 63), 0, (1 << 63) - 1])
def test_times_that_cannot_be_are_clamped_and_never_overflow(tsresol, tsoffset):
    file = Pcapng().interface(tsresol=tsresol, tsoffset=tsoffset)
    for ticks in (0, 1 << 31, 1 << 62, 1 << 63, (1 << 64) - 1):
        file.enhanced(ticks, ethernet())
    segments, info = seen([bytes(file)])
    times = [s.time for s in segments]
    assert times == sorted(times)
    assert info.clock.late == 0


@BOTH
def test_the_time_offset_of_an_interface_is_added(order):
    file = Pcapng(order).interface(tsoffset=-3600).enhanced(MICROSECONDS, ethernet())
    assert only(bytes(file)).time == TIME - 3600 * SECOND


def test_each_interface_has_its_own_link_type_and_resolution():
    file = Pcapng().interface(tsresol=9).interface(RAW, tsresol=6)
    file.enhanced(TIME, ethernet(b"a"), interface=0)
    file.enhanced(MICROSECONDS + 1, bytes(ipv4(b"b")), interface=1)
    segments, info = seen([bytes(file)])
    assert [(s.time, s.payload) for s in segments] == [(TIME, b"a"), (TIME + 1000, b"b")]
    assert info.link == "Ethernet, Raw IP"


def test_sections_of_different_byte_order_each_describe_their_own_interfaces():
    file = Pcapng("little").interface(tsresol=9).enhanced(TIME, ethernet(b"a"))
    file.section("big").interface(RAW).enhanced(MICROSECONDS, bytes(ipv4(b"b")))
    file.section("little").enhanced(MICROSECONDS, ethernet(b"c"))  # of an interface never described
    segments, info = seen([bytes(file)])
    assert [(s.time, s.payload) for s in segments] == [(TIME, b"a"), (TIME, b"b")]
    assert (info.packets, info.undecoded) == (3, 1)


def test_the_last_statistics_of_each_interface_are_summed_over_interfaces_and_sections():
    file = Pcapng().interface().interface()
    file.statistics(0, ifdrop=1, osdrop=1).statistics(1, ifdrop=None, osdrop=7)
    file.statistics(0, ifdrop=10, osdrop=20).statistics(5, ifdrop=1000, osdrop=1000)
    file.section("big").interface().statistics(0, ifdrop=100, osdrop=None)
    assert seen([bytes(file)])[1].dropped == 10 + 20 + 7 + 100


@BOTH
@pytest.mark.parametrize("count", [1 << 32, (1 << 62) - 1, 1 << 62, 1 << 63, (1 << 64) - 1])
def test_a_count_of_lost_packets_that_no_wire_has_is_shown_as_the_largest(order, count):
    file = Pcapng(order).interface().statistics(0, ifdrop=count, osdrop=None)
    assert seen([bytes(file)])[1].dropped == min(count, (1 << 62) - 1)
    file.interface().statistics(1, ifdrop=None, osdrop=count)
    for _ in range(3):
        file.section(order).interface().statistics(0, ifdrop=count, osdrop=count)
    dropped = seen([bytes(file)])[1].dropped
    assert dropped is not None and 0 < dropped < 1 << 63


@BOTH
@pytest.mark.parametrize(
    "tail", [b"", b"\x05", bytes(4), b"\xff" * 4, b"\x05\x00\x09\x00" * 2, b"\0\1\0\1x\0\0\0"]
)
def test_statistics_are_read_as_far_as_they_are_whole(order, tail):
    file = Pcapng(order).interface()
    lost = file.option(5, (7).to_bytes(8, order))
    for head in (b"", bytes(4), bytes(8), bytes(12)):
        file.block(5, head + tail)
    assert seen([bytes(file)])[1].dropped is None
    assert seen([bytes(file.block(5, bytes(12) + lost + tail))])[1].dropped == 7


def test_sections_and_interfaces_of_a_file_are_bounded(monkeypatch):
    monkeypatch.setattr(pcapng, "MAX_DESCRIBED", 6)
    file = Pcapng().interface().enhanced(MICROSECONDS, ethernet(b"a"))
    file.section("big").interface().interface().interface().enhanced(MICROSECONDS, ethernet(b"b"))
    segments, info = seen([bytes(file)])
    assert (len(segments), info.truncated) == (2, False)
    segments, info = seen([bytes(file.interface().enhanced(MICROSECONDS, ethernet(b"c")))])
    assert (len(segments), info.truncated) == (2, True)
    why = "more than 6 sections and interfaces"
    assert info.notes == (f"It has {why}: what follows them was not read.",)
    assert info.unread == f"the file was not read to its end: it has {why}"


def test_a_damaged_block_is_told_from_a_file_that_ends_early():
    whole = bytes(Pcapng().interface().enhanced(MICROSECONDS, ethernet(b"a")))
    damaged = whole + b"\x0a\x0d\x0d\x0a\xff\xff\xff\xff" + whole[8:]
    told = {name: seen([data])[1] for name, data in {"cut": whole[:-3], "bad": damaged}.items()}
    assert (told["cut"].truncated, told["cut"].unread) == (True, "")
    assert told["bad"].truncated
    assert told["bad"].unread == "the file was not read to its end: a record in it is damaged"


def test_statistics_take_python_no_time(monkeypatch):
    """Forty megabytes of them took 25 s: each block went through Python."""
    asked = []
    control = PcapngScanner._control
    monkeypatch.setattr(PcapngScanner, "_control", lambda *args: asked.append(1) or control(*args))
    file = Pcapng().interface()
    for number in range(1000):
        file.statistics(0, ifdrop=number, osdrop=None)
    assert seen([bytes(file)])[1].dropped == 999
    assert len(asked) == 2


def test_a_new_link_type_in_each_section_makes_none_of_them_dearer(monkeypatch):
    """The counts of all that was skipped were copied at each section."""
    copied = []
    monkeypatch.setattr(interfaces.Counter, "copy", lambda self: copied.append(1) or Counter(self))
    file = Pcapng()
    for link in range(300, 400):
        file.section("little").interface(link).enhanced(MICROSECONDS, b"x")
    assert len(seen([bytes(file)])[1].notes) == 8
    assert len(copied) < 5


def test_without_drop_statistics_nothing_is_said_of_drops_and_zero_is_a_statement():
    file = Pcapng().interface().statistics(0, ifdrop=None, osdrop=None)
    assert seen([bytes(file)])[1].dropped is None
    assert seen([bytes(file.statistics(0, ifdrop=0, osdrop=None))])[1].dropped == 0


def test_the_program_that_wrote_the_capture_is_named_without_its_control_characters():
    assert seen([bytes(Pcapng(application="Dumpcap 4.2"))])[1].backend == "Dumpcap 4.2"
    assert seen([bytes(Pcapng(application="a\x1b[31mb"))])[1].backend == "a?[31mb"
    assert seen([bytes(Pcapng())])[1].backend == "file"


def test_unknown_blocks_are_skipped():
    file = Pcapng().interface().block(4, b"names").block(0x0BAD, bytes(1001))
    assert only(bytes(file.enhanced(MICROSECONDS, ethernet(b"x")))).payload == b"x"


def test_packets_of_an_unsupported_link_type_are_counted_and_the_type_is_named():
    file = Pcapng().interface(147).interface(148).interface()
    file.enhanced(MICROSECONDS, ethernet()).enhanced(MICROSECONDS, ethernet(b"x"), interface=2)
    segments, info = seen([bytes(file)])
    assert [s.payload for s in segments] == [b"x"]
    assert (info.packets, info.undecoded) == (2, 1)
    assert info.notes == ("1 packets of link type 147 cannot be decoded.",)


def test_more_interfaces_than_any_machine_has_are_ignored_with_a_note():
    file = Pcapng()
    for _ in range(1025):
        file.interface()
    file.enhanced(MICROSECONDS, ethernet(b"a"), interface=1023)
    file.enhanced(MICROSECONDS, ethernet(b"b"), interface=1024)
    segments, info = seen([bytes(file)])
    assert [s.payload for s in segments] == [b"a"]
    assert info.undecoded == 1
    assert info.notes == (
        "1 interfaces were ignored, with their packets: a section has more than 1024.",
    )


def test_an_interface_whose_description_is_cut_short_is_ignored_with_a_note():
    info = seen([bytes(Pcapng().block(1, bytes(4)))])[1]
    assert info.notes == (
        "1 interfaces were ignored, with their packets: their description is cut short.",
    )


def test_a_packet_longer_than_its_block_is_not_decoded_but_what_follows_is():
    lying = bytearray(bytes(Pcapng().interface().enhanced(MICROSECONDS, ethernet())))
    at = len(lying) - 4 - len(ethernet()) - (-len(ethernet()) % 4) - 8
    lying[at : at + 4] = (2000).to_bytes(4, "little")
    file = Pcapng().raw(bytes(lying)).interface().enhanced(MICROSECONDS, ethernet(b"x"))
    segments, info = seen([bytes(file)])
    assert [s.payload for s in segments] == [b"x"]
    assert (info.packets, info.undecoded) == (2, 1)


@pytest.mark.parametrize(
    "bad",
    [
        b"\6\0\0\0\x0e\0\0\0" + bytes(20),  # not a multiple of 4
        b"\6\0\0\0\x08\0\0\0" + bytes(20),  # shorter than any block
        b"\6\0\0\0\xf0\xff\xff\xff" + bytes(20),  # absurd
        b"\6\0\0\0\x20\0\0\0" + bytes(20) + b"\x24\0\0\0",  # the two lengths disagree
        b"\x0a\x0d\x0d\x0a\x1c\0\0\0" + bytes(20),  # a section without a byte order
        b"\x0a\x0d\x0d\x0a\x0c\0\0\0\x4d\x3c\x2b\x1a" + bytes(20),  # a section too short
        b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\2\0" + bytes(10) + b"\x1c\0\0\0",  # version 2
    ],
)
def test_a_damaged_block_ends_the_reading_with_its_byte_offset(bad):
    good = bytes(Pcapng().interface().enhanced(MICROSECONDS, ethernet(b"one")))
    segments, info = seen([good + bad + bytes(64)])
    assert [s.payload for s in segments] == [b"one"]
    assert info.truncated
    assert info.notes == (
        f"The record at byte offset {len(good)} is damaged: what follows it was not read.",
    )


@pytest.mark.parametrize("kept", [11, 12, 27, 28, 40])
def test_a_section_header_cut_short_is_not_a_capture(kept):
    with pytest.raises(CaptureError, match="ends inside its file header"):
        seen([bytes(Pcapng(application="a longer name"))[:kept]])


def test_a_block_cut_short_keeps_what_came_before_it():
    file = Pcapng().interface().enhanced(MICROSECONDS, ethernet(b"one"))
    data = bytes(file.enhanced(MICROSECONDS, ethernet(b"two")))
    for lost in (1, 50, 80):
        segments, info = seen([data[:-lost]])
        assert [s.payload for s in segments] == [b"one"]
        assert info.truncated


@BOTH
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_packets_say_was_lost_before_them_is_summed(order, data):
    """epb_dropcount (pcapng §4.3) among any other options, and the obsolete block's own field."""
    file, expected = Pcapng(order).interface().interface(), 0
    others = st.lists(
        st.tuples(st.sampled_from([1, 2, 3, 5, 9]), st.binary(max_size=9)), max_size=3
    )
    for _ in range(data.draw(st.integers(0, 6))):
        frame = ethernet(b"x" * data.draw(st.integers(0, 5)))
        on, lost = data.draw(st.integers(0, 1)), data.draw(st.integers(0, 0xFFFF))
        if data.draw(st.booleans()):
            file.obsolete(MICROSECONDS, frame, interface=on, drops=lost)
            expected += lost if lost != 0xFFFF else 0
            continue
        options = b"".join(file.option(code, value) for code, value in data.draw(others))
        if data.draw(st.booleans()):
            options += file.option(4, lost.to_bytes(8, order)) + bytes(4)
            expected += lost
        file.enhanced(MICROSECONDS, frame, interface=on, options=options)
    segments, info = seen([bytes(file)])
    assert info.dropped == (expected or None)
    assert (len(segments), info.undecoded) == (info.packets, 0)


@BOTH
def test_of_packets_and_statistics_of_an_interface_the_larger_count_is_taken(order):
    file = Pcapng(order).interface().interface()
    lost = file.option(4, (5).to_bytes(8, order))
    file.enhanced(MICROSECONDS, ethernet(), options=lost).statistics(0, ifdrop=4, osdrop=None)
    assert seen([bytes(file)])[1].dropped == 5
    file.statistics(0, ifdrop=4, osdrop=2).obsolete(MICROSECONDS, ethernet(), interface=1, drops=9)
    assert seen([bytes(file)])[1].dropped == 6 + 9
    file.section(order).interface().enhanced(MICROSECONDS, ethernet(), options=lost)
    assert seen([bytes(file)])[1].dropped == 6 + 9 + 5


@BOTH
@pytest.mark.parametrize("count", [1 << 32, 1 << 62, (1 << 64) - 1])
def test_counts_that_no_wire_has_stay_within_bounds(order, count):
    file = Pcapng(order)
    for interface in range(3):
        file.interface()
        for _ in range(3):
            lost = file.option(4, count.to_bytes(8, order))
            file.enhanced(MICROSECONDS, ethernet(), interface=interface, options=lost)
    most = (1 << 62) - 1
    expected = 3 * min(3 * min(count, most), most)
    assert seen([bytes(file)])[1].dropped == min(expected, (1 << 63) - 1)


@BOTH
def test_options_that_are_cut_or_end_before_say_nothing(order):
    file = Pcapng(order).interface()
    lost = file.option(4, (7).to_bytes(8, order))
    for options in (lost[:-4], lost[:4], bytes(4) + lost, file.option(4, bytes(4)), b"\xff" * 40):
        file.enhanced(MICROSECONDS, ethernet(), options=options)
    assert seen([bytes(file)])[1].dropped is None
