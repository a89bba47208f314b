"""Which packets of a capture belong to some of its connections, and which of them are decisive."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from auditor.evidence.excerpting.pieces import PIECE_HEAD, Piece, piece_of
from auditor.packets import CaptureInfo, read_capture
from auditor.packets.decode_as import Watched
from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import FIN, RST, Array

#: Decisive packets of one connection that are marked: a flood of RSTs makes no flood of comments.
_MOST_MARKS = 64
_MAPPED = 0xFFFF << 32
_LOW = (1 << 64) - 1
#: Both ends of a segment, as in ``SEGMENT``.
_ENDS = np.dtype(
    [
        ("src_hi", "u8"),
        ("src_lo", "u8"),
        ("dst_hi", "u8"),
        ("dst_lo", "u8"),
        ("sport", "u2"),
        ("dport", "u2"),
    ]
)
_Host = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One connection, or attempts that are alike, of which every packet is wanted."""

    name: str
    """What it is called in comments."""
    told: str
    """What is said of it beside each of its decisive packets."""
    initiator: str
    acceptor: str
    """Addresses."""
    initiator_port: int | None
    """None: any, of attempts that are alike."""
    acceptor_port: int
    start: int
    """From when on, ns UTC."""
    stop: int | None = None
    """When the next connection between the same ends begins; None: there is none."""
    others: frozenset[int] = frozenset()
    """Initiator's ports that are other connections', where it may have any."""
    times: frozenset[int] = frozenset()
    """When keepalive probes passed that are decisive, ns UTC."""
    numbers: frozenset[int] = frozenset()
    """Which packets of the capture are decisive, counted from 1."""
    ending: bool = False
    """What ends it is decisive: FIN, RST, ICMP errors, and its last packet."""
    elsewhere: frozenset[int] = frozenset()
    """Networks (numbers of ``SEGMENT``) in which the same ends are other connections'."""


@dataclass(slots=True)
class Chosen:
    """The packets that were found."""

    numbers: set[int] = field(default_factory=set)
    marks: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    """By the number of a decisive packet, what is said of its connection, and what it is to it."""
    pieces: set[Piece] = field(default_factory=set)
    """Datagrams of which only one fragment is among ``numbers``."""
    found: set[str] = field(default_factory=set)
    """Names of the connections that have any packet."""

    def mark(self, number: int, told: str, words: str) -> None:
        """Say of a packet why it is decisive."""
        listed = self.marks.setdefault(number, {}).setdefault(told, [])
        if words not in listed:
            listed.append(words)

    def comments(self, number: int) -> list[str]:
        """Return what is to be said of a packet."""
        return [
            f"{told} [{', '.join(words)}]" for told, words in self.marks.get(number, {}).items()
        ]


def choose_packets(
    path: str,
    wanted: Sequence[Wanted],
    progress: Callable[[int], None] | None = None,
    decode_as: Iterable[str] = (),
) -> tuple[Chosen, CaptureInfo]:
    """Return which packets of a capture belong to these connections, and what else it holds.

    ``progress`` is called with the bytes read since its last call, ``decode_as`` says which UDP
    ports are tunnels. Raises CaptureError.
    """
    chosen = Chosen()
    followed = [_Followed(one, chosen) for one in wanted]
    table = _Table(followed)
    ports = Watched({one.acceptor_port: one.name for one in wanted}, decode_as)
    with read_capture(path, ports, progress=progress) as reader:
        for batch in reader:
            for one, rows in table.matched(batch.segments):
                one.take(batch.segments[rows], batch.buffer, batch.datagrams)
    for one in followed:
        one.end()
    return chosen, reader.info


