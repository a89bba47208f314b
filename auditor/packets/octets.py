"""Kernels that read integers out of octets.

Callers slice first (``header = buffer[at:stop]``) and index with constants: numba then needs no
test for negative indices, and LLVM joins the octets into one load, which made the whole decoding
a quarter faster than indexing the buffer by variables.
"""

from __future__ import annotations

import numpy as np

from auditor.jit import kernel
from auditor.packets.segments import Array


@kernel
def be16(octets: Array, at: int) -> int:
    """Return the big-endian 16 bits at ``at``; the caller has checked that they are there."""
    return (np.int64(octets[at]) << 8) | np.int64(octets[at + 1])


@kernel
def be32(octets: Array, at: int) -> int:
    """Return the big-endian 32 bits at ``at``; the caller has checked that they are there."""
    return (
        (np.int64(octets[at]) << 24)
        | (np.int64(octets[at + 1]) << 16)
        | (np.int64(octets[at + 2]) << 8)
        | np.int64(octets[at + 3])
    )


@kernel
def le32(octets: Array, at: int) -> int:
    """Return the little-endian 32 bits at ``at``; the caller has checked that they are there."""
    return (
        np.int64(octets[at])
        | (np.int64(octets[at + 1]) << 8)
        | (np.int64(octets[at + 2]) << 16)
        | (np.int64(octets[at + 3]) << 24)
    )


@kernel
def u32(octets: Array, at: int, big: int) -> int:
    """Return 32 bits in the byte order of the file: big-endian when ``big`` is not 0."""
    return be32(octets, at) if big else le32(octets, at)


@kernel
def be64(octets: Array, at: int) -> np.uint64:
    """Return the big-endian 64 bits at ``at``, unsigned: half an IPv6 address."""
    high = np.uint64(be32(octets, at))
    return (high << np.uint64(32)) | np.uint64(be32(octets, at + 4))
