"""Fills a small fixed pool of buffers from a stream, ahead of whoever takes them.

Not mmap: a file that is cut while it is read would end the process with SIGBUS, and its pages
would count as ours.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from auditor.packets.byte_stream import DamagedStreamError, Stream
from auditor.packets.segments import Array

#: Bytes of a chunk: it stays in the second-level cache between the read and the decoding, and
#: what Python does for each is little beside that.
CHUNK = 2 << 20
#: Room before a chunk for the record that began in the one before: most links carry no larger.
HEADROOM = 1 << 18
#: Two chunks that are promised to the consumer, one being decoded, two being read.
_POOL = 5


class Chunks:
    """Chunks of ``stream``, in order, read when they are asked for."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._free: deque[Array] = deque()
        self._made = 0

    def take(self) -> Array | None:
        """Return the next chunk behind ``HEADROOM`` spare bytes, or None at the end.

        Raises DamagedStreamError where the stream cannot be read on.
        """
        if not self._free:
            self._free.append(_buffer())
        buffer = self._free.popleft()
        count = self._stream.fill(buffer[HEADROOM:].data)
        return buffer[: HEADROOM + count] if count else None

    def give(self, chunk: Array) -> None:
        """Allow the buffer of ``chunk`` to be filled anew."""
        self._free.append(_whole(chunk))

    def close(self) -> None:
        """Stop reading and close the stream."""
        self._stream.close()


class ReadAhead(Chunks):
    """Chunks of ``stream``, in order, read by a thread of their own."""

    def __init__(self, stream: Stream) -> None:
        from queue import SimpleQueue
        from threading import Thread

        super().__init__(stream)
        self._empty: SimpleQueue[Array | None] = SimpleQueue()
        self._full: SimpleQueue[Array | DamagedStreamError | None] = SimpleQueue()
        for _ in range(_POOL):
            self._empty.put(_buffer())
        # A daemon, since nothing can wake a thread that waits for standard input.
        self._thread = Thread(target=self._run, name="read-ahead", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._read()
        finally:
            self._stream.close()

    def _read(self) -> None:
        while (buffer := self._empty.get()) is not None:
            try:
                count = self._stream.fill(buffer[HEADROOM:].data)
            except DamagedStreamError as damage:
                self._full.put(damage)
                return
            self._full.put(buffer[: HEADROOM + count] if count else None)
            if not count:
                return

    def take(self) -> Array | None:
        """Return the next chunk, as ``Chunks.take`` does."""
        chunk = self._full.get()
        if isinstance(chunk, DamagedStreamError):
            raise chunk
        return chunk

    def give(self, chunk: Array) -> None:
        """Allow the buffer of ``chunk`` to be filled anew."""
        self._empty.put(_whole(chunk))

    def close(self) -> None:
        """Stop reading; the thread closes the stream, after the read under way.

        Only a file is waited for: a read from a pipe may never end.
        """
        self._empty.put(None)
        if self._stream.size is not None:
            self._thread.join()


def _buffer() -> Array:
    return np.empty(HEADROOM + CHUNK, np.uint8)


def _whole(chunk: Array) -> Array:
    base = chunk.base
    return base if isinstance(base, np.ndarray) else chunk
