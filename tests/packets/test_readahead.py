"""Chunks of a stream, with and without a thread: the same bytes, in order, in a bounded pool."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.packets import readahead
from auditor.packets.byte_stream import DamagedStreamError
from auditor.packets.readahead import Chunks, ReadAhead

BOTH = pytest.mark.parametrize("kind", [Chunks, ReadAhead])


class Source:
    """A stream of given chunks, damaged at the end where ``damage`` says how."""

    def __init__(self, *chunks: bytes, damage: str = "") -> None:
        self.size = 1
        self.closed = 0
        self.buffers: set[int] = set()
        self._chunks = list(chunks)
        self._damage = damage

    def fill(self, target: memoryview) -> int:
        self.buffers.add(np.frombuffer(target, np.uint8).ctypes.data)
        if not self._chunks and self._damage:
            raise DamagedStreamError(self._damage)
        chunk = self._chunks.pop(0) if self._chunks else b""
        target[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(readahead, "CHUNK", 16)
    monkeypatch.setattr(readahead, "HEADROOM", 8)


@BOTH
def test_every_chunk_comes_in_order_behind_room_to_spare(kind):
    chunks = kind(Source(b"a" * 16, b"b" * 16, b"c"))
    found = []
    while (chunk := chunks.take()) is not None:
        found.append(chunk[8:].tobytes())
        chunks.give(chunk)
    chunks.close()
    assert found == [b"a" * 16, b"b" * 16, b"c"]


@BOTH
def test_buffers_that_are_given_back_are_filled_anew_and_whole(kind):
    source = Source(*([b"x"] * 20), b"y" * 16)
    chunks = kind(source)
    for _ in range(20):
        chunks.give(chunks.take())
    assert len(chunks.take()) == 8 + 16, "although it held one byte before"
    chunks.close()
    assert len(source.buffers) <= 5


@BOTH
def test_a_chunk_stays_as_it_is_until_it_is_given_back(kind):
    chunks = kind(Source(b"a", b"b", b"c"))
    held = [chunks.take() for _ in range(3)]
    assert [bytes(one[8:]) for one in held] == [b"a", b"b", b"c"]
    chunks.close()


@BOTH
def test_damage_comes_after_what_was_good(kind):
    chunks = kind(Source(b"good", damage="it is torn"))
    assert bytes(chunks.take()[8:]) == b"good"
    with pytest.raises(DamagedStreamError, match="it is torn"):
        chunks.take()
    chunks.close()


@BOTH
def test_closing_early_closes_the_stream_once(kind):
    source = Source(*([b"x"] * 100))
    chunks = kind(source)
    chunks.take()
    chunks.close()
    assert source.closed == 1
