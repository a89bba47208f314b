"""AF_PACKET sockets that receive nothing: each carries the filter of one interface."""

from __future__ import annotations

import contextlib
import fcntl
import socket
import struct
from dataclasses import dataclass

from auditor.capture.interfaces import ANY, present
from auditor.errors import CaptureError
from auditor.evidence.packet import Interface
from auditor.packets.link_types import ETHERNET, LINK_TYPES, RAW

_ETH_P_ALL = 3
_SO_ATTACH_BPF = 50
_SIOCGIFNAME = 0x8910
_SOL_PACKET = 263
_PACKET_ADD_MEMBERSHIP = 1
_PACKET_MR_PROMISC = 1

#: Device types (include/uapi/linux/if_arp.h) by what their packets begin with.
_ETHERNET_DEVICE = 1
_ETHERNET_LIKE = (_ETHERNET_DEVICE, 772)  # loopback has the same header
_HEADERLESS_DEVICES = (768, 769, 776, 519, 65534)  # IP tunnels, raw IP, TUN


@dataclass(slots=True)
class Tap:
    """One interface, and the socket whose filter processes its packets."""

    interface: Interface
    index: int
    """ifindex."""
    header: int
    """Bytes of link header."""
    socket: socket.socket

    def is_removed(self) -> bool:
        """Tell whether the interface has been removed; one that is only down has not."""
        request = struct.pack("16si20x", b"", self.index)
        try:
            fcntl.ioctl(self.socket, _SIOCGIFNAME, request)
        except OSError:
            return True
        return False


def open_tap(name: str, program_fd: int, *, promiscuous: bool) -> Tap | None:
    """Attach the filter to an interface; None where its link type is not understood.

    The filter is attached before the socket is bound, so that nothing ever passes unfiltered.
    """
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    try:
        tap.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_BPF, program_fd)
        index = socket.if_nametoindex(name)
        tap.bind((name, _ETH_P_ALL))
        device = tap.getsockname()[3]
        if promiscuous and device == _ETHERNET_DEVICE:
            request = struct.pack("IHH8s", index, _PACKET_MR_PROMISC, 0, b"")
            tap.setsockopt(_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, request)
    except OSError as error:
        tap.close()
        raise CaptureError(f"interface {name} cannot be captured from: {error.strerror}") from error
    link = ETHERNET if device in _ETHERNET_LIKE else RAW
    if device not in (*_ETHERNET_LIKE, *_HEADERLESS_DEVICES):
        tap.close()
        return None
    return Tap(Interface(name, link), index, LINK_TYPES[link].header, tap)


def open_taps(names: tuple[str, ...], program_fd: int) -> tuple[Tap, ...]:
    """Attach the filter to each interface named, or to all there are for ``any``.

    Raises CaptureError when one that was named is missing or of a kind that is not understood.
    Only interfaces that were named become promiscuous.
    """
    everything = ANY in names
    wanted = present() if everything else list(dict.fromkeys(names))
    with contextlib.ExitStack() as opened:
        taps = []
        for name in wanted:
            tap = open_tap(name, program_fd, promiscuous=not everything)
            if tap is not None:
                opened.callback(tap.socket.close)
                taps.append(tap)
            elif not everything:
                raise CaptureError(
                    f"interface {name} is neither Ethernet nor plain IP, which is all that the "
                    "eBPF backend understands; choose another backend"
                )
        opened.pop_all()
    return tuple(taps)
