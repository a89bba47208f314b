"""Gathers what the filter in the kernel keeps: ring, flow table and counters of one capture."""

from __future__ import annotations

import ctypes
import select
import struct
from collections.abc import Iterator

from auditor.capture.backend import Request
from auditor.capture.ebpf import libbpf
from auditor.capture.ebpf.bpf_object import BpfObject
from auditor.capture.ebpf.clock import BootClock, boot_ns
from auditor.capture.ebpf.flow_table import FlowTable
from auditor.capture.ebpf.layout import RECORD_HEAD, RECORD_HEAD_BYTES, CountersStruct
from auditor.capture.ebpf.preconditions import CAPTURE_FILTER
from auditor.capture.ebpf.ring_buffer import RingBuffer
from auditor.capture.ebpf.taps import Tap, open_taps
from auditor.capture.interfaces import ANY
from auditor.errors import CaptureError
from auditor.evidence.packet import SILENCE_NS, Counters, Direction, Packet
from auditor.evidence.timeline import Timeline

#: The flow table is walked this often (ns), so that a silence is written within a second.
WALK_NS = 500_000_000

#: A packet is in the ring this long (ns) after its time at most: a filter runs undisturbed and
#: needs microseconds.
MARGIN_NS = 50_000_000

_END_OF_TIME = 1 << 62

_HEAD = struct.Struct(RECORD_HEAD)


class KernelCapture:
    """Taps with the filter on them, and everything that the filter keeps.

    Held-back headers come from two places, in no order: the ring, when a silence ends, and the
    flow table, when one has lasted. After a walk of the table at T and a drain of the ring behind
    it every segment up to T - SILENCE_NS that is kept is known: packets are returned up to there.
    """

    def __init__(self, loaded: BpfObject, request: Request, clock: BootClock) -> None:
        """Attach the filter of a loaded object to the interfaces asked for."""
        self._lib = libbpf.library()
        self._clock = clock
        self._timeline = Timeline(window=0)
        self._table = FlowTable(loaded.map_fd("flows"), request.max_flows)
        self._counters_fd = loaded.map_fd("interfaces")
        self._cpus = libbpf.check_number(
            self._lib.libbpf_num_possible_cpus(), "the processors cannot be counted"
        )
        filter_fd = loaded.program_fd(CAPTURE_FILTER)
        self.taps: tuple[Tap, ...] = open_taps(request.interfaces, filter_fd)
        self._numbers = {tap.index: number for number, tap in enumerate(self.taps)}
        self._walked = [0] * len(self.taps)
        self._repeated = [0] * len(self.taps)
        self._ring = RingBuffer(loaded.map_fd("packets"))
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
                yield from self._walk(now)
                self._check_taps()
                return
            wait = min(self._next_walk, deadline) - now
            if wait <= 0:
                return
            self._readable.poll(wait / 1e6)
            self._drain()

    def _walk(self, now: int) -> list[Packet]:
        self._next_walk = now + WALK_NS
        walk = self._table.walk(now, now - SILENCE_NS)
        self._drain()
        for record in walk.records:
            self._take(record, walked=True)
        return self._timeline.due(self._clock.utc(walk.horizon - MARGIN_NS))

    def flush(self) -> list[Packet]:
        """Detach the filter; return what is still held back, each side's last activity too."""
        self._detach()
        walk = self._table.walk(boot_ns(), _END_OF_TIME, everything=True)
        self._drain()
        for record in walk.records:
            self._take(record, walked=True)
        return self._timeline.rest()

    def _drain(self) -> None:
        for record in self._ring.drain():
            self._take(record, walked=False)

    def _take(self, record: bytes, *, walked: bool) -> None:
        """Queue one record, unless a walk has taken it before."""
        time, flow, ifindex, length, stored, direction, side, _, late, _ = _HEAD.unpack_from(record)
        number = self._numbers[ifindex]
        if late and self._table.repeats(flow, side, time):
            self._repeated[number] += 1
            return
        self._walked[number] += walked
        data = record[RECORD_HEAD_BYTES : RECORD_HEAD_BYTES + stored]
        packet = Packet(self._clock.utc(time), number, data, length, Direction(direction))
        self._timeline.add([packet])

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
        total = {
            name: sum(getattr(one, name) for one in each)
            for name in ("seen", "matched", "kept", "lost")
        }
        # A late record that a walk had taken already was counted twice.
        late = self._timeline.late.get(number, 0)
        total["kept"] += self._walked[number] - self._repeated[number] - late
        total["lost"] += late
        return Counters(**total)

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