class _Table:
    """Finds the connections of segments by their ends."""

    def __init__(self, followed: Sequence[_Followed]) -> None:
        self._ports = np.array(sorted({one.wanted.acceptor_port for one in followed}), "u2")
        self._hosts = np.array(sorted({low for one in followed for _, low in one.hosts}), "u8")
        self._exact: dict[tuple[_Host, int, _Host, int], list[_Followed]] = {}
        self._alike: dict[tuple[_Host, _Host, int], list[_Followed]] = {}
        for one in followed:
            (dials, answers), port = one.hosts, one.wanted.initiator_port
            there = one.wanted.acceptor_port
            if port is None:
                self._alike.setdefault((dials, answers, there), []).append(one)
            else:
                self._exact.setdefault((dials, port, answers, there), []).append(one)

    def matched(self, segments: Array) -> Iterator[tuple[_Followed, Array]]:
        """Yield connections with the rows that may be theirs, in order."""
        rows = np.flatnonzero(
            np.isin(segments["src_lo"], self._hosts)
            & np.isin(segments["dst_lo"], self._hosts)
            & (np.isin(segments["sport"], self._ports) | np.isin(segments["dport"], self._ports))
        )
        if not len(rows):
            return
        ends = np.empty(len(rows), _ENDS)
        for name in _ENDS.names or ():
            ends[name] = segments[name][rows]
        unlike, which = np.unique(ends, return_inverse=True)
        order = np.argsort(which, kind="stable")
        bounds = np.searchsorted(which[order], np.arange(len(unlike) + 1))
        found: dict[_Followed, list[Array]] = {}
        for index, row in enumerate(unlike.tolist()):
            source, target, sport, dport = row[:2], row[2:4], row[4], row[5]
            mine = rows[order[bounds[index] : bounds[index + 1]]]
            for one in self._named(source, sport, target, dport):
                found.setdefault(one, []).append(mine)
        for one, both in found.items():
            yield one, np.sort(np.concatenate(both))

    def _named(self, source: _Host, sport: int, target: _Host, dport: int) -> Iterator[_Followed]:
        for dials, port, answers, there in (
            (source, sport, target, dport),
            (target, dport, source, sport),
        ):
            yield from self._exact.get((dials, port, answers, there), ())
            for one in self._alike.get((dials, answers, there), ()):
                if port not in one.wanted.others:
                    yield one


class _Followed:
    """One connection while its packets are found."""

    def __init__(self, wanted: Wanted, chosen: Chosen) -> None:
        self.wanted = wanted
        self.hosts = (_halves(wanted.initiator), _halves(wanted.acceptor))
        self._chosen = chosen
        self._times = np.array(sorted(wanted.times), "i8")
        self._marked = 0
        self._last = 0

    def take(self, rows: Array, buffer: Array, datagrams: Iterable[tuple[bytes, ...]] = ()) -> None:
        """Take in segments between its ends; ``datagrams`` in fragments that they came in."""
        wanted, chosen = self.wanted, self._chosen
        if wanted.stop is not None:
            rows = rows[rows["time"] < wanted.stop]
        rows = rows[rows["time"] >= wanted.start]
        if wanted.elsewhere:
            error = rows["ident"] & ICMP_ERROR != 0  # a router may send it from anywhere
            rows = rows[error | ~np.isin(rows["network"], list(wanted.elsewhere))]
        if not len(rows):
            return
        numbers = rows["number"].tolist()
        if not self._last:
            chosen.found.add(wanted.name)
            chosen.mark(numbers[0], wanted.told, f"first packet of {wanted.name}")
        chosen.numbers.update(numbers)
        chosen.pieces.update(Piece(*name) for name in datagrams)
        self._last = numbers[-1]
        self._mark(rows, np.isin(rows["time"], self._times), "keepalive probe")
        for number in wanted.numbers.intersection(numbers):
            chosen.mark(number, wanted.told, "evidence")
        error = (rows["ident"] & ICMP_ERROR) != 0
        if wanted.ending:
            self._mark(rows, error, "ICMP error")
            for flag, name in ((RST, "RST"), (FIN, "FIN")):
                self._mark(rows, ~error & (rows["flags"] & flag != 0), name)
        for row in rows[~error & (rows["header"] == 0)]:  # the first fragment of several
            head = buffer[row["frame"] : row["frame"] + PIECE_HEAD].tobytes()
            source = int(row["src_hi"]) << 64 | int(row["src_lo"])
            piece = piece_of(head, source, int(row["dst_hi"]) << 64 | int(row["dst_lo"]))
            if piece is not None:
                chosen.pieces.add(piece)

    def _mark(self, rows: Array, chosen: Array, words: str) -> None:
        for number in rows["number"][chosen].tolist()[: _MOST_MARKS - self._marked]:
            self._chosen.mark(number, self.wanted.told, words)
            self._marked += 1

    def end(self) -> None:
        """Mark its last packet, where that matters."""
        if self.wanted.ending and self._last:
            wanted = self.wanted
            self._chosen.mark(self._last, wanted.told, f"last packet of {wanted.name}")


def _halves(address: str) -> _Host:
    parsed = ipaddress.ip_address(address)
    number = int(parsed) | (_MAPPED if parsed.version == 4 else 0)
    return number >> 64, number & _LOW
