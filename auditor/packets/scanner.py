"""What a capture format offers to the decoder, and how its kernel reports where it stopped."""

from __future__ import annotations

from typing import Protocol

from auditor.packets.recorder_notes import RecorderNotes
from auditor.packets.segments import Array, CapturedOn

#: Scan status: the batch is full. A positive status is the bytes that the next record needs.
FULL = 0
#: Scan status: the record at the offset cannot be true; nothing after it can be found.
BROKEN = -1
#: Scan status: the block at the offset is one that Python reads.
CONTROL = -2

#: Bytes of a packet; no link carries more, and Wireshark itself reads no more than 128 MiB.
MAX_CAPTURED = 16 << 20


class Scanner(Protocol):
    """One capture format, in the middle of one capture."""

    @property
    def format(self) -> str:
        """``pcap`` or ``pcapng``."""

    @property
    def backend(self) -> str:
        """The program that wrote the capture, or ``file``."""

    @property
    def dropped(self) -> int | None:
        """Packets that the capturing side lost, or None if it does not say."""

    @property
    def started(self) -> bool:
        """Whether the file header was read whole."""

    @property
    def recorder_notes(self) -> RecorderNotes | None:
        """What a thinned capture says of itself; None: it is not thinned."""

    @property
    def lacks(self) -> tuple[str, ...]:
        """What the capture says that was left out of it before, beside thinning, in words."""

    @property
    def links(self) -> tuple[str, ...]:
        """Names of the link types."""

    @property
    def interfaces(self) -> tuple[CapturedOn, ...]:
        """The interfaces met so far, in the order of ``SEGMENT``'s ``interface``."""

    @property
    def exceeded(self) -> str:
        """What the capture has more of than is read, as a noun; empty: nothing."""

    def notes(self) -> tuple[str, ...]:
        """Sentences on what could not be decoded."""

    def scan(
        self,
        buffer: Array,
        at: int,
        stop: int,
        ports: Array,
        out: Array,
        n: int,
        counters: Array,
        fragments: Array,
    ) -> tuple[int, int, int]:
        """Decode records from ``buffer[at:stop]`` into ``out[n:]`` until either ends.

        Return the offset of the first record not consumed, the segments now in ``out``, and a
        status: ``FULL`` (also when ``counters[COMPLETE]`` names a datagram of ``fragments`` that is
        whole now), ``BROKEN``, or the bytes (> stop - at) that the record there needs.
        """
