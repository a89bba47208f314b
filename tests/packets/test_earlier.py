"""What one file of a recording leaves to the next: numbers of frames, and fragments."""

from __future__ import annotations

import pytest
from cut_up import TRUTH, carried, pieces
from pcapfile import pcap

from auditor.packets import Decoder


@pytest.mark.parametrize("version", [4, 6])
def test_a_datagram_whose_fragments_are_in_two_files_is_whole(version: int) -> None:
    frames = pieces(version, carried(version, TRUTH), 24, 32)
    for cut in (1, 2):
        first, second = Decoder({9103}), None
        halves = frames[:cut], frames[cut:]
        before = [*first.feed(pcap([(k, frame) for k, frame in enumerate(halves[0])]))]
        second = Decoder({9103}, "b.pcap", first.so_far)
        after = [*second.feed(pcap([(k, frame) for k, frame in enumerate(halves[1])]))]
        lengths = [int(one.segments["length"][0]) for one in (*before, *after)]
        assert max(lengths) == len(TRUTH)
        assert after[-1].segments["number"][-1] == len(frames)
        assert (second.finish().before, second.finish().packets) == (cut, len(frames) - cut)
        assert [*Decoder({9103}).feed(pcap([(0, frame) for frame in halves[1]]))] == []


def test_without_an_earlier_file_frames_count_from_1() -> None:
    decoder = Decoder({9103})
    assert decoder.first is None
    (batch,) = decoder.feed(pcap([(7000, frame) for frame in pieces(4, carried(4, TRUTH))]))
    assert batch.segments["number"].tolist() == [1]
    assert (decoder.so_far.packets, decoder.first, decoder.finish().before) == (1, 7000, 0)
