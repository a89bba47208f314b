"""What is read of a ring buffer, libbpf's part being played by a double."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace

import pytest

from auditor.capture.ebpf import libbpf
from auditor.capture.ebpf.ring_buffer import RingBuffer

MANAGER = 0xBEEF


@pytest.fixture
def ring(monkeypatch):
    """Return libbpf's double: what is in ``waiting`` is handed over when the ring is consumed."""
    double = SimpleNamespace(waiting=[], freed=[], status=None, manager=MANAGER)

    def new(fd, callback, context, options):
        assert (fd, context, options) == (5, None, None)
        double.callback = callback
        return double.manager

    def consume(manager):
        assert manager == MANAGER
        for sample in double.waiting:
            memory = ctypes.create_string_buffer(sample, len(sample))
            assert double.callback(None, ctypes.addressof(memory), len(sample)) == 0
            memory[:] = bytes(len(sample))  # the kernel uses the place again
        taken, double.waiting = len(double.waiting), []
        return taken if double.status is None else double.status

    double.ring_buffer__new, double.ring_buffer__consume = new, consume
    double.ring_buffer__epoll_fd = lambda manager: 9 if manager == MANAGER else -1
    double.ring_buffer__free = double.freed.append
    monkeypatch.setattr(libbpf, "library", lambda: double)
    return double


def test_samples_come_in_order_once_and_as_copies(ring):
    buffer = RingBuffer(5)
    assert (buffer.drain(), buffer.fileno()) == ([], 9)
    ring.waiting = [b"first", b"\0second\0"]
    first = buffer.drain()
    ring.waiting = [b"third"]
    assert (first, buffer.drain(), buffer.drain()) == ([b"first", b"\0second\0"], [b"third"], [])


def test_a_ring_that_cannot_be_made_or_read_is_an_error(ring):
    buffer = RingBuffer(5)
    ring.status = -4
    with pytest.raises(libbpf.BpfError, match="ring buffer cannot be read: Interrupted"):
        buffer.drain()
    ring.manager = None
    with pytest.raises(libbpf.BpfError, match="ring buffer cannot be read"):
        RingBuffer(5)


def test_it_is_released_once_and_then_gives_what_it_had(ring):
    buffer = RingBuffer(5)
    ring.waiting = [b"one"]
    ring.status = -4
    with pytest.raises(libbpf.BpfError):
        buffer.drain()
    buffer.close()
    buffer.close()
    assert ring.freed == [MANAGER]
    assert buffer.drain() == [b"one"], "without asking what was released"
