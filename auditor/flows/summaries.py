"""Attempts from more hosts than have a row each, counted by the port that they went to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from auditor.flows.alike import dialler_of
from auditor.flows.tcp_state import NEVER, NONE, SENT_ACK, SENT_SYN, SENT_SYN_ACK
from auditor.kernels import entry, kernel
from auditor.packets.integers import int64
from auditor.packets.segments import Array
from auditor.text.endpoint_text import address_to_text

#: Ports of hosts, by what became of the attempts, that are told apart; the rest shares one row.
_SUMMARIES = 1024
#: Rows that are looked at for one of the same port.
_LOOKS = 16
_REGISTERS = 256

SUMMARY = np.dtype(
    [
        ("hi", "u8"),
        ("lo", "u8"),
        ("port", "i8"),
        ("fate", "i8"),
        ("attempts", "i8"),  # 0: the row is free
        ("first", "i8"),  # times, ns
        ("last", "i8"),
        ("registers", "u1", (_REGISTERS,)),  # HyperLogLog of the sources
    ],
    align=True,
)

_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class Fate(StrEnum):
    """What became of an attempt that moved no payload."""

    UNANSWERED = "that nobody answered"
    HALF_OPEN = "that were answered and never completed"
    REFUSED = "that a RST refused"
    EMPTY = "that were completed without a word"
    UNTAKEN = "whose hello nobody took"
    STRAY = "of which a single segment was seen"


_FATES = tuple(Fate)
_UNANSWERED, _HALF_OPEN, _REFUSED, _EMPTY, _UNTAKEN, _STRAY = range(len(_FATES))


@dataclass(frozen=True, slots=True)
class Summary:
    """Attempts to one port that have no rows of their own."""

    address: str
    """Of the acceptor; empty: of several."""
    port: int
    """Its port; 0: several."""
    fate: Fate | None
    """None: different ones."""
    attempts: int
    sources: int
    """Hosts that they came from, or seemed to: an estimate, 7 % off as a rule, and at most
    ``attempts``."""
    first: int
    """Time of the first segment of the first, and of the last segment of the last, ns."""
    last: int

    def __str__(self) -> str:
        where = f"{self.address} port {self.port}" if self.port else "many other hosts"
        which = f" {self.fate}" if self.fate is not None else ""
        seconds = (self.last - self.first) / 1e9
        return (
            f"{self.attempts} attempts to {where}{which}, from about {self.sources} addresses "
            f"within {seconds:.0f} s, are counted and have no rows"
        )


@kernel
def _fate(dialler: np.void, acceptor: np.void) -> int:
    if dialler["payload_bytes"] > 0:
        return _UNTAKEN
    if dialler["bits"] & SENT_ACK and acceptor["bits"] & SENT_SYN_ACK:
        return _EMPTY
    if acceptor["bits"] & SENT_SYN_ACK:
        return _HALF_OPEN
    if not dialler["bits"] & SENT_SYN:
        return _STRAY
    return _UNANSWERED if acceptor["rst"] == NEVER else _REFUSED


@kernel
def _hash(hi: int, lo: int, more: int, seeds: Array) -> int:
    """Return 32 bits; ``hi`` and ``lo`` are an address, unsigned."""
    total = (
        seeds[0]
        + seeds[1] * (hi >> _32)
        + seeds[2] * (hi & _LOW)
        + seeds[3] * (lo >> _32)
        + seeds[4] * (lo & _LOW)
        + seeds[5] * np.uint64(more)
    )
    return int64(total >> _32)


@kernel
def _scattered(value: int) -> int:
    """Return the same 32 bits so mixed that those of neighbouring addresses look drawn at random:
    the hash itself is linear (the last steps of MurmurHash3)."""
    mixed = np.uint64(value)
    mixed = ((mixed ^ (mixed >> np.uint64(16))) * np.uint64(0x85EBCA6B)) & _LOW
    mixed = ((mixed ^ (mixed >> np.uint64(13))) * np.uint64(0xC2B2AE35)) & _LOW
    return int64(mixed ^ (mixed >> np.uint64(16)))


@kernel
def _row_of(hi: int, lo: int, port: int, fate: int, seeds: Array, summaries: Array) -> int:
    """Return the row for attempts to a port; the last one if there is no room for another."""
    rows = len(summaries) - 1
    start = _hash(hi, lo, (port << 3) + fate, seeds)
    for k in range(_LOOKS):
        row = (start + k) % rows
        one = summaries[row]
        if one["attempts"] == 0:
            one["hi"] = hi
            one["lo"] = lo
            one["port"] = port
            one["fate"] = fate
            return row
        same = one["hi"] == hi and one["lo"] == lo
        if same and one["port"] == port and one["fate"] == fate:
            return row
    return rows


@kernel
def _count_source(one: np.void, value: int) -> None:
    """Take one source in, by its hash (Flajolet and others, HyperLogLog, 2007)."""
    register = value & (_REGISTERS - 1)
    rest = value // _REGISTERS
    zeros = 1
    while zeros < 25 and not rest & 1:
        rest >>= 1
        zeros += 1
    one["registers"][register] = max(int64(one["registers"][register]), zeros)


@entry
def summarise(states: Array, flows: Array, sides: Array, which: Array, summaries: Array) -> int:
    """Count the flows whose indices (i8) are ``which`` in ``summaries`` (dtype SUMMARY)."""
    seeds = states[0]["seeds"]
    for k in range(len(which)):
        index = int64(which[k])
        flow = flows[index]
        dialler = dialler_of(flow, sides[2 * index], sides[2 * index + 1])
        acceptor = sides[2 * index + 1 - dialler]
        fate = _fate(sides[2 * index + dialler], acceptor)
        here = dialler == 0
        hi, lo = (flow["b_hi"], flow["b_lo"]) if here else (flow["a_hi"], flow["a_lo"])
        port = int64(flow["b_port"] if here else flow["a_port"])
        one = summaries[_row_of(hi, lo, port, fate, seeds, summaries)]
        if one["attempts"] == 0:
            one["first"] = flow["first"]
            one["last"] = flow["last"]
        one["attempts"] += flow["attempts"]
        one["first"] = min(one["first"], flow["first"])
        one["last"] = max(one["last"], flow["last"])
        hi, lo = (flow["a_hi"], flow["a_lo"]) if here else (flow["b_hi"], flow["b_lo"])
        _count_source(one, _scattered(_hash(hi, lo, 0, seeds)))
    return len(which)


def no_summaries() -> Array:
    """Return the table of nothing summarised yet; its last row is for what has no other."""
    table = np.zeros(_SUMMARIES + 1, SUMMARY)
    table["fate"][-1] = NONE
    return table


def _sources(registers: Array) -> int:
    """Return how many sources were counted, about."""
    size = len(registers)
    estimate = 0.7182 * size * size / float(np.exp2(-registers.astype("f8")).sum())
    empty = int((registers == 0).sum())
    if estimate <= 2.5 * size and empty:
        estimate = size * math.log(size / empty)
    return max(1, round(estimate))


def read_summaries(table: Array) -> tuple[Summary, ...]:
    """Return what was summarised, the most attempts first."""
    used = table[table["attempts"] > 0]
    return tuple(
        _summary(used[index]) for index in np.argsort(-used["attempts"], kind="stable").tolist()
    )


def _summary(one: np.void) -> Summary:
    others = one["fate"] == NONE
    attempts = int(one["attempts"])
    return Summary(
        address="" if others else address_to_text(int(one["hi"]) << 64 | int(one["lo"])),
        port=0 if others else int(one["port"]),
        fate=None if others else _FATES[int(one["fate"])],
        attempts=attempts,
        sources=min(attempts, _sources(one["registers"])),
        first=int(one["first"]),
        last=int(one["last"]),
    )
