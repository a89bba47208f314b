"""The filter of the kernel as a thinner: its C source, built for this machine by any compiler.

What the kernel's ring and flow table would hold goes through the code that reads them in a capture.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
from paths import ROOT, SUPPORT
from tape import Frame

from auditor.capture.ebpf import libbpf
from auditor.capture.ebpf.flow_table import FlowTable
from auditor.capture.ebpf.gathering import Gathering
from auditor.capture.ebpf.kernel_capture import WALK_NS
from auditor.capture.ebpf.layout import CountersStruct
from auditor.evidence.packet import SILENCE_NS, Direction, Interface, Packet
from auditor.evidence.thinning.strict_cut import StrictCut
from auditor.flows.icmp import is_error
from auditor.packets.link_types import ETHERNET, LINK_TYPES
from auditor.packets.segments import Batch

_HERE = SUPPORT / "bpf_host"
_SOURCE = ROOT / "auditor" / "capture" / "bpf"
_QUIET = ("-Wno-unknown-pragmas", "-Wno-unknown-attributes", "-Wno-unused-function")

#: As host.c has it.
FRAME = np.dtype(
    [
        ("time", "u8"),
        ("offset", "u4"),
        ("size", "u4"),
        ("wire", "u4"),
        ("ifindex", "u4"),
        ("outgoing", "u4"),
        ("tag", "u4"),
    ]
)

_PORTS = (5432, 9101, 9102, 9103)
_P, _U32, _U64 = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint64


def build(target: Path, source: str, *options: str) -> Path:
    """Compile ``host.c`` or ``main.c`` for this machine, with further options; return the path."""
    compiler = shutil.which("clang") or shutil.which("cc")
    assert compiler, "the host build of the filter needs clang or cc"
    command = [compiler, "-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", *_QUIET]
    command += ["-I", str(_HERE), "-I", str(_SOURCE), "-include", "host.h", *options]
    subprocess.run([*command, "-o", str(target), str(_HERE / source)], check=True)
    return target


@cache
def library() -> Any:
    """Return the host build as a library; it is removed when Python ends."""
    with tempfile.TemporaryDirectory() as folder:
        lib = ctypes.CDLL(str(build(Path(folder) / "filter.so", "host.c", "-shared", "-fPIC")))
    lib.host_open.restype = _P
    lib.host_open.argtypes = [_U64, _P, _U32, _U32, _U32, _U64]
    lib.host_close.argtypes = [_P]
    lib.host_interface.argtypes = [_P, _U32, _U32]
    lib.host_feed.argtypes = [_P, _P, _P, _U32]
    lib.host_drain.restype = ctypes.c_size_t
    lib.host_drain.argtypes = [_P, _P]
    lib.host_batch.argtypes = [_P, _U64, _P, _P, _P, _P]
    lib.host_flow.argtypes = [_P, _P, _P]
    lib.host_forget.argtypes = [_P, _P]
    lib.host_count.argtypes = [_P, _U32]
    lib.host_counters.argtypes = [_P, _U32, _P]
    return lib


def _undirected(packet: Packet) -> Packet:
    """Forget the direction, which no file told."""
    return packet._replace(direction=Direction.UNKNOWN)


class BpfThinner:
    """What ``Thinner`` is, by the C source: bounds as the kernel's maps have them."""

    def __init__(
        self,
        max_flows: int = 65536,
        *,
        max_unproven: int = 16384,
        ring_bytes: int = 1 << 40,
        interfaces: int = 2,
        known: int = 2048,
    ) -> None:
        self._capture = None
        self._lib = library()
        ports = (ctypes.c_uint16 * len(_PORTS))(*_PORTS)
        self._capture = self._lib.host_open(
            SILENCE_NS, ports, len(_PORTS), max_flows, max_unproven, ring_bytes
        )
        self._numbers: dict[int, int] = {}
        self._times: dict[int, int] = {}
        self._clock = 0
        self._next_walk = 0
        with mock.patch.object(libbpf, "library", self._kernel):
            table = FlowTable(0, max_flows)
        # Tables for as many flows as a host has take longer to make than a test to run.
        taps = tuple(Interface("", ETHERNET) for _ in range(interfaces))
        cut = StrictCut(_PORTS, taps, known)
        # No circle: the tables of a hundred megabytes go as soon as nobody has the thinner.
        me = weakref.proxy(self)
        self._gathering = Gathering(table, me, me, self._numbers, cut)

    def _kernel(self) -> SimpleNamespace:
        """Return the functions of libbpf by which the flow table is walked."""
        lib, capture = self._lib, self._capture

        def batch(_fd: int, start: Any, place: Any, *rest: Any) -> int:
            begin = 0 if start is None else start._obj.value
            return int(lib.host_batch(capture, begin, place, *rest[:3]))

        return SimpleNamespace(
            bpf_map_lookup_batch=batch,
            bpf_map_lookup_elem=lambda _, key, value: lib.host_flow(capture, key, value),
            bpf_map_delete_elem=lambda _, key: lib.host_forget(capture, key),
        )

    # ------------------------------------------------------------------ clock and ring

    def utc(self, boot: int) -> int:
        """Return a frame's own time: the kernel's clock never stands still nor goes back."""
        return self._times.get(boot, boot)

    def drain(self) -> list[bytes]:
        """Return the records in the ring."""
        place = ctypes.c_void_p()
        size = self._lib.host_drain(self._capture, ctypes.byref(place))
        data = ctypes.string_at(place, size) if size else b""
        records, at = [], 0
        while at < size:
            end = at + 4 + int.from_bytes(data[at : at + 4], "little")
            records.append(data[at + 4 : end])
            at = end
        return records

    # ------------------------------------------------------------------ as Thinner has it

    def feed(self, batch: Batch) -> list[Packet]:
        """Take decoded segments; return what is now known to be kept, in order of time."""
        frames = np.zeros(len(batch.segments), FRAME)
        due: list[Packet] = []
        begin = 0
        buffer = np.ascontiguousarray(batch.buffer)
        for at, row in enumerate(batch.segments):
            self._take(frames[at], row)
            if frames[at]["time"] >= self._next_walk:
                self._feed(buffer, frames[begin:at])
                begin = at
                due += self._walk(int(frames[at]["time"]))
        self._feed(buffer, frames[begin:])
        return due

    def _take(self, frame: Any, row: Any) -> None:
        header = int(row["payload"]) - int(row["frame"])
        self._take_time(frame, int(row["time"]), int(row["interface"]))
        frame["offset"] = row["frame"]
        frame["size"] = header if is_error(row) else header + min(row["captured"], row["length"])
        frame["wire"] = header + int(row["length"]) + int(row["trailer"])

    def _feed(self, buffer: Any, frames: Any) -> None:
        self._lib.host_feed(self._capture, buffer.ctypes.data, frames.ctypes.data, len(frames))

    def give(self, frames: Iterable[Frame]) -> list[Packet]:
        """Take frames as they are, IP fragments too; return what is known to be kept."""
        due: list[Packet] = []
        row = np.zeros(1, FRAME)
        for frame in frames:
            self._take_time(row[0], frame.time, 0)
            row[0]["size"], row[0]["wire"] = len(frame.data), frame.wire
            self._feed(np.frombuffer(frame.data, np.uint8), row)
            if self._clock >= self._next_walk:
                due += self._walk(self._clock)
        return due

    def _take_time(self, frame: Any, moment: int, interface: int) -> None:
        time = max(moment, self._clock + 1)
        self._clock = time
        if time != moment:
            self._times[time] = moment
        frame["time"] = time
        frame["ifindex"] = ifindex = interface + 2
        if ifindex not in self._numbers:
            self._numbers[ifindex] = interface
            self._lib.host_interface(self._capture, ifindex, LINK_TYPES[ETHERNET].header)

    def _walk(self, now: int) -> list[Packet]:
        self._next_walk = now + WALK_NS
        return list(map(_undirected, self._gathering.walk(now)))

    def advance(self, now: int) -> list[Packet]:
        """Return what the passing of time alone has settled: ``now`` is ns UTC."""
        self._clock = max(self._clock, now)
        return self._walk(self._clock)

    def flush(self) -> list[Packet]:
        """Return what is still held back, at the end of the capture."""
        return list(map(_undirected, self._gathering.rest(self._clock)))

    def counters(self) -> tuple[int, int, int]:
        """Return the segments matched, kept, and lost at a bound so far."""
        matched = kept = lost = 0
        for ifindex, number in self._numbers.items():
            counters = CountersStruct()
            self._lib.host_counters(self._capture, ifindex, ctypes.byref(counters))
            matched += counters.matched
            lost += counters.lost + self._gathering.lost(number)
            kept += self._gathering.kept(number)
        return matched, kept, lost

    def lost_new(self) -> int:
        """Return how many of the lost are of flows without a standing."""
        total = 0
        for ifindex in self._numbers:
            counters = CountersStruct()
            self._lib.host_counters(self._capture, ifindex, ctypes.byref(counters))
            total += counters.lost_new
        return total

    def withheld(self) -> int:
        """Return the segments that were left out under a flood."""
        total = 0
        for ifindex in self._numbers:
            counters = CountersStruct()
            self._lib.host_counters(self._capture, ifindex, ctypes.byref(counters))
            total += counters.withheld - counters.released
        return total

    def flows(self) -> tuple[int, int]:
        """Return how many flows the tables hold: those that stay, and those not proven."""
        return self._lib.host_count(self._capture, 0), self._lib.host_count(self._capture, 1)

    def __del__(self) -> None:
        if self._capture:
            self._lib.host_close(self._capture)
