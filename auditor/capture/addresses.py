"""This host's own addresses, from its interfaces: asked of the kernel over rtnetlink.

Python's library has no ``getifaddrs``, and what a name service says of a host may be anything.
The network namespace of this process counts, as for its sockets.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from ipaddress import ip_address

#: linux/rtnetlink.h, linux/netlink.h and linux/if_addr.h.
_NEW_ADDRESS, _GET_ADDRESS = 20, 22
_ERROR, _DONE = 2, 3
_REQUEST, _DUMP = 0x001, 0x300
_ADDRESS, _LOCAL = 1, 2
#: struct nlmsghdr and struct ifaddrmsg.
_HEADER, _ADDRESS_HEADER = struct.Struct("=IHHII"), struct.Struct("=BBBBI")
_ATTRIBUTE = struct.Struct("=HH")
#: More than the 32 KiB that the kernel puts into one answer.
_ANSWER_BYTES = 1 << 16


def own_addresses() -> frozenset[str]:
    """Return every address of this host's interfaces in its usual spelling, those of loopback
    left out; none where the kernel does not say."""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
            kernel.settimeout(1.0)
            size = _HEADER.size + _ADDRESS_HEADER.size
            request = _HEADER.pack(size, _GET_ADDRESS, _REQUEST | _DUMP, 1, 0)
            kernel.send(request + _ADDRESS_HEADER.pack(socket.AF_UNSPEC, 0, 0, 0, 0))
            found = _received(kernel)
            return frozenset(one for one in found if not ip_address(one).is_loopback)
    except (AttributeError, OSError):  # no Linux, or no netlink in this sandbox
        return frozenset()


def _received(kernel: socket.socket) -> list[str]:
    found: list[str] = []
    while True:
        answer = kernel.recv(_ANSWER_BYTES)
        for kind, body in _messages(answer):
            if kind in (_ERROR, _DONE):
                return found
            if kind == _NEW_ADDRESS:
                found += addresses_in(body)
        if not answer:
            return found


def _messages(answer: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each netlink message."""
    while len(answer) >= _HEADER.size:
        size, kind, *_ = _HEADER.unpack_from(answer)
        if not _HEADER.size <= size <= len(answer):
            return
        yield kind, answer[_HEADER.size : size]
        answer = answer[_aligned(size) :]


def addresses_in(body: bytes) -> list[str]:
    """Return the address that the body of one RTM_NEWADDR message gives an interface.

    On a point-to-point link IFA_ADDRESS is the far end's: where there is IFA_LOCAL it counts.
    """
    attributes = body[_ADDRESS_HEADER.size :]
    found: dict[int, bytes] = {}
    while len(attributes) >= _ATTRIBUTE.size:
        size, kind = _ATTRIBUTE.unpack_from(attributes)
        if not _ATTRIBUTE.size <= size <= len(attributes):
            break
        found[kind] = attributes[_ATTRIBUTE.size : size]
        attributes = attributes[_aligned(size) :]
    address = found.get(_LOCAL, found.get(_ADDRESS, b""))
    return [str(ip_address(address))] if len(address) in (4, 16) else []


def _aligned(size: int) -> int:
    """Netlink begins every message and attribute at a multiple of four bytes."""
    return (size + 3) & ~3
