"""Tells by its first bytes whether a file is a capture, packed or not."""

from __future__ import annotations

import io
from contextlib import closing

from auditor.packets.byte_stream import Stream
from auditor.packets.capture_format import CaptureFormat
from auditor.packets.foreign_formats import foreign_format
from auditor.packets.pcap import HEADER_SIZE, PcapScanner
from auditor.packets.pcapng import SECTION_MAGIC

#: Bytes of a whole header.
_WHOLE = {CaptureFormat.PCAP: HEADER_SIZE, CaptureFormat.PCAPNG: 28}


def recognise(head: bytes) -> CaptureFormat | None:
    """Return what capture begins with ``head``; None: none that is known.

    200 bytes are enough, but of what is packed it takes the first block: 128 KiB and some of zstd,
    900 kB of bzip2, 4 MiB of lz4. What is cut inside its header counts as what it began as.
    """
    with closing(Stream("", io.BytesIO(head))) as stream:
        return _known(stream.beginning())


def is_capture(path: str) -> bool:
    """Tell whether a file is a capture, with a whole header. Raises CaptureError where it is gone
    or may not be read."""
    with closing(Stream(path)) as stream:
        head = stream.beginning()
    known = _known(head)
    return known is not None and len(head) >= _WHOLE.get(known, 0)


def _known(start: bytes) -> CaptureFormat | None:
    if start[:4] == SECTION_MAGIC:
        return CaptureFormat.PCAPNG
    whole = start[:HEADER_SIZE].ljust(HEADER_SIZE, b"\0")
    if len(start) >= len(SECTION_MAGIC) and PcapScanner.open(whole):
        return CaptureFormat.PCAP
    return foreign_format(start)
