"""Tells by its first bytes whether a file is a capture, packed or not."""

from __future__ import annotations

import zlib

from auditor.packets.byte_stream import GZIP, ZSTD
from auditor.packets.capture_format import CaptureFormat
from auditor.packets.pcap import HEADER_SIZE, PcapScanner
from auditor.packets.pcapng import SECTION_MAGIC

#: zlib: the header of gzip, and the largest window.
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


def recognise(head: bytes) -> CaptureFormat | None:
    """Return what capture begins with ``head``; None: none that is known.

    200 bytes are enough, but of what zstd packed it takes the first block (128 KiB and some). What
    is cut inside its header counts as what it began as.
    """
    start = _unpacked(head)[:HEADER_SIZE]
    if start[:4] == SECTION_MAGIC:
        return CaptureFormat.PCAPNG
    if len(start) >= len(SECTION_MAGIC) and PcapScanner.open(start.ljust(HEADER_SIZE, b"\0")):
        return CaptureFormat.PCAP
    return None


def _unpacked(head: bytes) -> bytes:
    """Return what the beginning of a packed file unpacks to; of another the beginning itself."""
    if head.startswith(GZIP):
        try:
            return zlib.decompressobj(_GZIP_WINDOW).decompress(head, HEADER_SIZE)
        except zlib.error:
            return b""
    if head.startswith(ZSTD):
        import zstandard

        try:
            with zstandard.ZstdDecompressor().stream_reader(head) as reader:
                return reader.read(HEADER_SIZE)
        except zstandard.ZstdError:
            return b""
    return head
