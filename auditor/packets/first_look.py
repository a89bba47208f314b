"""What is to be known of a capture file before it is read with others of the same recording."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import numpy as np

from auditor.errors import CaptureError
from auditor.packets.byte_stream import DamagedStreamError, Stream
from auditor.packets.decoder import Decoder
from auditor.packets.segments import Array

#: Octets that are read at a time: most files have a packet in their first.
_STEP = 1 << 16


class FirstLook(NamedTuple):
    """What a file tells before it is read."""

    first: int | None
    """Time (ns UTC) of its earliest packet, as far as it was read; None: it holds none."""
    thinned: bool
    addresses: tuple[str, ...]
    """The addresses of the host that recorded it, if it is thinned; empty: not known."""


def first_look(path: str) -> FirstLook:
    """Read a file up to its first packet, or to its end if it is thinned, and so a small one.

    Raises CaptureError for what cannot be opened; what is no capture seems to have no packet, and
    whoever reads it whole will tell.
    """
    decoder, stream = Decoder((), path), Stream(path)
    buffer = np.empty(_STEP, np.uint8)
    try:
        while _wanted(decoder) and (count := _fill(stream, buffer)):
            for _ in decoder.feed(buffer[:count].copy()):
                pass
    finally:
        stream.close()
    first, addresses = decoder.first, tuple[str, ...]()
    if decoder.thinned:
        with suppress(CaptureError):
            info = decoder.finish()
            first = info.first if first is None else first
            addresses = info.addresses
    return FirstLook(first, decoder.thinned, addresses)


def _wanted(decoder: Decoder) -> bool:
    return not decoder.ended and (decoder.first is None or decoder.thinned)


def _fill(stream: Stream, buffer: Array) -> int:
    try:
        return stream.fill(buffer.data)
    except DamagedStreamError:
        return 0
