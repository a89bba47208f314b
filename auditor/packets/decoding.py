"""What is read and written while frames are decoded."""

from __future__ import annotations

from typing import NamedTuple

from auditor.packets.segments import Array

TCP_PORT = 1


class Decoding(NamedTuple):
    """What is read and written while frames are decoded, as kernels pass it around."""

    buffer: Array
    """The bytes of the capture, u1."""
    ports: Array
    """65536 times u1, by port: ``TCP_PORT`` if TCP to and from it is of interest, and beside it how
    UDP to it is read (see ``decode_as``)."""
    segments: Array
    """Dtype SEGMENT: what was found."""
    counters: Array
    """What could not be decoded; see ``counters``."""
    fragments: Array
    """Dtype FRAGMENT: datagrams of which not all fragments were seen yet; the last row is scratch,
    and its ``time`` the secret of the hash."""
