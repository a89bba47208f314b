"""Headers without what anybody may write into their options (P8 of docs/thinning.md).

Only kept packets come here, so plain Python does; most have no option but timestamps, which a few
comparisons tell. Checksums are left as they are but for those of IPv4 and TCP, which stay as right
or wrong as they were (RFC 1624).
"""

from __future__ import annotations

from auditor.evidence.endpoints import network_of
from auditor.packets.link_types import ETHERNET, IPV4, IPV6

_TCP, _ICMP, _ICMPV6 = 6, 1, 58
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _DESTINATION = 0, 43, 44, 60
_MAX_EXTENSIONS = 8
_END, _NOP = 0, 1
#: MSS, window scale, SACK permitted and timestamps with their sizes. The blocks of SACK are not
#: read by any audit, and 32 bytes that anybody may write.
_SIZES = {2: 4, 3: 3, 4: 2, 8: 10}
#: How Linux begins the only option that it sends after the SYN.
_TIMESTAMPS = b"\x01\x01\x08\x0a"
#: The EtherType of IPv4, and a header of it without options.
_IPV4_PLAIN = b"\x08\x00\x45"


def without_options(link: int, data: bytes) -> bytes:
    """Return a frame of LINKTYPE_ ``link`` with all options blanked that no audit reads."""
    if link == ETHERNET and data[12:15] == _IPV4_PLAIN and _is_plain(IPV4, data, 14):
        return data
    kind, at = network_of(link, data)
    if kind not in (IPV4, IPV6) or _is_plain(kind, data, at):
        return data
    frame = bytearray(data)
    _network(frame, kind, at, quoted=False)
    return bytes(frame)


def _is_plain(kind: int, data: bytes, at: int) -> bool:
    """Tell whether this is what nearly all packets are: TCP with timestamps or no option."""
    tcp = at + 20 if kind == IPV4 else at + 40
    if kind == IPV4:
        plain = data[at : at + 1] == b"\x45" and data[at + 9 : at + 10] == b"\x06"
    else:
        plain = data[at + 6 : at + 7] == b"\x06"
    if not plain or len(data) <= tcp + 12:
        return False
    size = data[tcp + 12] >> 4
    return size == 5 or (size == 8 and data[tcp + 20 : tcp + 24] == _TIMESTAMPS)


def _network(frame: bytearray, kind: int, at: int, *, quoted: bool) -> None:
    """Blank the options from the network header at ``at`` on; ``quoted``: by an ICMP error."""
    if kind == IPV4:
        protocol, upper = _ipv4(frame, at)
    else:
        protocol, upper = _ipv6(frame, at)
    if protocol == _TCP:
        _tcp(frame, upper)
    elif not quoted and protocol in (_ICMP, _ICMPV6):
        _network(frame, IPV4 if protocol == _ICMP else IPV6, upper + 8, quoted=True)


def _ipv4(frame: bytearray, at: int) -> tuple[int, int]:
    if len(frame) < at + 20:
        return -1, at
    upper = at + (frame[at] & 15) * 4
    size = max(0, min(upper, len(frame)) - at - 20)
    put(frame, at + 20, bytes([_NOP]) * size, at + 10)
    return frame[at + 9], upper


def _ipv6(frame: bytearray, at: int) -> tuple[int, int]:
    if len(frame) < at + 40:
        return -1, at
    protocol, upper = frame[at + 6], at + 40
    for _ in range(_MAX_EXTENSIONS):
        known = protocol in (_HOP_BY_HOP, _ROUTING, _FRAGMENT, _DESTINATION)
        if not known or len(frame) < upper + 8:
            break
        size = 8 if protocol == _FRAGMENT else (frame[upper + 1] + 1) * 8
        end = min(upper + size, len(frame))
        if protocol == _ROUTING:
            frame[upper + 4 : end] = bytes(end - upper - 4)
        elif protocol != _FRAGMENT:
            frame[upper + 2 : end] = bytes(end - upper - 2)  # Pad1, all of it
        protocol, upper = frame[upper], upper + size
    return protocol, upper


def _tcp(frame: bytearray, at: int) -> None:
    if len(frame) < at + 13:
        return
    end = min(at + (frame[at + 12] >> 4) * 4, len(frame))
    options = bytes(frame[at + 20 : end])
    if options:
        put(frame, at + 20, _known(options), at + 16)


def _known(options: bytes) -> bytes:
    """Return TCP options with NOP in the place of those that are not known or do not fit."""
    kept, at = bytearray(), 0
    while at < len(options) and options[at] != _END:
        size = options[at + 1] if options[at] != _NOP and at + 1 < len(options) else 1
        whole = 0 < size <= len(options) - at
        if options[at] != _NOP and not (whole and size == _SIZES.get(options[at])):
            size = size if whole and size > 1 else len(options) - at
            kept += bytes([_NOP]) * size
        else:
            kept += options[at : at + size]
        at += size
    return bytes(kept) + bytes(len(options) - len(kept))


def put(frame: bytearray, at: int, new: bytes, checksum: int) -> None:
    """Put ``new`` in its place, and let the checksum at ``checksum`` go with it."""
    old = bytes(frame[at : at + len(new)])
    if old == new:
        return
    frame[at : at + len(new)] = new
    if checksum + 2 <= len(frame):
        total = 0xFFFF ^ int.from_bytes(frame[checksum : checksum + 2], "big")
        total += _sum(new) + 0xFFFF - _sum(old) % 0xFFFF
        frame[checksum : checksum + 2] = (0xFFFF ^ ((total - 1) % 0xFFFF + 1)).to_bytes(2, "big")


def _sum(data: bytes) -> int:
    return sum(data[::2]) * 256 + sum(data[1::2])
