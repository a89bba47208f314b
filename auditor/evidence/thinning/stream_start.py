"""The beginning of what one side sent, and the segments that wait for it (P1 to P3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from auditor.evidence.packet import HELLO_BYTES, Packet
from auditor.evidence.thinning.contradictions import goes_on_as_tls
from auditor.evidence.thinning.excerpt import Excerpt
from auditor.evidence.thinning.payload_policy import excerpt, what_matters
from auditor.evidence.thinning.renaming import AS_THEY_ARE, Renaming
from auditor.flows.hello.records import is_record

_RECORD_HEADER = 5
#: Where in the TCP header its checksum is.
_CHECKSUM = 16


@dataclass(slots=True)
class Piece:
    """A segment that may carry hello."""

    number: int
    """Of the segment, in order of arrival."""
    packet: Packet
    """With the payload that may turn out to be hello."""
    header: int
    """Bytes of headers; what follows them is payload."""
    offset: int
    """Where in the side's stream that payload begins."""
    summed: int = 0
    """Bytes of the TCP header, if its checksum goes by the payload; else 0."""
    again: bool = False
    """It begins before what its side had sent."""

    @property
    def end(self) -> int:
        """Where in the stream its payload ends."""
        return self.offset + len(self.packet.data) - self.header

    def cut(self, seen: bytes, kept: bytes) -> Packet | None:
        """Return the packet with what of its payload is kept; None: nothing.

        ``seen`` are the first bytes of the stream, ``kept`` the same with what is not kept blanked;
        a byte that contradicts ``seen`` becomes the complement of what is kept (P3).
        """
        end = min(self.end, len(kept))
        if end <= self.offset:
            return None
        size = end - self.offset
        own = self.packet.data[self.header : self.header + size]
        first, payload = seen[self.offset : end], kept[self.offset : end]
        if own != first:
            pairs = zip(own, first, payload, strict=True)
            payload = bytes(new if one == two else new ^ 0xFF for one, two, new in pairs)
        return self.packet._replace(data=self._header(own, payload) + payload)

    def _header(self, own: bytes, payload: bytes) -> bytes:
        """Return the headers with a checksum that is as right or wrong as it was (RFC 1624)."""
        header = self.packet.data[: self.header]
        at = self.header - self.summed + _CHECKSUM
        if not self.summed or own == payload:
            return header
        total = 0xFFFF ^ int.from_bytes(header[at : at + 2], "big")
        total += _sum(payload) + 0xFFFF - _sum(own)
        return (
            header[:at]
            + (0xFFFF ^ ((total - 1) % 0xFFFF + 1)).to_bytes(2, "big")
            + header[at + 2 :]
        )


def _sum(data: bytes) -> int:
    """Return the sum of the 16-bit words of ``data`` modulo 0xFFFF: 2^16 is 1 there, so that is
    what the whole leaves as one number."""
    return int.from_bytes(data, "big") * (256 if len(data) % 2 else 1) % 0xFFFF


class Sender(NamedTuple):
    """What is known of the side that sent a piece."""

    epoch: int
    """Tells connections on the same row apart."""
    begun: bool
    """A SYN, SYN-ACK or its acknowledgement was seen: it is known where its stream begins."""


