"""What is to be known of a capture file before it is read with others."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from paths import CAPTURES
from pcapfile import Pcapng, pcap

from auditor.errors import CaptureError
from auditor.evidence import blocks
from auditor.packets.first_look import first_look
from auditor.packets.pcapng_comments import THINNED, addresses_to_comments, span_to_comment

FRAME = bytes(60)


def written(folder: Path, data: bytes) -> str:
    path = folder / "file"
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("count", [1, 3, 5000])
def test_a_file_begins_with_its_earliest_packet(
    tmp_path: Path, *, zipped: bool, count: int
) -> None:
    data = pcap([(5_000_000 + 1000 * number, FRAME) for number in range(count)])
    look = first_look(written(tmp_path, gzip.compress(data) if zipped else data))
    assert look == (5_000_000, False, ())


@pytest.mark.parametrize(
    "data",
    [pcap([]), bytes(Pcapng()), b"", b"no capture at all, and long enough for one", pcap([])[:9]],
    ids=["pcap", "pcapng", "empty", "text", "cut"],
)
def test_what_holds_no_packet_has_no_beginning(tmp_path: Path, data: bytes) -> None:
    assert first_look(written(tmp_path, data)).first is None


def test_a_file_that_is_damaged_at_once_has_none_either(tmp_path: Path) -> None:
    data = gzip.compress(pcap([(1000, FRAME)]))
    assert first_look(written(tmp_path, data[:20])).first is None


def test_of_what_is_thinned_the_host_is_known(tmp_path: Path) -> None:
    look = first_look(str(CAPTURES / "self-copy" / "live-sd1-all.pcapng"))
    assert look == (1_795_651_846_908_196_085, True, ())
    told = [THINNED, *addresses_to_comments(["10.77.0.20", "::1"])]
    span = span_to_comment(5, 9)
    for comments, first in ((told, None), ([*told, span], 5)):
        data = blocks.section("", "", "", comments)
        look = first_look(written(tmp_path, data))
        assert look == (first, True, ("10.77.0.20", "::1"))


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="does not exist"):
        first_look(str(tmp_path / "nothing"))
