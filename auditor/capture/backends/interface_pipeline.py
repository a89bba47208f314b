"""Thins what one interface gave, in this process: for backends that cannot do it in the kernel.

Each interface has a decoder and a thinning of its own, since link type and losses are its own.
"""

from __future__ import annotations

import fcntl
import socket
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Protocol

from auditor.capture.backend import Request
from auditor.evidence.blocks import interface as interface_block
from auditor.evidence.blocks import packet as packet_block
from auditor.evidence.blocks import section
from auditor.evidence.endpoints import direction_of
from auditor.evidence.packet import Counters, Interface, Packet
from auditor.packets.link_types import ETHERNET

if TYPE_CHECKING:  # numpy starts threads, and those must not exist before rights are dropped
    from auditor.packets.segments import Batch

_SIOCGIFHWADDR = 0x8927
_SYN_PORTS = (9103,)
#: A SYN from 127.0.0.1 to itself, port 9103 to 9103.
_SYN = bytes.fromhex(
    "00000000000000000000000008004500002800000000400600007f0000017f000001"
    "238f238f0000000000000000500201f600000000"
)


class Thinning(Protocol):
    """Keeps of one interface's segments what the definition of thinning keeps."""

    def feed(self, batch: Batch) -> list[Packet]:
        """Take decoded segments; return what is now known to be kept, in order of time."""

    def advance(self, now: int) -> list[Packet]:
        """Return what the passing of time alone has settled: ``now`` is ns UTC.

        No segment older than ``now`` will be fed any more. Without it a quiet network would hold
        its last packets back until the next one.
        """

    def flush(self) -> list[Packet]:
        """Return what is still held back, at the end of the capture."""

    def counters(self) -> tuple[int, int, int]:
        """Return the segments matched, kept, and lost at a bound so far."""

    @property
    def lost_payload(self) -> int:
        """Of those that were lost the segments of which only the payload is."""


#: Makes the thinning of one interface: ports, LINKTYPE_ number, bound of the flow table.
ThinningFactory = Callable[[Collection[int], int, int], Thinning]


def default_thinning(ports: Collection[int], link: int, max_flows: int) -> Thinning:
    """Return the project's one definition of thinning, for one interface."""
    from auditor.evidence.thinning import Thinner

    del ports, link  # the decoder has selected the ports and knows the link
    return Thinner(max_flows)


class InterfacePipeline:
    """The way of one interface's bytes from a pcapng stream to kept packets."""

    def __init__(
        self, number: int, interface: Interface, request: Request, make: ThinningFactory
    ) -> None:
        from auditor.packets.decoder import Decoder

        self.interface = interface
        self.dropped = 0
        """Packets that a kernel queue lost, where the backend counts them itself."""
        self._number = number
        self._hardware = _hardware_address(interface.name)
        prepare(make)
        self._decoder = Decoder(request.ports, interface.name)
        self._thinning = make(request.ports, interface.link, request.max_flows)
        self._fed = False

    def feed(self, stream: bytes) -> list[Packet]:
        """Take bytes of the stream, cut anywhere; return what is kept."""
        self._fed |= bool(stream)
        kept: list[Packet] = []
        for batch in self._decoder.feed(stream):
            kept += self._thinning.feed(batch)
        return self._marked(kept)

    def advance(self, now: int) -> list[Packet]:
        """Return what the passing of time has settled, as ``Thinning.advance`` does."""
        return self._marked(self._thinning.advance(now))

    def flush(self) -> list[Packet]:
        """Return what is still held back."""
        return self._marked(self._thinning.flush())

    @property
    def counters(self) -> Counters:
        """The counters so far; ``dropped`` is what the stream says and what was counted here."""
        if not self._fed:
            return Counters(dropped=self.dropped)
        info = self._decoder.finish()
        matched, kept, lost = self._thinning.counters()
        dropped = self.dropped + (info.dropped or 0)
        return Counters(
            info.packets, matched, kept, dropped, lost, lost_new=self._thinning.lost_payload
        )

    def behind(self, until: int) -> int:
        """Return about how many packets that came up to ``until`` (ns UTC) were never read: as many
        as came before in that time, and one at least; 0 where later ones were read."""
        info = self._decoder.finish() if self._fed else None
        if info is None or info.first is None or info.last is None:
            return 1
        if info.last >= until:
            return 0
        return 1 + info.packets * (until - info.last) // max(info.last - info.first, 1)

    def _marked(self, packets: Iterable[Packet]) -> list[Packet]:
        link, hardware = self.interface.link, self._hardware
        return [
            packet._replace(
                interface=self._number, direction=direction_of(link, hardware, packet.data)
            )
            for packet in packets
        ]


def prepare(make: ThinningFactory) -> None:
    """Send one packet of our own all the way.

    It loads the machine code and all that this imports. Later would be too late: an account
    without rights may not be able to read them, and no packet should wait for a compiler.
    """
    from auditor.packets.decoder import Decoder

    decoder, thinning = Decoder(_SYN_PORTS), make(_SYN_PORTS, ETHERNET, 1)
    head = section("", "", "") + interface_block(Interface("", ETHERNET), "", "")
    for batch in decoder.feed(head + packet_block(Packet(0, 0, _SYN, len(_SYN)))):
        thinning.feed(batch)
    thinning.flush()


def _hardware_address(name: str) -> bytes:
    """Return an interface's address, or nothing where it has none or the system is not Linux.

    By netdevice(7) and not from /sys, which shows the network namespace it was mounted in.
    """
    request = name.encode()[:15].ljust(40, b"\0")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            return fcntl.ioctl(control, _SIOCGIFHWADDR, request)[18:24]
    except OSError:
        return b""
