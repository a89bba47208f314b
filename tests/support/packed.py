"""Every way in which a capture may be packed."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
from collections.abc import Callable

import lz4.frame
import zstandard

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
    "lz4": lz4.frame.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


def skippable(content: bytes, kind: int = 0) -> bytes:
    """Return a skippable frame, which zstd and lz4 have in common."""
    return struct.pack("<II", 0x184D2A50 + kind, len(content)) + content


def zstd_blocks(data: bytes, size: int, *, checksum: bool = False) -> list[bytes]:
    """Return a zstd frame in parts: its header, and one for each block of so many bytes."""
    packer = zstandard.ZstdCompressor(write_checksum=checksum, write_content_size=False)
    chunker = packer.compressobj()
    parts = [chunker.compress(data[:0])]
    for at in range(0, len(data), size):
        parts.append(chunker.compress(data[at : at + size]))
        parts[-1] += chunker.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return [*parts, chunker.flush()]
