"""How a capture is cut into chunks makes no difference."""

from __future__ import annotations

import numpy as np
import pytest
from decoding import PORTS, SECOND, ethernet, ipv6, pieces, seen, tcp
from hypothesis import given
from hypothesis import strategies as st
from pcapfile import Pcapng, pcap

from auditor.packets import Decoder
from auditor.packets.decoder import BATCH_SEGMENTS

FRAMES = [
    (i * SECOND, ethernet(bytes([i]) * i) if i % 3 else ipv6(tcp(bytes(i)))) for i in range(12)
]


def _pcapng() -> bytes:
    file = Pcapng("big", "x").interface(tsresol=9)
    for time, frame in FRAMES[:6]:
        file.enhanced(time, frame)
    file.statistics(0, ifdrop=3, osdrop=None).section("little").interface(147).interface()
    for time, frame in FRAMES[6:]:
        file.enhanced(time // 1000, frame, interface=1).simple(frame).block(99, frame)
    return bytes(file)


CAPTURES = {
    "pcap": pcap(FRAMES),
    "pcapng": _pcapng(),
    "damaged": pcap(FRAMES) + b"\xff" * 40,
    "cut": _pcapng()[:-30],
}
WHOLE = {name: seen([data]) for name, data in CAPTURES.items()}


@pytest.mark.parametrize("name", CAPTURES)
def test_byte_by_byte_is_as_good_as_whole(name):
    data = CAPTURES[name]
    assert seen(data[i : i + 1] for i in range(len(data))) == WHOLE[name]


@given(st.sampled_from(sorted(CAPTURES)), st.data())
def test_any_cuts_are_as_good_as_none(name, data):
    cuts = data.draw(st.lists(st.integers(0, len(CAPTURES[name])), max_size=20))
    assert seen(pieces(CAPTURES[name], cuts)) == WHOLE[name]


def test_the_captures_compared_here_are_worth_comparing():
    assert [(i.packets, i.segments, i.undecoded) for _, i in WHOLE.values()] == [
        (12, 12, 0), (18, 12, 6), (12, 12, 0), (18, 12, 6),
    ]  # fmt: skip
    assert [info.truncated for _, info in WHOLE.values()] == [False, False, True, True]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda d: np.frombuffer(d, "u1")])
def test_any_kind_of_buffer_may_be_fed(kind):
    assert seen([kind(CAPTURES["pcap"])]) == WHOLE["pcap"]


def test_a_chunk_is_not_copied_when_nothing_is_carried_into_it():
    chunk = np.frombuffer(CAPTURES["pcap"], "u1")
    (batch,) = Decoder(PORTS).feed(chunk)
    assert np.shares_memory(batch.buffer, chunk)


@pytest.mark.bulk
def test_large_chunks_come_out_in_batches_of_bounded_size_in_order():
    count = 2 * BATCH_SEGMENTS + 5
    data = pcap((i * 1000, FRAMES[1][1]) for i in range(count))
    sizes, times = [], []
    for batch in Decoder(PORTS).feed(data):
        sizes.append(len(batch.segments))
        times += batch.segments["time"].tolist()
    assert sizes == [BATCH_SEGMENTS, BATCH_SEGMENTS, 5]
    assert times == [i * 1000 for i in range(count)]


@pytest.mark.bulk
def test_a_batch_stays_untouched_until_two_further_ones_were_taken():
    data = pcap((i * 1000, FRAMES[1][1]) for i in range(5 * BATCH_SEGMENTS))
    held: list[tuple[np.ndarray, np.ndarray]] = []
    for batch in Decoder(PORTS).feed(data):
        held.append((batch.segments, batch.segments.copy()))
        for segments, copy in held[-3:-1]:
            np.testing.assert_array_equal(segments, copy)


def test_after_damage_nothing_more_is_read_and_the_decoder_says_so():
    decoder = Decoder(PORTS)
    assert not decoder.ended
    assert sum(len(b.segments) for b in decoder.feed(CAPTURES["damaged"])) == 12
    assert decoder.ended
    assert list(decoder.feed(CAPTURES["pcap"])) == []
