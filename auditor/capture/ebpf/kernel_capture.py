"""One capture by the filter in the kernel: its taps, what they keep, and its counters."""

from __future__ import annotations

import ctypes
import select
from collections.abc import Iterator

from auditor.capture.backend import Request
from auditor.capture.ebpf import libbpf
from auditor.capture.ebpf.bpf_object import BpfObject
from auditor.capture.ebpf.clock import BootClock, boot_ns
from auditor.capture.ebpf.flow_table import FlowTable
from auditor.capture.ebpf.gathering import Gathering
from auditor.capture.ebpf.layout import CountersStruct
from auditor.capture.ebpf.preconditions import CAPTURE_FILTER
from auditor.capture.ebpf.ring_buffer import RingBuffer
from auditor.capture.ebpf.taps import Tap, open_taps
from auditor.capture.interfaces import ANY
from auditor.errors import CaptureError
from auditor.evidence.packet import Counters, Packet

#: The flow table is walked this often (ns): with the silence that has to pass before a packet is
#: known to be kept, what is written is at most a second old.
WALK_NS = 400_000_000

#: Flows that the filter knows beside those of its table, as flows.h has it.
UNPROVEN_FLOWS = 16384


class KernelCapture:
    """Taps with the filter on them, and everything that the filter keeps."""

    def __init__(self, loaded: BpfObject, request: Request, clock: BootClock) -> None:
        """Attach the filter of a loaded object to the interfaces asked for."""
        from auditor.evidence.thinning.strict_cut import StrictCut  # imports numpy and numba

        self._lib = libbpf.library()
        self._counters_fd = loaded.map_fd("interfaces")
        self._cpus = libbpf.check_number(
            self._lib.libbpf_num_possible_cpus(), "the processors cannot be counted"
        )
        filter_fd = loaded.program_fd(CAPTURE_FILTER)
        self.taps: tuple[Tap, ...] = open_taps(request.interfaces, filter_fd)
        numbers = {tap.index: number for number, tap in enumerate(self.taps)}
        self._ring = RingBuffer(loaded.map_fd("packets"))
        table = FlowTable(loaded.map_fd("flows"), request.max_flows)
        known = request.max_flows + UNPROVEN_FLOWS
        cut = StrictCut(request.ports, tuple(tap.interface for tap in self.taps), known)
        self._gathering = Gathering(table, self._ring, clock, numbers, cut)
        self._readable = select.poll()
        self._readable.register(self._ring.fileno(), select.POLLIN)
        self._next_walk = boot_ns() + WALK_NS
        self._all_named = ANY not in request.interfaces
        for tap in self.taps:
            self._enable(tap)

    def _enable(self, tap: Tap) -> None:
        """Let the filter process packets of this interface, whose link header has this length."""
        counters = (CountersStruct * self._cpus)()
        for each in counters:
            each.header = tap.header
        libbpf.check_number(
            self._lib.bpf_map_update_elem(
                self._counters_fd,
                ctypes.byref(ctypes.c_uint32(tap.index)),
                counters,
                0,
            ),
            f"interface {tap.interface.name} cannot be counted",
        )

    def poll(self, timeout: float) -> Iterator[Packet]:
        """Wait at most ``timeout`` seconds and yield what is kept and in order by then.

        Raises CaptureError when an interface that was asked for by name has been removed, or all
        of them; what has been kept until then comes from ``flush``.
        """
        deadline = boot_ns() + int(timeout * 1e9)
        while True:
            now = boot_ns()
            if now >= self._next_walk:
                self._next_walk = now + WALK_NS
                yield from self._gathering.walk(now)
                self._check_taps()
                return
            wait = min(self._next_walk, deadline) - now
            if wait <= 0:
                return
            self._readable.poll(wait / 1e6)
            self._gathering.drain()

    def flush(self) -> list[Packet]:
        """Detach the filter; return what is still held back, each side's last activity too."""
        self._detach()
        return self._gathering.rest(boot_ns())

    def counters(self) -> tuple[Counters, ...]:
        """Return what the filter counted on each tap; nothing is lost before it is counted."""
        return tuple(self._count(number, tap) for number, tap in enumerate(self.taps))

    def _count(self, number: int, tap: Tap) -> Counters:
        each = (CountersStruct * self._cpus)()
        libbpf.check_number(
            self._lib.bpf_map_lookup_elem(
                self._counters_fd, ctypes.byref(ctypes.c_uint32(tap.index)), each
            ),
            f"the counters of {tap.interface.name} cannot be read",
        )
        names = ("seen", "matched", "lost", "lost_new", "withheld", "released")
        seen, matched, lost, lost_new, withheld, released = (
            sum(getattr(one, name) for one in each) for name in names
        )
        lost += self._gathering.lost(number)
        lost_new += self._gathering.lost_payload(number)
        kept = self._gathering.kept(number)
        return Counters(seen, matched, kept, 0, lost, max(withheld - released, 0), lost_new)

    def _check_taps(self) -> None:
        removed = [tap.interface.name for tap in self.taps if tap.is_removed()]
        if removed and (self._all_named or len(removed) == len(self.taps)):
            raise CaptureError(f"interface {' and '.join(removed)} has been removed")

    def _detach(self) -> None:
        for tap in self.taps:
            tap.socket.close()

    def close(self) -> None:
        """Release the taps and the ring; may be called twice."""
        self._detach()
        self._ring.close()
