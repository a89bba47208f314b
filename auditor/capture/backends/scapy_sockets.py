"""The backend for machines with neither BPF nor dumpcap: scapy's sockets, thinned here.

scapy only opens the sockets and puts VLAN tags back; it dissects nothing. It is optional.
"""

from __future__ import annotations

import os
import socket
import struct
import time
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

from auditor.capture.backend import Request
from auditor.capture.backend_registry import BACKENDS, BackendName
from auditor.capture.backends.interface_pipeline import (
    InterfacePipeline,
    ThinningFactory,
    default_thinning,
)
from auditor.capture.backends.user_space import LAG_NS, UserSpaceBackend
from auditor.capture.interfaces import ANY, present
from auditor.capture.rights.capabilities import how_to_grant, missing
from auditor.errors import CaptureError, install_command
from auditor.evidence import blocks
from auditor.evidence.libpcap_filter import capture_filter
from auditor.evidence.packet import Interface, Packet
from auditor.packets.link_types import ETHERNET, RAW
from auditor.text import printable

#: Packets taken from one socket before the next one has its turn.
_TURN = 1024
#: Where a user's programs keep things (XDG Base Directory Specification).
_FOLDERS = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
#: linux/if_packet.h: struct tpacket_stats, and not to be told what loopback sends, since it is
#: about to receive it.
_SOL_PACKET, _PACKET_STATISTICS, _PACKET_IGNORE_OUTGOING = 263, 6, 23
#: include/uapi/asm-generic/socket.h: beyond net.core.rmem_max too, for who has CAP_NET_ADMIN.
_SO_RCVBUFFORCE = 33
#: How long (s) at the end to take what still waits in the sockets.
_LONGEST_S = 3.0


class ScapyBackend(UserSpaceBackend):
    """scapy's L2 sockets, thinned here; a ``Backend``."""

    name = BackendName.SCAPY

    def __init__(self, thinning: ThinningFactory = default_thinning) -> None:
        super().__init__(
            "It is slow: of a burst that its socket's buffer does not hold packets are lost.",
            "Times are good to a microsecond.",
            thinning=thinning,
        )
        self._sockets: list[Any] = []
        self._heads: list[bytes] = []
        self._received: Counter[Any] = Counter()

    def open(self, request: Request) -> None:
        """Open a socket for every interface, all that are up for ``any``."""
        conf = _scapy_conf()
        conf.bufsize = request.queue_bytes
        names = request.interfaces
        if ANY in names:
            names = tuple(present())
        try:
            for name in names:
                self._sockets.append(_listen(conf, name, request.ports))
            self.interfaces = tuple(
                Interface(name, _link(opened, name))
                for name, opened in zip(names, self._sockets, strict=True)
            )
        except PermissionError as error:
            self.close()
            raise CaptureError(how_to_grant(missing(BACKENDS[self.name].capabilities))) from error
        except OSError as error:
            self.close()
            raise CaptureError(f"Interface {name} cannot be opened: {error.strerror}.") from error
        except CaptureError:
            self.close()
            raise
        self._make_pipelines(request)
        self.blind += tuple(_narrow(self._sockets, request.queue_bytes))
        self._heads = [
            blocks.section("scapy", "", "") + blocks.interface(interface, "", "")
            for interface in self.interfaces
        ]

    def poll(self, timeout: float) -> list[Packet]:
        """Return what has been kept since the last call; see ``Backend``."""
        if self._failure is not None:
            raise self._failure
        ready = type(self._sockets[0]).select(self._sockets, timeout)
        now = time.time_ns()
        kept: list[Packet] = []
        pairs = zip(self._sockets, self._pipelines.each, strict=True)
        for number, (opened, pipeline) in enumerate(pairs):
            if opened in ready:
                head, self._heads[number] = self._heads[number], b""
                kept += pipeline.feed(head + self._take(opened))
                self._count(opened, pipeline)
            else:
                kept += pipeline.advance(now - LAG_NS)
        return self._pipelines.merge(kept, now)

    def _take(self, opened: Any) -> bytes:
        """Return the packets that wait in a socket, as pcapng blocks of interface 0."""
        taken = bytearray()
        try:
            for _ in range(_TURN):
                _, data, moment = opened.recv_raw()
                if not data:
                    break
                at = time.time_ns() if moment is None else round(moment * 1_000_000_000)
                taken += blocks.packet(Packet(at, 0, data, len(data)))
        except BlockingIOError:
            pass
        except OSError as error:
            name = printable(str(opened.iface), 64)
            self._failure = CaptureError(
                f"Interface {name} is gone ({error.strerror}): the recording ends here."
            )
        return bytes(taken)

    def flush(self) -> list[Packet]:
        """Return what still waits in the sockets, and what is held back."""
        # Take first and thin later: what is not taken in time is lost, and counted.
        streams = list(self._heads)
        until = time.monotonic() + _LONGEST_S
        for number, opened in enumerate(self._sockets):
            while time.monotonic() < until and (taken := self._take(opened)):
                streams[number] += taken
        kept: list[Packet] = []
        for opened, pipeline, stream in zip(
            self._sockets, self._pipelines.each, streams, strict=True
        ):
            kept += pipeline.feed(stream)
            self._count(opened, pipeline)
            pipeline.dropped += max(self._received[opened] - pipeline.counters.seen, 0)
        return self._pipelines.merge(kept, time.time_ns()) + self._pipelines.flush()

    def _count(self, opened: Any, pipeline: InterfacePipeline) -> None:
        """Take in what the kernel counted since the last call."""
        received, dropped = _counted(opened)
        pipeline.dropped += dropped
        self._received[opened] += received - dropped

    def close(self) -> None:
        """Close the sockets; may be called twice."""
        for opened in self._sockets:
            opened.close()
        self._sockets = []


