"""Kernels that read unsigned integers out of bytes.

Indices are unsigned inside: numba then needs no test for negative ones, and LLVM joins the bytes
into one load. Slicing first (``header = buffer[at:stop]``) reads better but keeps numba counting
references in the hot loop, which made the decoding three times slower.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from auditor.kernels import kernel
from auditor.packets.segments import Array

#: Widens to a signed integer, which kernels count in; typed as the ``int`` that it stands for.
int64 = cast("Callable[[Any], int]", np.int64)


@kernel
def u8(data: Array, at: int) -> int:
    """Return the byte at ``at`` >= 0; the caller has checked that it is there."""
    return int64(data[np.uint64(at)])


@kernel
def be16(data: Array, at: int) -> int:
    """Return the big-endian 16 bits at ``at`` >= 0; the caller has checked that they are there."""
    return (u8(data, at) << 8) | u8(data, at + 1)


@kernel
def be32(data: Array, at: int) -> int:
    """Return the big-endian 32 bits at ``at`` >= 0; the caller has checked that they are there."""
    return (
        (u8(data, at) << 24) | (u8(data, at + 1) << 16) | (u8(data, at + 2) << 8) | u8(data, at + 3)
    )


@kernel
def le16(data: Array, at: int) -> int:
    """Return the little-endian 16 bits at ``at`` >= 0, checked as for ``be16``."""
    return u8(data, at) | (u8(data, at + 1) << 8)


@kernel
def le32(data: Array, at: int) -> int:
    """Return the little-endian 32 bits at ``at`` >= 0, checked as for ``be32``."""
    return (
        u8(data, at) | (u8(data, at + 1) << 8) | (u8(data, at + 2) << 16) | (u8(data, at + 3) << 24)
    )


@kernel
def u32(data: Array, at: int, big: int) -> int:
    """Return 32 bits at ``at`` in the byte order of the file: big-endian unless ``big`` is 0."""
    return be32(data, at) if big else le32(data, at)


@kernel
def be64(data: Array, at: int) -> np.uint64:
    """Return the big-endian 64 bits at ``at``, unsigned: half an IPv6 address."""
    return (np.uint64(be32(data, at)) << np.uint64(32)) | np.uint64(be32(data, at + 4))
