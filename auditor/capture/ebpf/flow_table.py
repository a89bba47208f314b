"""Walks the kernel's flow table: takes what begins a silence, and removes flows that are over.

The filter holds back some headers of each side. It runs only when a segment passes, so that a
silence under way has to be looked for here. When the silence ends the filter may put the same
header into the ring, so that what was taken is remembered until then (``repeats``).
"""

from __future__ import annotations

import ctypes
import errno
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from auditor.capture.ebpf import libbpf
from auditor.capture.ebpf.layout import RECORD_HEAD_BYTES, FlowKeyStruct, FlowStruct
from auditor.capture.ebpf.silences import DOUBTFUL_MOST, due, held_back, is_over, lacking_at
from auditor.capture.ebpf.unseen import unseen_octets

#: Flows that are read at a time.
_BATCH = 256

#: Attempts to read a flow that is being written at that moment.
_ATTEMPTS = 1000


#: From this part of the table on, a walk is to be cheap more than flows without a word are to stay.
_CROWDED = 16


class Unseen(NamedTuple):
    """What was not seen of a flow by the time of a packet that is kept."""

    time: int
    """ns since boot."""
    ends: tuple[tuple[int, int], tuple[int, int]]
    """Address (128 bits, IPv4 as ::ffff:a.b.c.d) and port of each side."""
    octets: tuple[int, int]
    """How many bytes of each were acknowledged and not seen."""
    bound: bool = False
    """So much of it was irregular that what follows is not all kept."""


class Walk(NamedTuple):
    """What one walk found."""

    records: list[bytes]
    """Head and header of segments that are kept, as they would have come from the ring."""
    horizon: int
    """ns since boot up to which every silence that has begun is now known."""
    unseen: list[Unseen]
    """Of each flow of which more is missing than was said before."""


class FlowTable:
    """The flow table of a loaded object."""

    def __init__(self, map_fd: int, max_flows: int) -> None:
        self._lib = libbpf.library()
        self._fd = map_fd
        self._max_flows = max_flows
        self._horizon = 0
        self._flows = 0
        self._taken: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        self._told: dict[int, tuple[int, bool]] = {}
        """By flow how many bytes were said to be unseen, and whether its bound was told."""

    def repeats(self, flow: int, side: int, time: int) -> bool:
        """Tell whether a late record was taken by a walk before, and forget that it was."""
        taken = self._taken.get(flow, ())
        if (side, time) not in taken:
            return False
        self._taken[flow].discard((side, time))
        if not self._taken[flow]:
            del self._taken[flow]
        return True

    def walk(self, now: int, horizon: int, *, everything: bool = False) -> Walk:
        """Take what has begun a silence up to ``horizon``, and remove flows that are over.

        With ``everything`` each side's last activity is taken however young it is: at the end of a
        capture. ``now`` and ``horizon`` are ns since boot; the caller drains the ring afterwards.
        """
        records: list[bytes] = []
        unseen: list[Unseen] = []
        flows = 0
        ended: list[tuple[int, bytes]] = []
        since = self._horizon
        is_full = self._flows > self._max_flows * 3 // 4
        is_crowded = self._flows > self._max_flows // _CROWDED
        for keys, values in self._batches():
            flows += len(keys)
            for at, flow in enumerate(held_back(memoryview(values).cast("B"))):
                if is_over(flow, now, full=is_full, crowded=is_crowded):
                    ended.append((values[at].id, bytes(keys[at])))
                lacks = lacking_at(flow, since, horizon, everything=everything)
                if not lacks and not due(flow, since, horizon, everything=everything):
                    continue
                settled = self._settled(keys[at])
                if settled is None:
                    horizon = min(horizon, since)  # not all is known: look again next time
                    continue
                (now_held,) = held_back(bytes(settled))
                chosen = due(now_held, since, horizon, everything=everything)
                records += self._take(settled, chosen)
                lacks = lacking_at(now_held, since, horizon, everything=everything)
                unseen += self._unseen(keys[at], settled, lacks) if lacks else ()
        for identifier, key in ended:
            self._lib.bpf_map_delete_elem(self._fd, key)
            self._taken.pop(identifier, None)
            self._told.pop(identifier, None)
        self._horizon = horizon
        self._flows = flows - len(ended)
        return Walk(records, horizon, unseen)

    def _take(self, flow: FlowStruct, chosen: Iterable[tuple[int, str]]) -> Iterator[bytes]:
        taken = self._taken[flow.id]
        for side, slot in chosen:
            record = getattr(flow.sides[side], slot)
            if (side, record.time) not in taken:
                taken.add((side, record.time))
                yield bytes(record)[: RECORD_HEAD_BYTES + record.stored]

    def _unseen(self, key: FlowKeyStruct, flow: FlowStruct, time: int) -> Iterator[Unseen]:
        octets = (unseen_octets(flow.sides[0]), unseen_octets(flow.sides[1]))
        bound = flow.doubted >= DOUBTFUL_MOST
        if (sum(octets), bound) <= self._told.get(flow.id, (0, False)):
            return
        self._told[flow.id] = (sum(octets), bound)
        low, high = (int.from_bytes(bytes(each), "big") for each in (key.low, key.high))
        ends = ((low, key.low_port), (high, key.high_port))
        yield Unseen(time, ends, octets, bound)

    def _settled(self, key: FlowKeyStruct) -> FlowStruct | None:
        """Read one flow until two readings agree and it was not being written meanwhile.

        None when it is gone, or changes faster than it can be read.
        """
        before = b""
        flow = FlowStruct()
        for _ in range(_ATTEMPTS):
            if self._lib.bpf_map_lookup_elem(self._fd, ctypes.byref(key), ctypes.byref(flow)) < 0:
                return None
            data = bytes(flow)
            if data == before and not flow.lock & 1:
                return flow
            before = data
        return None

    def _batches(self) -> Iterator[tuple[ctypes.Array[FlowKeyStruct], ctypes.Array[FlowStruct]]]:
        """Yield keys and values of the whole table; they hold until the next ones are asked for."""
        keys, values = (FlowKeyStruct * _BATCH)(), (FlowStruct * _BATCH)()
        place, count = ctypes.c_uint64(), ctypes.c_uint32()
        start: Any = None
        result = 0
        while result != -errno.ENOENT:
            count.value = _BATCH
            result = self._lib.bpf_map_lookup_batch(
                self._fd, start, ctypes.byref(place), keys, values, ctypes.byref(count), None
            )
            if result < 0 and result != -errno.ENOENT:
                raise libbpf.last_error("the flow table cannot be read", -result)
            start = ctypes.byref(place)
            if count.value:
                yield (
                    (FlowKeyStruct * count.value).from_buffer(keys),
                    (FlowStruct * count.value).from_buffer(values),
                )
