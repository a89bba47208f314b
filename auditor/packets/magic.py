"""Tells by its first bytes whether a file is a capture, packed or not."""

from __future__ import annotations

import io
from contextlib import closing, suppress

from auditor.packets.byte_stream import DamagedStreamError, Stream
from auditor.packets.capture_format import CaptureFormat
from auditor.packets.pcap import HEADER_SIZE, PcapScanner
from auditor.packets.pcapng import SECTION_MAGIC


def recognise(head: bytes) -> CaptureFormat | None:
    """Return what capture begins with ``head``; None: none that is known.

    200 bytes are enough, but of what is packed it takes the first block: 128 KiB and some of zstd,
    900 kB of bzip2, 4 MiB of lz4. What is cut inside its header counts as what it began as.
    """
    start = _unpacked(head)[:HEADER_SIZE]
    if start[:4] == SECTION_MAGIC:
        return CaptureFormat.PCAPNG
    if len(start) >= len(SECTION_MAGIC) and PcapScanner.open(start.ljust(HEADER_SIZE, b"\0")):
        return CaptureFormat.PCAP
    return None


def _unpacked(head: bytes) -> bytes:
    """Return what the beginning of a packed file unpacks to; of another the beginning itself."""
    with suppress(DamagedStreamError), closing(Stream("", io.BytesIO(head))) as stream:
        start = memoryview(bytearray(HEADER_SIZE))
        return bytes(start[: stream.fill(start)])
    return b""
