"""What a decoder says of bytes that are no capture, and where one is damaged."""

from __future__ import annotations

import pytest
from decoding import PORTS, SECOND, ethernet
from pcapfile import Pcapng, pcap

from auditor.errors import CaptureError
from auditor.packets import Decoder

ONE = pcap([(SECOND, ethernet(b"x"))])
EMPTY = "is empty, or cut before its first octet of data: capture anew."
ALIEN = (
    "is not a capture: give a pcap or pcapng file, packed or not "
    "(`tshark -r FILE -w FILE.pcapng` makes one of what only Wireshark knows)."
)
CUT = "ends inside its file header, so there is nothing in it to read."


def decoder(data: bytes, name: str = "a.pcap") -> Decoder:
    found = Decoder(PORTS, name)
    for _ in found.feed(data):
        pass
    return found


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", EMPTY),
        (b"\xd4", CUT),
        (ONE[:3], CUT),  # too little to tell
        (ONE[:4], CUT),
        (ONE[:23], CUT),
        (bytes(Pcapng())[:23], CUT),
        (b"GIF8", ALIEN),
        (b"GIF", CUT),
        (b"GIF89a" + bytes(99), ALIEN),
    ],
)
def test_what_never_was_a_capture_is_refused_by_its_reason(data, sentence):
    with pytest.raises(CaptureError) as caught:
        decoder(data).finish()
    assert str(caught.value) == f"a.pcap {sentence}"
    with pytest.raises(CaptureError, match=r"^standard input "):
        decoder(data, "-").finish()


@pytest.mark.parametrize(
    ("data", "truncated"),
    [(ONE, False), (ONE[:-1], True), (ONE + b"\0", True), (ONE[:24], False)],
    ids=["whole", "cut in a frame", "cut in a record's header", "no packet"],
)
def test_a_capture_that_ends_inside_a_record_says_so(data, truncated):
    info = decoder(data).finish()
    assert (info.truncated, info.packets) == (truncated, int(len(data) >= len(ONE)))


def test_damage_is_named_by_its_place_in_the_whole_stream():
    data = ONE + ONE[24:] + b"\xff" * 40
    found = Decoder(PORTS, "a.pcap")
    for at in range(0, len(data), 7):
        for _ in found.feed(data[at : at + 7]):
            pass
    place = 2 * len(ONE) - 24
    assert found.finish().notes == (
        f"The record at byte offset {place} is damaged: what follows it was not read.",
    )


def test_before_anything_was_read_nothing_is_known():
    found = Decoder(PORTS)
    assert (found.ended, found.interfaces, found.thinned) == (False, (), False)


def test_a_capture_without_packets_has_no_times():
    info = decoder(ONE[:24]).finish()
    assert (info.first, info.last, info.format, info.link) == (None, None, "pcap", "Ethernet")
