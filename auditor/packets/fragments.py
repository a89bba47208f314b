"""IP fragments of TCP segments, put together within bounds (RFC 791 §3.2, RFC 8200 §4.5).

A table of fixed size holds what is incomplete: a datagram that waits for 60 s is forgotten, as
receivers do, and so is the oldest of those that the table has no other place for. Of each the
beginning is kept, which holds the headers and the hello, and of the rest which bytes were there.
"""

from __future__ import annotations

import secrets
import struct

import numpy as np

from auditor.kernels import kernel
from auditor.packets.counters import COMPLETE, FRAGMENTS, PACKETS
from auditor.packets.decoding import Decoding
from auditor.packets.integers import be16, int64, u8
from auditor.packets.segments import Array

#: Bytes of the payload of a datagram that are kept: a TCP header, and 4 KiB of a stream.
DATA = 4160
#: Bytes of the headers before it: of the link, of IP and its extensions.
HEAD = 320
#: Fragments begin at multiples of 8 bytes, and no datagram is longer than 64 KiB.
_UNITS = 8192
#: Datagrams that are put together at a time, in buckets of a few: some 12 MB where all are used.
#: Linux gives up the oldest at 4 MiB, some 5000 of the smallest fragments (``ipfrag_high_thresh``).
DATAGRAMS, _WAYS = 2048, 8
#: How long (ns) a receiver waits for the rest (RFC 8200 §4.5).
_LIFETIME = 60_000_000_000
_PRIME = (1 << 31) - 1

