"""Where a packet goes in the end that is to pass by hosts on its way: the address in its header is
that of the next of them (RFC 791 §3.1, RFC 8200 §4.4, RFC 8754 §4.3). A connection is between its
ends, so that its segments are taken for those of the last address; a host on the way that sends
packets with routes away shows nothing of it.
"""

from __future__ import annotations

from auditor.kernels import rare_kernel
from auditor.packets.integers import u8
from auditor.packets.segments import Array

_LOOSE, _STRICT, _END, _FILLER = 131, 137, 0, 1
_EXTENSIONS, _ROUTING, _MOST = (0, 43, 60), 43, 8
#: Kinds of routes: that of RFC 2460, that of mobile hosts, and segments.
_FIRST_KIND, _MOBILE, _SEGMENTS = 0, 2, 4


@rare_kernel
def last_ipv4(buffer: Array, at: int, upper: int, stop: int) -> int:
    """Return where the address is to which the IPv4 packet at ``at`` goes in the end."""
    option = at + 20
    upper = min(upper, stop)
    while option + 7 <= upper:  # the shortest route
        kind = u8(buffer, option)
        size = u8(buffer, option + 1) if kind != _FILLER else 1
        if kind == _END or size < 1 or option + size > upper:
            break
        if kind in (_LOOSE, _STRICT) and size >= 7 and u8(buffer, option + 2) <= size:
            return option + size - 4
        option += size
    return at + 16


@rare_kernel
def last_ipv6(buffer: Array, at: int, stop: int) -> int:
    """Return where the address is to which the IPv6 packet at ``at`` goes in the end."""
    kind, place = u8(buffer, at + 6), at + 40
    for _ in range(_MOST):
        if kind not in _EXTENSIONS or stop - place < 8:
            break
        size = (u8(buffer, place + 1) + 1) * 8
        if kind == _ROUTING and u8(buffer, place + 3) > 0 and size >= 24 and stop - place >= size:
            route = u8(buffer, place + 2)
            if route == _SEGMENTS:
                return place + 8
            if route in (_FIRST_KIND, _MOBILE):
                return place + size - 16
        kind, place = u8(buffer, place), place + size
    return at + 24
