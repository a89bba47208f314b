"""Frames of a thinned capture with other addresses.

Nothing is kept of what is not understood: it is zeros. A checksum that a reader can check stays as
right, wrong or unfilled as it was, but is computed anew: the old one is a sum of what it was made
of. One that nobody can check, since not all is there that it is of, becomes 0.
"""

from __future__ import annotations

from hashlib import blake2b

from auditor.evidence.anonymizing.address_map import AddressMap
from auditor.evidence.endpoints import network_of
from auditor.packets.link_types import COOKED, COOKED2, ETHERNET, IPV4, IPV6

_TCP, _ICMP, _ICMPV6 = 6, 1, 58
_EXTENSIONS, _FRAGMENT, _AUTHENTICATION, _MOST = (0, 43, 44, 51, 60), 44, 51, 8
#: Where in a link header hardware addresses begin, and how many bytes each has room for.
_HARDWARE = {ETHERNET: ((0, 6), (6, 6)), COOKED: ((6, 8),), COOKED2: ((12, 8),)}
_CHECKED = 8
#: IP protocols that carry IP: what is in them is not understood here (``packets.tunnels``).
_TUNNELS = (4, 17, 41, 47, 51, 97, 115, 137)


class Frames:
    """Changes frames, by a key of at most 64 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._addresses = AddressMap(key)
        self.blanked = 0
        """Frames of which nothing is left behind their first IP header: those of tunnels, and of
        links that are not understood."""

    def changed(self, link: int, data: bytes) -> bytes:
        """Return a frame of LINKTYPE_ ``link``, as much of it as is there."""
        kind, at = network_of(link, data)
        if kind not in (IPV4, IPV6):
            self.blanked += 1
            return bytes(len(data))
        frame = bytearray(data)
        for place, size in _HARDWARE.get(link, ()):
            frame[place : place + size] = self._hardware(data[place : place + size])
        self._network(frame, kind, at, quoted=False)
        return bytes(frame)

    def _hardware(self, address: bytes) -> bytes:
        """Return what stands for a hardware address: one that is of no vendor; of no host, and of
        many, stay as they are."""
        if not any(address) or address[0] & 1:
            return (
                address if not any(address) or address[:6] == b"\xff" * 6 else bytes(len(address))
            )
        made = blake2b(address[:6], digest_size=6, key=self._key, person=b"hardware").digest()
        return (bytes([made[0] & 0xFC | 2]) + made[1:]).ljust(len(address), b"\0")

    def _network(self, frame: bytearray, kind: int, at: int, *, quoted: bool) -> None:
        """Change the packet whose network header is at ``at``; ``quoted``: by an ICMP error."""
        version, least = (4, 20) if kind == IPV4 else (6, 40)
        if len(frame) < at + least or frame[at] >> 4 != version:
            _blank(frame, at)
            return
        whole = bytes(frame)
        protocol, upper, end = _ipv4(whole, at) if kind == IPV4 else _ipv6(whole, at)
        size = 4 if kind == IPV4 else 16
        first = at + least - 2 * size
        old = whole[first : first + 2 * size]
        new = self._addresses.packed(old[:size]) + self._addresses.packed(old[size:])
        right = kind == IPV4 and len(frame) >= upper and _sum(whole[at:upper]) in (0, 0xFFFF)
        frame[first : first + 2 * size] = new
        if kind == IPV4:
            frame[at + 10 : at + 12] = bytes(2)
            total = _sum(bytes(frame[at:upper])) ^ 0xFFFF
            frame[at + 10 : at + 12] = (total if right else total ^ _CHECKED).to_bytes(2, "big")
        if protocol == _TCP and len(frame) >= upper + 4:
            if len(frame) >= upper + 18:
                _tcp(frame, upper, end, old, new)
            elif len(frame) > upper + 16:
                _blank(frame, upper + 16)
        elif not quoted and protocol in (_ICMP, _ICMPV6) and len(frame) >= upper + 8:
            frame[upper + 2 : upper + 4] = bytes(2)
            self._network(frame, IPV4 if protocol == _ICMP else IPV6, upper + 8, quoted=True)
        else:
            self.blanked += not quoted and protocol in _TUNNELS
            _blank(frame, upper)


def _ipv4(data: bytes, at: int) -> tuple[int, int, int]:
    """Return (protocol, where what it carries begins, where that ends); -1: no protocol is read."""
    upper = at + max((data[at] & 15) * 4, 20)
    is_first = not int.from_bytes(data[at + 6 : at + 8], "big") & 0x1FFF
    return (
        data[at + 9] if is_first else -1,
        upper,
        at + int.from_bytes(data[at + 2 : at + 4], "big"),
    )


def _ipv6(data: bytes, at: int) -> tuple[int, int, int]:
    protocol, upper = data[at + 6], at + 40
    end = upper + int.from_bytes(data[at + 4 : at + 6], "big")
    for _ in range(_MOST):
        if protocol not in _EXTENSIONS or len(data) < upper + 8:
            break
        if protocol == _FRAGMENT and int.from_bytes(data[upper + 2 : upper + 4], "big") & 0xFFF8:
            return -1, upper, end
        units = data[upper + 1]
        size = (units + 2) * 4 if protocol == _AUTHENTICATION else (units + 1) * 8
        size = 8 if protocol == _FRAGMENT else size
        protocol, upper = data[upper], upper + size
    return protocol, upper, end


def _tcp(frame: bytearray, at: int, end: int, old: bytes, new: bytes) -> None:
    """Compute the checksum of a segment anew; ``old`` and ``new`` are the addresses around it."""
    stored = int.from_bytes(frame[at + 16 : at + 18], "big")
    frame[at + 16 : at + 18] = bytes(2)
    size = end - at
    if size < 20 or end > len(frame) or not stored:
        return
    segment = bytes(frame[at:end]) + bytes(size % 2)
    pseudo = _TCP.to_bytes(2, "big") + size.to_bytes(2, "big")
    unfilled = (_sum(old + pseudo), _sum(old + pseudo[:2]))
    right = (_sum(old + pseudo + segment) + stored) % 0xFFFF == 0
    if not right and stored in unfilled:
        return
    total = _sum(new + pseudo + segment) ^ 0xFFFF
    if not right:
        avoided = (0, _sum(new + pseudo), _sum(new + pseudo[:2]))
        total = next(total ^ bit for bit in (8, 16, 32, 64) if total ^ bit not in avoided)
    frame[at + 16 : at + 18] = total.to_bytes(2, "big")


def _blank(frame: bytearray, at: int) -> None:
    frame[at:] = bytes(max(len(frame) - at, 0))


def _sum(data: bytes) -> int:
    """Return the sum of the 16-bit words of ``data`` in one word (RFC 1071)."""
    total = int.from_bytes(data + bytes(len(data) % 2), "big") % 0xFFFF
    return total or (0xFFFF if any(data) else 0)
