"""TCP sequence arithmetic (RFC 9293 §3.4): from numbers of 32 bits to positions and back."""

from __future__ import annotations

from auditor.kernels import kernel
from auditor.packets.integers import int64

_MASK = (1 << 32) - 1
_HALF = 1 << 31


@kernel
def position(near: int, number: int) -> int:
    """Return the position nearest to ``near`` whose low 32 bits are the sequence ``number``."""
    return near + ((int64(number) - near + _HALF) & _MASK) - _HALF


@kernel
def is_number(place: int, number: int) -> bool:
    """Tell whether position ``place`` is sequence ``number`` on the wire."""
    return (place & _MASK) == int64(number)
