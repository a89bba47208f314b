"""This host's TCP sockets on given ports: their keepalive settings and owners, from the kernel.

Two sources: ``iter/tcp`` lists the sockets there are, ``tp_btf/inet_sock_set_state`` reports each
that connects. Bareos sets its heartbeat before the SYN (bareos.md §1.0), so that a wrong one is
known when the connection is made. Both see the network namespace of the process that asks only.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import replace

from auditor.capture.ebpf import libbpf
from auditor.capture.ebpf.bpf_object import BpfObject
from auditor.capture.ebpf.clock import BootClock, boot_ns, sample_clock
from auditor.capture.ebpf.preconditions import SOCKET_DUMP, SOCKET_STATE
from auditor.capture.ebpf.ring_buffer import RingBuffer
from auditor.capture.sockets.owners import UNKNOWN_OWNER, Owner, find_owners
from auditor.capture.sockets.socket_facts import (
    jiffies_per_second,
    owner_in,
    parse_records,
    to_fact,
)
from auditor.packets.pcapng_comments import SocketFact

#: An acceptor sets its options after accept(); look at its socket this long after the handshake.
SETTLING_NS = 1_000_000_000

#: Sockets that are remembered so as not to be reported again.
_REMEMBERED = 65536

_SYN_RECEIVED = 3
LISTEN = "LISTEN"
_READ_BYTES = 1 << 16

Endpoints = tuple[tuple[str, int], tuple[str, int]]


def dump(link_fd: int) -> bytes:
    """Return the records of all sockets that the iterator's link lists now."""
    descriptor = libbpf.check_number(
        libbpf.library().bpf_iter_create(link_fd), "the kernel's sockets cannot be listed"
    )
    with os.fdopen(descriptor, "rb", buffering=0) as sockets:
        return b"".join(iter(lambda: sockets.read(_READ_BYTES) or b"", b""))


def to_facts(data: bytes, clock: BootClock) -> list[SocketFact]:
    """Return the facts of a dump; the owners as far as /proc shows them."""
    records = parse_records(data)
    owners = find_owners({record.inode for record in records})
    hertz = jiffies_per_second()
    return [
        to_fact(record, clock, hertz, owners.get(record.inode, UNKNOWN_OWNER)) for record in records
    ]


def read_sockets(ports: Collection[int], *, listening: bool = False) -> list[SocketFact]:
    """Return this host's TCP sockets of which either port is one of ``ports``, as they are now.

    Sockets that only listen are left out unless asked for. Sockets that wait for a handshake or in
    TIME-WAIT have no settings and are never listed. Needs CAP_BPF and CAP_PERFMON; raises
    CaptureError where those, libbpf or the kernel's type information are missing.
    """
    opened = BpfObject.recorded([SOCKET_DUMP])
    try:
        opened.configure(ports)
        opened.load()
        facts = to_facts(dump(opened.attach(SOCKET_DUMP)), sample_clock())
        return [fact for fact in facts if listening or fact.state != LISTEN]
    finally:
        opened.close()


class SocketWatch:
    """Reports each socket once when it is there, once when it connects, and when it changes."""

    def __init__(self, loaded: BpfObject, clock: BootClock) -> None:
        """Attach the programs of a loaded object and list the sockets that are there."""
        self._clock = clock
        self._hertz = jiffies_per_second()
        self._reported: OrderedDict[Endpoints, SocketFact] = OrderedDict()
        self._acceptors: dict[int, Owner] = {}
        self._list_at: int | None = None
        self._accepted = 0
        loaded.attach(SOCKET_STATE)
        self._link = loaded.attach(SOCKET_DUMP)
        self._ring = RingBuffer(loaded.map_fd("sockets"))
        self._facts = self._list()

    def facts(self) -> list[SocketFact]:
        """Return what is new since the last call."""
        facts, self._facts = self._facts, []
        now = boot_ns()
        for record in parse_records(b"".join(self._ring.drain())):
            fact = to_fact(record, self._clock, self._hertz, owner_in(record))
            self._reported.pop((fact.local, fact.remote), None)
            if record.old_state == _SYN_RECEIVED:
                self._accepted = record.time
                self._list_at = self._list_at or record.time + SETTLING_NS
            else:
                facts += self._unreported(fact)
        if self._list_at is not None and now >= self._list_at:
            again = self._accepted + SETTLING_NS  # for those that were accepted meanwhile
            self._list_at = again if again > now else None
            facts += self._list()
        return facts

    def close(self) -> None:
        """Release the ring; the programs are detached with their object. May be called twice."""
        self._ring.close()

    def _list(self) -> list[SocketFact]:
        """List the sockets there are now; return what is new. Those that listen show who answers
        on which port, and which end of a connection this host is."""
        facts = to_facts(dump(self._link), self._clock)
        for fact in facts:
            if fact.state == LISTEN and fact.pid:
                self._acceptors[fact.local[1]] = Owner(fact.pid, fact.process)
        return [new for fact in facts for new in self._unreported(fact)]

    def _unreported(self, fact: SocketFact) -> list[SocketFact]:
        """Return the fact if it says something that has not been reported of the same socket.

        An owner that can no longer be looked for is the one that was known before, or the one
        that listens on the port.
        """
        name = fact.local, fact.remote
        before = self._reported.pop(name, None)
        if not fact.pid:
            known = Owner(before.pid, before.process) if before else UNKNOWN_OWNER
            owner = known if known.pid else self._acceptors.get(fact.local[1], UNKNOWN_OWNER)
            fact = replace(fact, pid=owner.pid, process=owner.name)
        self._reported[name] = fact
        while len(self._reported) > _REMEMBERED:
            del self._reported[next(iter(self._reported))]
        return [] if before and _settings(before) == _settings(fact) else [fact]


def _settings(fact: SocketFact) -> tuple[bool, float, float, int, bool]:
    return fact.keepalive, fact.idle_s, fact.interval_s, fact.count, fact.own_timers
