"""Tells by its first bytes whether a file is a capture, packed or not."""

from __future__ import annotations

import io
from contextlib import closing, suppress

from auditor.packets.byte_stream import DamagedStreamError, Stream
from auditor.packets.capture_format import CaptureFormat
from auditor.packets.pcap import HEADER_SIZE, PcapScanner
from auditor.packets.pcapng import SECTION_MAGIC

#: What ``begins_capture`` looks at.
BEGINNING = 28
_WHOLE = {CaptureFormat.PCAP: HEADER_SIZE, CaptureFormat.PCAPNG: BEGINNING}


def recognise(head: bytes) -> CaptureFormat | None:
    """Return what capture begins with ``head``; None: none that is known.

    200 bytes are enough, but of what is packed it takes the first block: 128 KiB and some of zstd,
    900 kB of bzip2, 4 MiB of lz4. What is cut inside its header counts as what it began as.
    """
    return _known(_unpacked(head))


def begins_capture(head: bytes) -> bool:
    """Tell whether the first ``BEGINNING`` bytes of what a file unpacks to are those of a capture,
    with a whole header."""
    known = _known(head)
    return known is not None and len(head) >= _WHOLE[known]


def _known(start: bytes) -> CaptureFormat | None:
    if start[:4] == SECTION_MAGIC:
        return CaptureFormat.PCAPNG
    whole = start[:HEADER_SIZE].ljust(HEADER_SIZE, b"\0")
    if len(start) >= len(SECTION_MAGIC) and PcapScanner.open(whole):
        return CaptureFormat.PCAP
    return None


def _unpacked(head: bytes) -> bytes:
    """Return what the beginning of a packed file unpacks to; of another the beginning itself."""
    with suppress(DamagedStreamError), closing(Stream("", io.BytesIO(head))) as stream:
        start = memoryview(bytearray(HEADER_SIZE))
        return bytes(start[: stream.fill(start)])
    return b""