class StreamStart:
    """The beginning of what one side sent."""

    __slots__ = (
        "_names",
        "_piece",
        "_sent",
        "excerpt",
        "filled",
        "known",
        "late",
        "marked",
        "prefix",
        "sender",
        "waiting",
    )

    def __init__(self, names: Renaming = AS_THEY_ARE, *, piece: bool = False) -> None:
        self._names, self._piece = names, piece
        self.prefix = bytearray()
        self.filled = 0
        """Bits: which bytes of ``prefix`` were seen."""
        self.sender = Sender(0, begun=False)
        self.waiting: list[Piece] = []
        self._sent: bytes | None = b""
        self.excerpt = Excerpt(b"")
        self.known = (-1, 0)
        """Of how many bytes ``excerpt`` was made: what is there of a prefix never changes."""
        self.late = HELLO_BYTES
        """From here on pieces were given up before it was known what of them may be kept."""
        self.marked = False
        """A mark of its being TLS was kept."""

    def sent(self) -> bytes:
        """Return the prefix up to its first hole."""
        if self._sent is None:
            size = (~self.filled & (self.filled + 1)).bit_length() - 1
            self._sent = bytes(self.prefix[:size])
        return self._sent

    def fill(self, piece: Piece) -> None:
        """Put a piece into the prefix; the first copy of a byte wins."""
        begin, end = piece.offset, min(piece.end, HELLO_BYTES)
        if end <= begin:
            return
        if len(self.prefix) < end:
            self.prefix += bytes(end - len(self.prefix))
        bits = (1 << end - begin) - 1
        if not self.filled >> begin & bits:
            data = piece.packet.data[piece.header : piece.header + end - begin]
            self.prefix[begin:end] = data
        else:
            for at in range(begin, end):
                if not self.filled >> at & 1:
                    self.prefix[at] = piece.packet.data[piece.header + at - begin]
        self.filled |= bits << begin
        self._sent = None

    def settle(self, received: bytes) -> None:
        """Take in what is known by now."""
        if not self.sender.begun or self.excerpt.ended:
            return
        sent = self.sent()
        known = (len(sent), what_matters(sent, received))
        if known != self.known:
            made = excerpt(sent, received, self.excerpt, self._names, piece=self._piece)
            self.excerpt, self.known = made, known

    def take(self) -> list[tuple[int, Packet]]:
        """Return what is kept of the pieces that more bytes can add nothing to."""
        done, waiting = [], []
        for piece in self.waiting:
            if not self.excerpt.ended and piece.end > self.excerpt.size:
                waiting.append(piece)
            else:
                done.append((piece.number, piece.cut(self.excerpt.sent, bytes(self.excerpt.kept))))
        self.waiting = waiting
        return [(number, packet) for number, packet in done if packet is not None]

    def differing(self, piece: Piece) -> list[int]:
        """Return the places at which a piece contradicts an earlier one."""
        begin, end = piece.offset, min(piece.end, len(self.prefix))
        own = piece.packet.data[piece.header : piece.header + max(0, end - begin)]
        if self.prefix[begin:end] == own:
            return []
        places = zip(range(begin, end), own, self.prefix[begin:end], strict=True)
        return [at for at, one, two in places if one != two and self.filled >> at & 1]

    def holds(self, piece: Piece) -> bool:
        """Tell whether every byte of a piece was seen before."""
        size = min(piece.end, HELLO_BYTES) - piece.offset
        return size <= 0 or not ~(self.filled >> piece.offset) & (1 << size) - 1

    def expire(
        self, before: int, received: bytes, *, whole: bool = False
    ) -> list[tuple[int, Packet]]:
        """Return what is kept of the pieces before that time (ns UTC): they can wait no more.
        ``whole``: what would tell what they are is in the next file, so they are kept."""
        old = [piece for piece in self.waiting if piece.packet.time < before]
        if any(piece.end > self.excerpt.size for piece in old) and self.sender.begun:
            self.late = min(self.late, self.excerpt.size)
        done = [
            (piece.number, piece.packet if whole else self._last(piece, received)) for piece in old
        ]
        self.waiting = [piece for piece in self.waiting if piece.packet.time >= before]
        return [(number, packet) for number, packet in done if packet is not None]

    def _last(self, piece: Piece, received: bytes) -> Packet | None:
        """Return what is kept of a piece that is not settled.

        Of a stream that was seen from its middle on that is the mark of its being TLS (P1): type
        and version of a record, with a length that is none of its own.
        """
        if self.sender.begun:
            return piece.cut(self.excerpt.sent, bytes(self.excerpt.kept))
        header = piece.packet.data[piece.header :][:_RECORD_HEADER]
        if not is_record(header) or not goes_on_as_tls(self.sent(), received):
            return None
        self.marked = True
        data = piece.packet.data[: piece.header] + header[:3] + b"\0\1"
        return piece.packet._replace(data=data)
