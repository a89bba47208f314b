"""Reads a BPF ring buffer."""

from __future__ import annotations

import ctypes

from auditor.capture.ebpf import libbpf


class RingBuffer:
    """One ring buffer map and what has been read of it."""

    def __init__(self, map_fd: int) -> None:
        self._lib = libbpf.library()
        self._samples: list[bytes] = []
        # Kept here because C holds no reference to it.
        self._callback = libbpf.SAMPLE(self._take)
        libbpf.clear_log()
        self._manager: int | None = libbpf.check_pointer(
            self._lib.ring_buffer__new(map_fd, self._callback, None, None),
            "the ring buffer cannot be read",
        )

    def _take(self, _context: int, data: int, size: int) -> int:
        self._samples.append(ctypes.string_at(data, size))
        return 0

    def fileno(self) -> int:
        """Return a descriptor that becomes readable when the kernel asks to be read."""
        return int(self._lib.ring_buffer__epoll_fd(self._manager))

    def drain(self) -> list[bytes]:
        """Return everything that has been put into the ring, oldest first."""
        if self._manager:
            libbpf.check_number(
                self._lib.ring_buffer__consume(self._manager), "the ring buffer cannot be read"
            )
        samples = self._samples[:]
        self._samples.clear()
        return samples

    def close(self) -> None:
        """Release the ring; may be called twice."""
        if self._manager:
            self._lib.ring_buffer__free(self._manager)
        self._manager = None
