"""Reads one capture from a file or a stream into batches."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Collection, Iterator
from types import TracebackType
from typing import Self

from auditor.errors import CaptureError
from auditor.packets.archives import archive_of
from auditor.packets.byte_stream import DamagedStreamError, Stream
from auditor.packets.clock_steps import in_order
from auditor.packets.cut_frames import NOT_CUT, least, shortest_cut
from auditor.packets.decoder import Decoder
from auditor.packets.earlier import Earlier
from auditor.packets.readahead import HEADROOM, Chunks, ReadAhead
from auditor.packets.remote import shown_url
from auditor.packets.segments import Array, Batch, CapturedOn, CaptureInfo

#: Up to this size (bytes) a thread costs more than it saves.
_SMALL = 4 << 20


class CaptureReader:
    """Iterates once over the batches of a capture; afterwards ``info`` says what it contained.

    Raises CaptureError at once for what does not exist or may not be read, and while iterating
    when it turns out not to be a capture. Use it as a context manager: leaving closes the file.
    """

    def __init__(
        self,
        path: str,
        ports: Collection[int],
        progress: Callable[[int], None] | None = None,
        earlier: Earlier | None = None,
    ) -> None:
        self._path = shown_url(path)
        self._decoder = Decoder(ports, self._path, earlier)
        self._progress = progress
        self._told = 0
        self._cut = NOT_CUT
        self._info: CaptureInfo | None = None
        self._stream = Stream(path)
        size = self._stream.size
        small = size is not None and size <= _SMALL
        self._chunks = Chunks(self._stream) if small else ReadAhead(self._stream)

    @property
    def size(self) -> int | None:
        """Bytes of the file as it lies on disk, or None when that cannot be known."""
        return self._stream.size

    @property
    def taken(self) -> int:
        """Bytes of the file that were read so far."""
        return self._stream.position

    @property
    def interfaces(self) -> tuple[CapturedOn, ...]:
        """The interfaces met so far, in the order of ``SEGMENT``'s ``interface``; of a packet no
        more is kept than of the shortest that was cut."""
        found = self._decoder.interfaces
        return tuple(one._replace(snaplen=least(one.snaplen, self._cut)) for one in found)

    @property
    def thinned(self) -> bool:
        """Whether the capture, as far as it was read, says that it is thinned."""
        return self._decoder.thinned

    @property
    def so_far(self) -> Earlier:
        """What a capture that goes on where this one ends has to know."""
        return self._decoder.so_far

    @property
    def info(self) -> CaptureInfo:
        """What the capture contained; known once the last batch was taken."""
        if self._info is None:
            raise RuntimeError("iterate over the reader first: info is known after the last batch")
        return self._info

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading and close the file; batches already taken stay valid."""
        self._chunks.close()

    def __iter__(self) -> Iterator[Batch]:
        try:
            yield from in_order(self._batches())
        finally:
            self.close()

    def _batches(self) -> Iterator[Batch]:
        taken, late = 0, False
        lent: deque[tuple[int, Array]] = deque()  # (free once so many batches were taken, chunk)
        damage = ""
        while not self._decoder.ended:
            try:
                chunk = self._chunks.take()
            except DamagedStreamError as error:
                damage = str(error)
                break
            if chunk is None:
                break
            before = taken
            for batch in self._decoder.feed_after(chunk, HEADROOM):
                if not self._decoder.thinned:  # who thins cuts by what a packet says
                    self._cut = min(self._cut, shortest_cut(batch.segments))
                late |= batch.late
                yield batch
                taken += 1
            if taken == before:  # no batch points into it
                self._chunks.give(chunk)
            else:
                lent.append((taken + 2, chunk))
            while lent and lent[0][0] + late <= taken:  # who puts in order holds one
                self._chunks.give(lent.popleft()[1])
            if self._progress is not None:
                self._progress(self.taken - self._told)
                self._told = self.taken
        self._info = self._conclude(damage)

    def _conclude(self, damage: str) -> CaptureInfo:
        try:
            info = self._decoder.finish()
        except CaptureError:
            if not damage and (what := archive_of(self._stream.head)):
                shown = shown_url(self._path)
                raise CaptureError(f"{shown} is {what}, and no capture: unpack it first.") from None
            if not damage:
                raise
            raise CaptureError(f"{self._path} cannot be read: {damage}.") from None
        info = dataclasses.replace(info, snaplen=least(info.snaplen, self._cut))
        if (foreign := self._stream.foreign) is not None:
            program = info.backend.partition(" (Git")[0]
            note = f"It is a file of the format {foreign}, which {program} read."
            info = dataclasses.replace(
                info, format=foreign, backend="file", notes=(note, *info.notes)
            )
        if not damage:
            return info
        note = f"The file could not be read to its end ({damage}): the rest is missing."
        unread = f"the file was not read to its end: {damage}"
        return dataclasses.replace(info, truncated=True, unread=unread, notes=(*info.notes, note))


def read_capture(
    path: str,
    ports: Collection[int],
    *,
    progress: Callable[[int], None] | None = None,
    earlier: Earlier | None = None,
) -> CaptureReader:
    """Open a capture for reading: pcap or pcapng, packed or not; ``-`` is standard input.

    ``ports`` are the TCP ports of interest. ``progress`` is called in the caller's thread with the
    bytes of the file read since its last call, at most once a chunk. ``earlier`` is what it goes
    on from (``CaptureReader.so_far``). Raises CaptureError as CaptureReader.
    """
    return CaptureReader(path, ports, progress, earlier)