FRAGMENT = np.dtype(
    [
        ("src_hi", "u8"),
        ("src_lo", "u8"),
        ("dst_hi", "u8"),
        ("dst_lo", "u8"),
        ("key", "i8"),  # version and identification; 0: the slot is free
        ("time", "i8"),  # of the first fragment seen
        ("last", "i8"),  # of the latest
        ("number", "i8"),  # packet of the latest
        ("interface", "i8"),
        ("link", "i8"),
        ("pieces", "i8"),  # fragments counted as lost while it is incomplete
        ("units", "i8"),  # of 8 bytes, seen
        ("size", "i8"),  # of the whole; 0: the last fragment was not seen
        ("cut", "i8"),  # the first place that was not captured
        ("part", "i8"),  # payload of a TCP segment that was handed on before it was whole
        ("clash", "i8"),  # 1: fragments carry different bytes for one place
        ("network", "i8"),  # where the IP header begins in `head`
        ("head_size", "i8"),  # 0: the first fragment was not seen
        ("head", "u1", (HEAD,)),
        ("seen", "u1", (_UNITS // 8,)),
        ("data", "u1", (DATA,)),
    ],
    align=True,
)


def new_fragments() -> Array:
    """Return an empty table, dtype FRAGMENT; its memory is only used as far as it fills."""
    table = np.zeros(DATAGRAMS + 1, FRAGMENT)
    table[DATAGRAMS]["time"] = 2 + secrets.randbelow(_PRIME - 2)
    return table


@kernel
def _bucket(wanted: np.void, secret: int) -> int:
    total = int64(wanted["key"])
    for half in (wanted["src_hi"], wanted["src_lo"], wanted["dst_hi"], wanted["dst_lo"]):
        for shift in (32, 0):
            word = int64((half >> np.uint64(shift)) & np.uint64(0xFFFFFFFF))
            total = (total % _PRIME * secret + word) % _PRIME
    return total % (DATAGRAMS // _WAYS) * _WAYS


@kernel
def _is_same(slot: np.void, wanted: np.void) -> bool:
    return bool(
        slot["key"] == wanted["key"]
        and slot["src_lo"] == wanted["src_lo"]
        and slot["dst_lo"] == wanted["dst_lo"]
        and slot["src_hi"] == wanted["src_hi"]
        and slot["dst_hi"] == wanted["dst_hi"]
    )


@kernel
def _open(slot: np.void, wanted: np.void, time: int) -> None:
    """Let a slot begin anew for the datagram whose endpoints are in ``wanted``."""
    for k in range(_UNITS // 8):
        slot["seen"][k] = 0
    slot["src_hi"] = wanted["src_hi"]
    slot["src_lo"] = wanted["src_lo"]
    slot["dst_hi"] = wanted["dst_hi"]
    slot["dst_lo"] = wanted["dst_lo"]
    slot["key"] = wanted["key"]
    slot["time"] = time
    slot["pieces"] = 0
    slot["units"] = 0
    slot["size"] = 0
    slot["cut"] = DATA
    slot["part"] = 0
    slot["clash"] = 0
    slot["head_size"] = 0


@kernel
def slot_of(wanted: np.void, time: int, secret: int, fragments: Array) -> int:
    """Return the slot of the datagram whose addresses and key are in ``wanted``, opened if new."""
    first = _bucket(wanted, secret)
    oldest = first
    for k in range(first, first + _WAYS):
        slot = fragments[k]
        if _is_same(slot, wanted) and abs(time - slot["time"]) < _LIFETIME:
            return k
        free = slot["key"] == 0 and fragments[oldest]["key"] != 0
        if free or (fragments[oldest]["key"] != 0 and slot["time"] < fragments[oldest]["time"]):
            oldest = k
    _open(fragments[oldest], wanted, time)
    return oldest


@kernel
def _put_unit(slot: np.void, buffer: Array, at: int, place: int, size: int, stop: int) -> None:
    """Take in the bytes [place, place + size) of one unit, which begin at ``buffer[at]``."""
    unit = place >> 3
    bit = 128 >> (unit & 7)
    seen = int64(slot["seen"][unit >> 3]) & bit
    if not seen:
        slot["seen"][unit >> 3] |= bit
        slot["units"] += 1
    for k in range(size):
        if place + k >= DATA or at + k >= stop:
            break
        if not seen:
            slot["data"][place + k] = buffer[at + k]
        elif slot["data"][place + k] != buffer[at + k] and place + k < slot["cut"]:
            slot["clash"] = 1


@kernel
def _put_head(slot: np.void, buffer: Array, frame: int, network: int, upper: int) -> None:
    if slot["head_size"] or upper - frame > HEAD:
        return
    for k in range(upper - frame):
        slot["head"][k] = buffer[frame + k]
    slot["head_size"] = upper - frame
    slot["network"] = network - frame


@kernel
def add_fragment(
    index: int,
    frame: int,
    network: int,
    upper: int,
    stop: int,
    size: int,
    offset: int,
    more: bool,
    time: int,
    io: Decoding,
) -> None:
    """Take in ``size`` bytes from ``upper`` on, which belong at ``offset`` of the datagram.

    ``index`` is its slot; ``frame``, ``network`` and ``upper`` are where the frame, its IP header
    and its payload begin in the buffer, ``stop`` where the captured bytes end. When the datagram
    is whole, ``counters[COMPLETE]`` names its slot.
    """
    slot = io.fragments[index]
    slot["pieces"] += 1
    io.counters[FRAGMENTS] += 1
    if size <= 0 or offset + size > 8 * _UNITS or (more and size & 7):
        return
    slot["last"] = time
    slot["number"] = io.counters[PACKETS]
    if stop - upper < size:
        slot["cut"] = min(slot["cut"], offset + max(0, stop - upper))
    if offset == 0:
        _put_head(slot, io.buffer, frame, network, upper)
    for k in range(0, size, 8):
        _put_unit(slot, io.buffer, upper + k, offset + k, min(8, size - k), stop)
    if not more:
        if slot["size"] > 0 and slot["size"] != offset + size:
            slot["clash"] = 1
        else:
            slot["size"] = offset + size
    if slot["size"] > 0 and slot["head_size"] > 0 and slot["units"] >= (slot["size"] + 7) >> 3:
        io.counters[FRAGMENTS] -= slot["pieces"]
        io.counters[COMPLETE] = index + 1


def datagram(slot: np.void) -> tuple[bytes, int]:
    """Return the frame that a whole datagram would have been, and its length on the wire.

    Of IPv4 the header says that it is no fragment, of IPv6 that it is the only one (RFC 6946).
    """
    size, network = int(slot["size"]), int(slot["network"])
    head = bytearray(slot["head"][: int(slot["head_size"])].tobytes())
    length = len(head) - network + size
    if head[network] >> 4 == 4:
        head[network + 2 : network + 4] = min(length, 0xFFFF).to_bytes(2, "big")
        head[network + 6] &= 0x40
        head[network + 7] = 0
        head[network + 10 : network + 12] = b"\0\0"
        head[network + 10 : network + 12] = _header_checksum(bytes(head[network:]))
    else:
        head[network + 4 : network + 6] = min(length - 40, 0xFFFF).to_bytes(2, "big")
        head[-6:-4] = b"\0\0"
    data = slot["data"][: min(size, int(slot["cut"]))].tobytes()
    return bytes(head) + data, len(head) + size


def _header_checksum(header: bytes) -> bytes:
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    checksum: int = total ^ 0xFFFF
    return checksum.to_bytes(2, "big")


@kernel
def is_interesting(buffer: Array, upper: int, stop: int, offset: int, ports: Array) -> bool:
    """Tell whether a fragment may belong to a segment on the ports; only the first shows them."""
    if offset > 0 or stop - upper < 4:
        return True
    return bool(ports[be16(buffer, upper)] or ports[be16(buffer, upper + 2)])


@kernel
def is_whole_header(buffer: Array, upper: int, stop: int) -> bool:
    """Tell whether a first fragment holds a TCP header that opens and ends no connection.

    Such a one is handed on at once: captures made with a filter on ports lack the others.
    """
    if stop - upper < 20:
        return False
    return not u8(buffer, upper + 13) & 0x07
