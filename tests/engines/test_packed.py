"""Evidence is packed while it is written, alike however it comes, and within bounds."""

from __future__ import annotations

import random

import pytest
import zstandard

from auditor.engines import packed
from auditor.engines.packed import Packed, TooLargeError


def made(data: bytes, sizes: list[int]) -> bytes:
    packing, at = Packed(), 0
    for size in [*sizes, len(data)]:
        packing.write(data[at : at + size])
        at += size
    return packing.made()


@pytest.mark.parametrize("size", [0, 1, 5000, 3_000_001])
def test_what_was_written_comes_back_alike_however_it_was_cut(size: int) -> None:
    chance = random.Random(size)
    data = chance.randbytes(min(size, 4096)) * (size // 4096 + 1)
    data = data[:size]
    whole = made(data, [])
    assert zstandard.ZstdDecompressor().decompressobj().decompress(whole) == data
    assert made(data, [chance.randrange(1 << 20) for _ in range(5)]) == whole


def test_what_goes_beyond_the_bound_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MAX_EVIDENCE", 100_000)
    packing = Packed()
    with pytest.raises(TooLargeError):
        for _ in range(10):
            packing.write(random.Random(1).randbytes(200_000))