def _scapy_conf() -> Any:
    try:
        with warnings.catch_warnings(), _no_folders():
            warnings.simplefilter("ignore")  # of ciphers that its own dependencies retire
            import_module("scapy.arch")  # chooses the sockets of this system
            import_module("scapy.layers.l2")
            from scapy.config import conf
    except ImportError as error:
        raise CaptureError(
            f"scapy is not installed: install it with {install_command('scapy')}, or install "
            "dumpcap."
        ) from error
    return conf


@contextmanager
def _no_folders() -> Iterator[None]:
    """Let scapy find no folder of its user's. It would read and write a cache there, without
    looking whose it is, and sudo may leave HOME that of somebody else."""
    before = {name: os.environ.get(name) for name in _FOLDERS}
    os.environ.update(dict.fromkeys(_FOLDERS, os.devnull))
    try:
        yield
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


def _listen(conf: Any, name: str, ports: Collection[int]) -> Any:
    from scapy.error import Scapy_Exception

    try:
        opened = conf.L2listen(iface=name, filter=capture_filter(ports))
    except Scapy_Exception:  # no libpcap to compile the filter: the decoder filters all the same
        opened = conf.L2listen(iface=name)
    except ValueError as error:
        raise CaptureError(
            f"There is no interface {printable(name, 64)}: «ip link» lists them."
        ) from error
    with suppress(AttributeError, OSError):  # not on Linux: libpcap does these itself
        opened.ins.setblocking(False)
        with suppress(PermissionError):
            opened.ins.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, conf.bufsize)
        if name == "lo":
            opened.ins.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
    _counted(opened)  # what it lost before it was bound was of any interface, and no loss
    return opened


def _narrow(sockets: Iterable[Any], wanted: int) -> Iterator[str]:
    """Yield a sentence if the system allows sockets less than ``wanted`` bytes to wait in."""
    with suppress(AttributeError, OSError):
        sizes = [one.ins.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2 for one in sockets]
        if min(sizes) < wanted:
            yield (
                f"Its sockets' buffers hold {min(sizes) >> 10} KiB: without CAP_NET_ADMIN "
                "net.core.rmem_max bounds them."
            )


def _link(opened: Any, name: str) -> int:
    """Return the LINKTYPE_ of a socket whose frames can be decoded; raise CaptureError else."""
    from scapy.layers.l2 import Ether

    if getattr(opened, "lvl", 2) == 3:
        return RAW
    if opened.LL is Ether:
        return ETHERNET
    raise CaptureError(
        f"Frames of interface {printable(name, 64)} cannot be decoded by way of scapy: "
        "name another interface, or use dumpcap."
    )


def _counted(opened: Any) -> tuple[int, int]:
    """Return what came to the kernel's queue since the last call, and what of that was lost there,
    as far as the system tells."""
    try:
        statistics = opened.ins.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
    except (AttributeError, OSError):
        return 0, 0
    received, dropped = struct.unpack("II", statistics)
    return received, dropped
