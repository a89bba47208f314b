"""The classic pcap format."""

from __future__ import annotations

import pytest
from decoding import SECOND, ethernet, only, seen
from pcapfile import pcap

from auditor.errors import CaptureError

TIME = 1_700_000_000 * SECOND + 123_456_000


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("modified", [False, True])
def test_microseconds_are_read_in_either_byte_order_also_with_the_patched_record_header(
    order, modified
):
    segment = only(pcap([(TIME, ethernet(b"hello"))], order=order, modified=modified))
    assert segment.time == TIME
    assert segment.payload == b"hello"


@pytest.mark.parametrize("order", ["big", "little"])
def test_nanoseconds_are_read_to_the_last_digit(order):
    segment = only(pcap([(TIME + 789, ethernet())], order=order, nanoseconds=True))
    assert segment.time == TIME + 789


@pytest.mark.parametrize("order", ["big", "little"])
def test_aix_writes_nanoseconds_and_interface_types(order):
    file = bytearray(
        pcap(
            [(TIME + 789, ethernet(b"aix"))], order=order, nanoseconds=True, link=6, version=(2, 2)
        )
    )
    magic = bytes.fromhex("a1b2c3d4")
    file[:4] = magic if order == "big" else magic[::-1]
    segment = only(bytes(file))
    assert (segment.time, segment.payload) == (TIME + 789, b"aix")
    assert seen([bytes(file)])[1].link == "Ethernet"


@pytest.mark.parametrize(("version", "link"), [((2, 4), 6), ((2, 2), 5)])
def test_what_aix_does_not_write_is_what_it_says(version, link):
    info = seen([pcap([(TIME, ethernet())], link=link, version=version)])[1]
    assert (info.first, info.segments, info.undecoded) == (TIME, 0, 1)


def test_every_column_of_a_segment_is_what_the_headers_say():
    from decoding import IP, TCP, Ether

    options = [("Timestamp", (1, 2)), ("NOP", None), ("NOP", None)]
    header = TCP(sport=9103, dport=40123, seq=0xF0000001, ack=0x80000002, flags="FSRPAUEC")
    header.window, header.options = 65535, options
    ip = IP(src="192.0.2.255", dst="198.51.100.1", ttl=63, id=0xBEEF)
    segment = only(pcap([(TIME, bytes(Ether(dst="02:00:00:00:00:02") / ip / header / b"abc"))]))
    assert segment == (
        TIME, "192.0.2.255", "198.51.100.1", 9103, 40123, 0xFF, 0xF0000001, 0x80000002, 65535, 63,
        0xBEEF, 3, b"abc",
    )  # fmt: skip


def test_a_segment_is_kept_when_either_port_is_of_interest_and_else_only_counted():
    frames = [(TIME, ethernet()), (TIME, ethernet().replace(b"\x23\x8e", b"\x00\x50"))]
    segments, info = seen([pcap(frames)])
    assert [(s.sport, s.dport) for s in segments] == [(40000, 9102)]
    assert (info.packets, info.segments) == (2, 1)
    assert seen([pcap(frames)], ports=[40000])[1].segments == 2
    assert seen([pcap(frames)], ports=[])[1].segments == 0


def test_the_account_names_format_link_type_and_span():
    frames = [(TIME + 5000, ethernet()), (TIME, ethernet()), (TIME + 9000, ethernet())]
    _, info = seen([pcap(frames)])
    assert (info.name, info.format, info.backend, info.link) == ("test", "pcap", "file", "Ethernet")
    assert (info.first, info.last, info.clock.late) == (TIME, TIME + 9000, 1)
    assert info.dropped is None
    assert info.notes == ()


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("snaplen", [0, 68, 262144])
def test_the_account_tells_how_much_of_a_packet_is_kept(order, snaplen):
    _, info = seen([pcap([], order=order, snaplen=snaplen)])
    assert info.snaplen == snaplen


def test_a_capture_without_packets_is_a_capture_without_times():
    segments, info = seen([pcap([])])
    assert segments == []
    assert (info.packets, info.first, info.last, info.truncated) == (0, None, None, False)


def test_a_frame_check_sequence_length_above_the_link_type_is_ignored():
    data = bytearray(pcap([(TIME, ethernet(b"x"))]))
    data[23] = 0x24  # FCS length 4, present
    assert only(bytes(data)).payload == b"x"


@pytest.mark.parametrize("lost", [1, 20, 69, 70, 80])
def test_a_record_cut_short_keeps_what_came_before_it(lost):
    data = pcap([(TIME, ethernet(b"one")), (TIME, ethernet(b"two"))])
    record = 16 + len(ethernet(b"two"))
    segments, info = seen([data[: len(data) - min(lost, record - 1)]])
    assert [s.payload for s in segments] == [b"one"]
    assert (info.packets, info.truncated) == (1, True)


@pytest.mark.parametrize("length", [(16 << 20) + 1, 0xFFFFFFFF])
def test_an_absurd_captured_length_ends_the_reading_with_its_byte_offset(length):
    good = pcap([(TIME, ethernet(b"one"))])
    bad = bytes(8) + length.to_bytes(4, "little") * 2 + ethernet()
    segments, info = seen([good + bad, ethernet() * 100])
    assert [s.payload for s in segments] == [b"one"]
    assert info.truncated
    assert str(len(good)) in info.notes[0]


def test_a_record_of_16_mib_is_still_read():
    frame = ethernet() + bytes((16 << 20) - len(ethernet()))
    data = pcap([(TIME, frame), (TIME, ethernet(b"x"))], snaplen=1 << 30)
    segments, info = seen([data[i : i + (1 << 20)] for i in range(0, len(data), 1 << 20)])
    assert [s.length for s in segments] == [0, 1]
    assert not info.truncated


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "test is empty"),
        (pcap([])[:23], "test ends inside its file header"),
        (pcap([])[:3], "test ends inside its file header"),
        (b"#!/bin/sh\n", "test is not a capture"),
        (b"\0" * 100, "test is not a capture"),
    ],
)
def test_what_is_not_a_capture_is_refused_in_one_sentence(data, sentence):
    with pytest.raises(CaptureError, match=sentence) as refusal:
        seen([data])
    assert str(refusal.value).endswith(".")
