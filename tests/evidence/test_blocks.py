"""The blocks that we write are what Wireshark and our own reader read."""

from __future__ import annotations

import subprocess

import pytest
from capture_stage import START, packet, tshark
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence import blocks
from auditor.evidence.packet import Counters, Direction, Interface
from auditor.packets import Decoder
from auditor.packets.pcapng_options import options

_ETH0 = Interface("eth0", 1)


def _file(*parts: bytes) -> bytes:
    head = blocks.section("bareos-audit 1", "x86_64", "Linux 6", ("thin", "blind to much"))
    return head + blocks.interface(_ETH0, "tcp port 9103", "Linux 6") + b"".join(parts)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Return a file with everything in it."""
    path = tmp_path_factory.mktemp("blocks") / "all.pcapng"
    path.write_bytes(
        _file(
            blocks.names({"10.0.0.31": "fd.example", "2001:db8::1": "sd.example"}),
            blocks.packet(packet(0, comment="own note"), ("first", "größer"), pid=711),
            blocks.packet(packet(1, direction=Direction.INBOUND)),
            blocks.packet(packet(2, direction=Direction.UNKNOWN, length=9000)),
            blocks.statistics(0, Counters(100, 20, 3, 4, 5), START, START + 10**9, ("a fact",)),
        )
    )
    return path


def test_wireshark_shows_all_comments_of_a_packet(shown):
    assert tshark(shown, "frame.comment")[0] == ["own note,first,größer"]


def test_wireshark_shows_directions(shown):
    rows = tshark(shown, "frame.packet_flags_direction")
    assert [row[0] for row in rows] == ["0x00000002", "0x00000001", ""]


def test_wireshark_shows_times_to_the_nanosecond_and_lengths_on_the_wire(shown):
    rows = tshark(shown, "frame.time_epoch", "frame.len")
    assert rows[1][0] == "1800000000.001000000"
    assert rows[2][1] == "9000"


def test_the_process_does_not_become_a_frame_of_its_own(shown):
    assert len(tshark(shown, "frame.number")) == 3


def test_wireshark_uses_the_names(shown):
    command = ["tshark", "-r", str(shown), "-N", "n", "-T", "fields", "-e", "ip.src_host"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["fd.example"] * 3


def test_capinfos_shows_what_the_file_says_of_itself(shown):
    told = subprocess.run(["capinfos", str(shown)], capture_output=True, text=True, check=True)
    for expected in (
        "nanoseconds (9)",
        "Capture hardware:    x86_64",
        "Capture oper-sys:    Linux 6",
        "Capture application: bareos-audit 1",
        "Capture comment:     thin",
        "Capture comment:     blind to much",
        "Name = eth0",
        "Filter string = tcp port 9103",
        "Number of stat entries = 1",
    ):
        assert expected in told.stdout


def test_our_own_reader_counts_what_is_missing_at_any_stage(shown):
    decoder = Decoder({9103})
    segments = sum(len(batch.segments) for batch in decoder.feed(shown.read_bytes()))
    info = decoder.finish()
    assert (segments, info.dropped, info.backend) == (3, 9, "bareos-audit 1")
    assert not info.truncated and info.clock.late == 0


def test_names_that_are_no_addresses_make_no_block():
    assert blocks.names({"fd.example": "10.0.0.1"}) == b""


def test_a_packet_is_never_longer_than_what_may_be_kept():
    block = blocks.packet(packet(data=bytes(9000), length=9000))
    assert int.from_bytes(block[20:24], "little") == blocks.SNAPLEN


@given(st.text(max_size=6000), st.integers(0, 3))
def test_any_text_fits_is_utf8_and_keeps_the_file_whole(text, extra):
    block = blocks.packet(packet(), [text] * extra)
    size = len(packet().data)
    for code, value in options(block[28 + size + -size % 4 : -4], "little"):
        if code == 1:
            assert len(value) <= blocks.MAX_TEXT
            assert text.encode("utf-8", "replace").startswith(value)
            value.decode("utf-8")
    decoder = Decoder({9103})
    list(decoder.feed(_file(block)))
    assert decoder.finish().packets == 1 and not decoder.finish().truncated


def test_comments_of_one_block_are_bounded():
    assert len(blocks.packet(packet(), ["x"] * 1000)) == len(
        blocks.packet(packet(), ["x"] * blocks.MAX_COMMENTS)
    )
