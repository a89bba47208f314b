"""An audit of what the kernel keeps comes to the same as one of everything on the wire."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
from collections.abc import Iterator

import pytest
from bpf_recording import Recording, recording
from hello_wire import client_hello, record
from netns import Namespace, join, namespaces, need, set_keepalive, why_no_bpf
from pcapfile import pcap
from thinning_stage import follow, judged

from auditor.evidence import blocks
from auditor.evidence.packet import Counters, Interface, Packet
from auditor.packets.pcapng_comments import THINNED, span_to_comment

_SO_TIMESTAMPNS = 35
_SO_RCVBUFFORCE = 33
_ETH_P_ALL = 3
_MSG_DONTWAIT = 0x40

#: Connections in the traffic: a prime number.
FLOWS = 13
ADDRESSES = (("10.77.0.2", 9103), ("fd77::2", 9102))
OPENINGS = (
    b"\0\0\0\x17Hello Client fd calling",
    record(client_hello()),
    b"something else",
)

Ends = tuple[socket.socket, socket.socket]


@contextlib.contextmanager
def full_witness(home: Namespace) -> Iterator[socket.socket]:
    """Give a socket that sees everything on the wire, with the kernel's times."""
    with home.entered():
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        raw.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        raw.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 64 << 20)
        raw.bind(("wire0", _ETH_P_ALL))
    with raw:
        yield raw


def all_seen(raw: socket.socket) -> list[tuple[int, bytes]]:
    """Return what a witness has seen: time in ns, frame."""
    frames = []
    with contextlib.suppress(BlockingIOError):
        while True:
            data, ancillary, _, _ = raw.recvmsg(1 << 17, 64, _MSG_DONTWAIT)
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
            frames.append((seconds * 10**9 + nanoseconds, data))
    return frames


def connect_all(stack: contextlib.ExitStack, ends: list[Namespace]) -> list[Ends]:
    """Open the connections; of every three initiators one has a heartbeat of 1 s, one of 2 s."""
    listeners = {}
    with ends[1].entered():
        for address in ADDRESSES:
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
            listener = socket.create_server(address, family=family, backlog=FLOWS)
            listeners[address] = stack.enter_context(listener)
    talks = []
    for number in range(FLOWS):
        address = ADDRESSES[number % len(ADDRESSES)]
        with ends[0].entered():
            initiator = stack.enter_context(socket.socket(listeners[address].family))
        idle = (None, 1, 2)[number % 3]
        set_keepalive(initiator, idle=idle, interval=idle)
        initiator.connect(address)
        acceptor = stack.enter_context(listeners[address].accept()[0])
        if number % 5 == 0:
            set_keepalive(acceptor, idle=1, interval=1)
        initiator.sendall(OPENINGS[number % len(OPENINGS)])
        acceptor.sendall(b"\0\0\0\x0eauth cram-md5 ")
        talks.append((initiator, acceptor))
    return talks


def converse(tape: Recording, talks: list[Ends], chance: random.Random) -> None:
    """Let the connections speak at odd moments, then end some of them in either way."""
    for _ in range(9):
        for talk in chance.sample(talks, 4):
            for _ in range(chance.randrange(1, 4)):
                speaker = chance.randrange(2)
                talk[speaker].sendall(b"d" * chance.choice([4, 100, 5000, 100_000]))
                talk[1 - speaker].recv(1 << 20)
        tape.run(chance.choice([0.05, 0.3, 0.6, 0.9]))
    for number, (initiator, acceptor) in enumerate(talks[:6]):
        if number % 2:  # a reset instead of a farewell
            initiator.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        initiator.close()
        acceptor.close()
    tape.run(1.3)


class ClockSetError(Exception):
    """The wall clock was set meanwhile, by which the witness tells time."""


def is_kept_of(frame: bytes, data: bytes) -> bool:
    """Tell whether ``data`` is the beginning of a frame, of which thinning may blank payload."""
    return all(one in (0, other) for one, other in zip(data, frame, strict=False))


def with_times_of(witness: list[tuple[int, bytes]], kept: list[Packet]) -> list[Packet]:
    """Give the kept packets the times at which the witness saw them: its clock is another one.

    The first packet kept is a SYN like no other. Raises ClockSetError.
    """
    unused: dict[bytes, list[tuple[int, bytes]]] = {}
    for moment, frame in witness:
        unused.setdefault(frame[:54], []).append((moment, frame))
    apart = next(at for at, frame in witness if frame.startswith(kept[0].data)) - kept[0].time
    moved = []
    for packet in kept:
        alike = unused[packet.data[:54]]
        same = [one for one in alike if is_kept_of(one[1], packet.data)]
        nearest = min(same, key=lambda one: abs(one[0] - packet.time - apart))
        alike.remove(nearest)
        if abs(nearest[0] - packet.time - apart) >= 50_000_000:
            raise ClockSetError
        moved.append(packet._replace(time=nearest[0]))
    return sorted(moved, key=lambda packet: packet.time)


def as_evidence(kept: list[Packet], first: int, last: int) -> bytes:
    """Return the kept packets as the thinned file that a recorder would write."""
    head = blocks.section("test", "", "Linux", (THINNED,))
    head += blocks.interface(Interface("wire0", 1), "", "")
    tail = blocks.statistics(0, Counters(), first, last, (span_to_comment(first, last),))
    return head + b"".join(map(blocks.packet, kept)) + tail


def recorded() -> tuple[list[tuple[int, bytes]], list[Packet]]:
    """Return all that a witness saw of a conversation, and what the kernel's filter kept of it."""
    with namespaces(2) as ends, contextlib.ExitStack() as stack:
        join(*ends)
        tape = stack.enter_context(recording(ends[0]))
        raw = stack.enter_context(full_witness(ends[0]))
        converse(tape, connect_all(stack, ends), random.Random(20230917))
        kept = tape.finish()
        return all_seen(raw), kept


@pytest.mark.slow
def test_an_audit_of_what_the_kernel_keeps_is_that_of_everything() -> None:
    need(why_no_bpf())
    for _ in range(5):
        seen, kept = recorded()
        with contextlib.suppress(ClockSetError):
            timed = with_times_of(seen, kept)
            break
    else:
        pytest.fail("the wall clock of this machine is set again and again")
    full, info = follow(pcap(seen, nanoseconds=True))
    assert info.first is not None
    assert info.last is not None
    thin, _ = follow(as_evidence(timed, info.first, info.last))
    assert [judged(flow) for flow in thin] == [judged(flow) for flow in full]
    assert len(full) == FLOWS
    assert sum(len(flow.initiator.probes) for flow in full) > FLOWS
    assert len(kept) < len(seen)
