"""The table of datagrams whose IP fragments are put together (RFC 791 §3.2, RFC 8200 §4.5).

It is of fixed size: a datagram that waits for 60 s is forgotten, as receivers do, and so is the
oldest of those that the table has no other place for. Of each the beginning is kept, which holds
the headers and the hello, and of the rest which bytes were there. What was whole stays as long,
for its first copies may have been lies that its receiver never saw (``reassembly``).
"""

from __future__ import annotations

import secrets

import numpy as np

from auditor.kernels import kernel
from auditor.packets.decoding import TCP_PORT
from auditor.packets.integers import be16, int64, u8
from auditor.packets.segments import Array
from auditor.packets.undecoded import HEADLESS_TCP
from auditor.packets.undecoded_table import new_run, put_new

#: Bytes of the payload of a datagram that are kept: a TCP header, and 4 KiB of a stream.
DATA = 4160
#: Bytes of the headers before it: of the link, of IP and its extensions.
HEAD = 320
#: Fragments begin at multiples of 8 bytes, and no datagram is longer than 64 KiB.
UNITS = 8192
#: Datagrams that are put together at a time, in buckets of a few: 45 MB where all are used to
#: their end. Linux takes no more at 4 MiB, some 4000 of the smallest (``ipfrag_high_thresh``).
DATAGRAMS, _WAYS = 4096, 16
#: How long (ns) a receiver waits for the rest (RFC 8200 §4.5).
_LIFETIME = 60_000_000_000
_PRIME = (1 << 31) - 1
PLAIN, WITH_PORTS = 1, 2

