"""The backend ``ebpf``: the kernel decides which headers are kept, and what may be a hello."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from auditor.capture.backend import Request
from auditor.capture.backend_registry import BackendName
from auditor.capture.backends.interface_pipeline import default_thinning, prepare
from auditor.capture.ebpf.bpf_object import BpfObject
from auditor.capture.ebpf.clock import sample_clock
from auditor.capture.ebpf.kernel_capture import KernelCapture
from auditor.capture.interfaces import ANY
from auditor.capture.sockets.socket_table import SocketWatch
from auditor.errors import CaptureError
from auditor.evidence.packet import Counters, Interface, Packet
from auditor.packets.pcapng_comments import SocketFact

#: ifindex of ``lo`` in every network namespace (LOOPBACK_IFINDEX, include/net/flow.h).
_LOOPBACK = 1

#: A ring has at least a page on every machine.
_MIN_RING_BYTES = 1 << 16

_BLIND = (
    "Packets that a driver or XDP program takes before the network stack, and those that pass "
    "between other machines without reaching this interface, are not seen.",
    "Of IP fragments beyond 4,096 in a second none is seen; these are counted as lost.",
    "Keepalive settings and processes are known of this host's sockets in this network namespace "
    "only; sockets of containers, in a handshake or in TIME-WAIT are not listed.",
    "The process of a socket that existed before, or that was accepted, is found through /proc and "
    "only where this process may look.",
)
_BLIND_ANY = (
    "Interfaces that appear after the start are not captured from, and none is promiscuous.",
)


class EbpfBackend:
    """Captures with the checked-in BPF object. Times are UTC, from a clock sampled at ``open``."""

    name = BackendName.EBPF

    def __init__(self) -> None:
        self.blind: tuple[str, ...] = _BLIND
        self.interfaces: tuple[Interface, ...] = ()
        self.children: tuple[int, ...] = ()
        self._object: BpfObject | None = None
        self._kernel: KernelCapture | None = None
        self._watch: SocketWatch | None = None

    def open(self, request: Request) -> None:
        """Load the programs and attach them; raise CaptureError with one sentence.

        Needs CAP_NET_RAW, CAP_BPF and CAP_PERFMON. Afterwards no right is needed on Linux 5.19 and
        later; before, CAP_BPF must be kept unless kernel.unprivileged_bpf_disabled is 0.
        """
        self._object = BpfObject.recorded()
        try:
            self._start(self._object, request)
        except CaptureError:
            self.close()
            raise

    def _start(self, opened: BpfObject, request: Request) -> None:
        prepare(default_thinning)
        ring_bytes = ring_size(request.ring_bytes)
        opened.configure(request.ports, loopback=_LOOPBACK, wake_bytes=ring_bytes // 4)
        opened.resize("packets", ring_bytes)
        opened.resize("flows", request.max_flows)
        opened.load()
        clock = sample_clock()
        self._kernel = KernelCapture(opened, request, clock)
        self._watch = SocketWatch(opened, clock)
        self.interfaces = tuple(tap.interface for tap in self._kernel.taps)
        if ANY in request.interfaces:
            self.blind += _BLIND_ANY

    def poll(self, timeout: float) -> Iterable[Packet]:
        """Return what has been kept since the last call, waiting at most ``timeout`` seconds.

        What is kept is known half a second to a second after it passed. Raises CaptureError when
        an interface is gone.
        """
        return self._opened.poll(timeout)

    def facts(self) -> Collection[SocketFact]:
        """Return what is new of this host's sockets since the last call."""
        return self._watch.facts() if self._watch else ()

    def counters(self) -> tuple[Counters, ...]:
        """Return what the filter counted, interface by interface."""
        return self._opened.counters()

    def flush(self) -> Iterable[Packet]:
        """Stop capturing; return what is still held back."""
        return self._opened.flush()

    def close(self) -> None:
        """Release everything; may be called twice."""
        for part in (self._watch, self._kernel, self._object):
            if part:
                part.close()
        self._watch = self._kernel = self._object = None

    @property
    def _opened(self) -> KernelCapture:
        if self._kernel is None:
            raise CaptureError("the eBPF backend has not been opened")
        return self._kernel


def ring_size(wanted: int) -> int:
    """Return the size of a ring of at least ``wanted`` bytes: a power of two."""
    return max(1 << (wanted - 1).bit_length(), _MIN_RING_BYTES)
