"""Whatever may be packed, in reads of any size, and the magic numbers of other formats."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing

from auditor.packets import byte_stream
from auditor.packets.byte_stream import DamagedStreamError, Stream
from auditor.packets.magic import recognise
from fuzz.draws import Draws
from fuzz.promises import assert_inert
from fuzz.support import PACKERS, skippable, zstd_blocks

#: What is unpacked of one input, at most.
_MOST = 4 << 20


def check(data: bytes) -> None:
    """Unpack, and hold that every read is within bounds and that what ends early says why."""
    draws = Draws(data)
    size = draws.number(2) or 1 << 16
    rest = draws.take(len(data))
    recognise(rest)
    with closing(Stream("", io.BytesIO(rest))) as stream:
        if byte_stream.foreign_format(stream.beginning()) is not None:
            return  # which is another program's to read
        target, total = memoryview(bytearray(size)), 0
        try:
            while total < _MOST and (count := stream.fill(target)):
                assert 0 < count <= size
                total += count
        except DamagedStreamError as damage:
            assert_inert(str(damage), "")


def seeds() -> Iterator[bytes]:
    """Yield something packed in every way, in two parts, and blocks of zstd."""
    said = b"bareos " * 9
    for pack in PACKERS.values():
        yield b"\0\7" + pack(said) + pack(said)
    yield b"\0\0" + skippable(b"x") + b"".join(zstd_blocks(said, 20, checksum=True))