FRAGMENT = np.dtype(
    [
        ("src_hi", "u8"),
        ("src_lo", "u8"),
        ("dst_hi", "u8"),
        ("dst_lo", "u8"),
        ("key", "i8"),  # network, version and identification; 0: the slot is free
        ("time", "i8"),  # of the first fragment seen
        ("last", "i8"),  # of the latest
        ("number", "i8"),  # packet of the latest
        ("interface", "i8"),
        ("link", "i8"),
        ("pieces", "i8"),  # fragments counted as lost while it is incomplete
        ("told", "i8"),  # of these pieces, those that a file before had
        ("units", "i8"),  # of 8 bytes, seen from the beginning on without a hole
        ("size", "i8"),  # of the whole; 0: the last fragment was not seen
        ("other_size", "i8"),  # as another last fragment has it, or 0
        ("size_rank", "i8"),  # of the fragment that `size` is of
        ("cut", "i8"),  # the first place that was not captured
        ("part", "i8"),  # payload of a TCP segment that was handed on before it was whole
        ("clash", "i8"),  # 1: fragments carry different bytes for one place
        ("whole", "i8"),  # how often it was handed on; then it waits for what contradicts it
        ("anew", "i8"),  # 1: another TCP header came then, so that it may be another datagram
        ("right", "i8"),  # which readings have a right checksum; see `reassembly`
        ("plain", "i8"),  # PLAIN: its payload begins with the TCP header; WITH_PORTS: with UDP's
        ("others", "i8"),  # 1: its first fragment shows ports that nobody asked for
        ("network", "i8"),  # where the IP header begins in `head`
        ("head_size", "i8"),  # 0: the first fragment was not seen
        ("head", "u1", (HEAD,)),
        ("seen", "u1", (UNITS // 8,)),
        ("ranks", "u2", (DATA // 8,)),  # of the copy of each unit in `data`
        ("sizes", "u1", (DATA // 8,)),  # bytes of each unit that are there
        ("data", "u1", (DATA,)),  # of each unit the copy with the highest rank, the first of such
        ("other", "u1", (DATA,)),  # the latest copy that differs from it, or the same
    ],
    align=True,
)


def new_fragments() -> Array:
    """Return an empty table, dtype FRAGMENT; its memory is only used as far as it fills."""
    table = np.zeros(DATAGRAMS + 1, FRAGMENT)
    table[DATAGRAMS]["time"] = 2 + secrets.randbelow(_PRIME - 2)
    return table


def go_on(table: Array) -> Array:
    """Let a table be that of the next file of a recording: what waits there is told of the last."""
    for index in np.flatnonzero(table["pieces"]):
        table[index]["told"] = table[index]["pieces"]
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
    for k in range(UNITS // 8):
        slot["seen"][k] = 0
    for k in range(DATA // 8):
        slot["ranks"][k] = 0
        slot["sizes"][k] = 0
    slot["src_hi"] = wanted["src_hi"]
    slot["src_lo"] = wanted["src_lo"]
    slot["dst_hi"] = wanted["dst_hi"]
    slot["dst_lo"] = wanted["dst_lo"]
    slot["key"] = wanted["key"]
    slot["time"] = slot["last"] = time
    slot["pieces"] = slot["told"] = 0
    slot["units"] = 0
    slot["size"] = 0
    slot["other_size"] = 0
    slot["size_rank"] = 0
    slot["cut"] = DATA
    slot["part"] = 0
    slot["clash"] = 0
    slot["whole"] = 0
    slot["anew"] = 0
    slot["right"] = 0
    slot["plain"] = wanted["plain"]
    slot["others"] = 0
    slot["head_size"] = 0


@kernel
def find_slot(wanted: np.void, time: int, whole: bool, secret: int, fragments: Array) -> int:
    """Return the slot of the datagram whose addresses and key are in ``wanted``, or -1.

    ``whole``: of one that was whole already, or of one that was not.
    """
    first = _bucket(wanted, secret)
    for k in range(first, first + _WAYS):
        slot = fragments[k]
        if (
            _is_same(slot, wanted)
            and (slot["whole"] > 0) == whole
            and abs(time - slot["time"]) < _LIFETIME
        ):
            return k
    return -1


@kernel
def note_incomplete(slot: np.void, counters: Array) -> None:
    """Note a datagram that never was whole, if it may have held a segment on the ports."""
    pieces = int64(slot["pieces"]) - int64(slot["told"])
    if slot["key"] == 0 or slot["whole"] > 0 or pieces <= 0:
        return
    first, last = int64(slot["time"]), int64(slot["last"])
    run = new_run(counters, HEADLESS_TCP, min(first, last), max(first, last), pieces)
    if slot["plain"] == PLAIN:
        place = run
        for half in (slot["src_hi"], slot["src_lo"], slot["dst_hi"], slot["dst_lo"]):
            for shift in (32, 0):
                counters[place] = int64((half >> np.uint64(shift)) & np.uint64(0xFFFFFFFF))
                place += 1
    put_new(counters)


@kernel
def open_slot(wanted: np.void, time: int, secret: int, fragments: Array, counters: Array) -> int:
    """Return a slot for the datagram whose addresses and key are in ``wanted``: a free one, the
    oldest that was whole, or the oldest, of which ``counters`` keep what is not known."""
    first = _bucket(wanted, secret)
    oldest = first
    for k in range(first, first + _WAYS):
        slot, worst = fragments[k], fragments[oldest]
        if slot["key"] == 0:
            oldest = k
            break
        sooner = slot["time"] < worst["time"]
        if (slot["whole"] > 0 and (worst["whole"] == 0 or sooner)) or (
            sooner and worst["whole"] == 0
        ):
            oldest = k
    note_incomplete(fragments[oldest], counters)
    _open(fragments[oldest], wanted, time)
    return oldest


@kernel
def is_interesting(buffer: Array, upper: int, stop: int, offset: int, ports: Array) -> bool:
    """Tell whether a fragment may belong to a segment on the ports; only the first shows them."""
    if offset > 0 or stop - upper < 4:
        return True
    return bool((ports[be16(buffer, upper)] | ports[be16(buffer, upper + 2)]) & TCP_PORT)


@kernel
def is_whole_header(buffer: Array, upper: int, stop: int) -> bool:
    """Tell whether a first fragment holds a TCP header that opens and ends no connection.

    Such a one is handed on at once: captures made with a filter on ports lack the others.
    """
    if stop - upper < 20:
        return False
    return not u8(buffer, upper + 13) & 0x07
