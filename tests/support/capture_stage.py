"""What the tests of the recorder play with: frames, a backend that is fed by hand, namespaces."""

from __future__ import annotations

import ctypes
import os
import subprocess
import warnings
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from needs import check, needs

from auditor.capture.backend import Request
from auditor.errors import CaptureError
from auditor.evidence.packet import Counters, Direction, Interface, Packet
from auditor.packets import Batch
from auditor.packets.pcapng_comments import SocketFact
from auditor.packets.segments import SYN

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # scapy's optional cryptography warns of old ciphers
    from scapy.layers.inet import IP, TCP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether

START = 1_800_000_000_000_000_000
_CLONE_NEWNET = 0x40000000
#: Ethernet, IPv4 without options, and the 40 bytes of Linux's SYN.
_LINUX_SYN = 14 + 20 + 40


def frame(source: str, sport: int, destination: str, dport: int, flags: str = "S") -> bytes:
    """Return an Ethernet frame with a TCP segment."""
    network = IPv6 if ":" in source else IP
    ether = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    return bytes(
        ether / network(src=source, dst=destination) / TCP(sport=sport, dport=dport, flags=flags)
    )


def packet(number: int = 0, **changes: object) -> Packet:
    """Return a SYN, ``number`` ms after the start."""
    data = frame("10.0.0.31", 40000 + number % 20000, "10.0.0.20", 9103)
    usual = Packet(START + number * 1_000_000, 0, data, len(data), Direction.OUTBOUND)
    return usual._replace(**changes)  # type: ignore[arg-type]


def fact(**changes: object) -> SocketFact:
    """Return what is known of the socket that sent ``packet(0)``."""
    usual = {
        "time": START,
        "local": ("10.0.0.31", 40000),
        "remote": ("10.0.0.20", 9103),
        "state": "SYN-SENT",
        "keepalive": True,
        "idle_s": 60.0,
        "interval_s": 60.0,
        "count": 9,
        "own_timers": True,
        "pid": 711,
        "process": "bareos-fd",
        "heard_s": None,
    }
    return SocketFact(**(usual | changes))  # type: ignore[arg-type]


@dataclass
class HandFedBackend:
    """A backend that hands on what the test gave it, one list a poll."""

    polls: list[list[Packet]] = field(default_factory=list)
    told: list[list[SocketFact]] = field(default_factory=list)
    held: list[Packet] = field(default_factory=list)
    interfaces: tuple[Interface, ...] = (Interface("eth0", 1),)
    children: tuple[int, ...] = ()
    name: str = "handfed"
    blind: tuple[str, ...] = ("It sees what it is fed.",)
    counts: tuple[Counters, ...] | None = None
    failure: CaptureError | None = None
    on_poll: object = None
    polled: int = 0

    def open(self, request: Request) -> None:
        """Take note of what is asked for."""
        self.request = request

    def poll(self, timeout: float) -> list[Packet]:
        """Return the next list of packets; after the last, raise what the test has set."""
        assert timeout >= 0
        self.polled += 1
        if callable(self.on_poll):
            self.on_poll(self)
        if self.polls:
            return self.polls.pop(0)
        if self.failure is not None:
            raise self.failure
        return []

    def facts(self) -> Collection[SocketFact]:
        """Return the next list of socket facts."""
        return self.told.pop(0) if self.told else []

    def counters(self) -> tuple[Counters, ...]:
        """Return the counters that the test has set; by default zeros."""
        return self.counts or (Counters(),) * len(self.interfaces)

    def flush(self) -> Iterable[Packet]:
        """Return what was held back."""
        held, self.held = self.held, []
        return held

    def close(self) -> None:
        """Let go of all packets."""
        self.polls = []


class KeepSyns:
    """Thinning that keeps the SYNs of Linux and IPv4, to see packets come through a pipeline."""

    def __init__(self, ports: Collection[int], link: int, max_flows: int) -> None:
        assert max_flows > 0 and link == 1 and ports
        self.matched = self.kept = 0

    def feed(self, batch: Batch) -> list[Packet]:
        """Return the SYNs of a batch, in order of time as thinning does: on two processors, or
        where the clock is set, the kernel hands packets out in another one."""
        self.matched += len(batch.segments)
        kept = []
        for row in batch.segments:
            if row["flags"] & SYN:
                at = int(row["payload"])
                data = batch.buffer[max(at - _LINUX_SYN, 0) : at].tobytes()
                kept.append(Packet(int(row["time"]), 0, data, len(data)))
        self.kept += len(kept)
        return sorted(kept, key=lambda packet: packet.time)

    def advance(self, now: int) -> list[Packet]:
        """Let time pass: nothing is held back."""
        assert now > 0
        return []

    def flush(self) -> list[Packet]:
        """Return what is held back: nothing."""
        return []

    def counters(self) -> tuple[int, int, int]:
        """Return how many segments matched, were kept and were lost."""
        return self.matched, self.kept, 0

    @property
    def lost_payload(self) -> int:
        """Return how many lost their payload: none."""
        return 0


def tshark(path: Path | str, *fields: str) -> list[list[str]]:
    """Return the fields of each packet as tshark reads them."""
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=/t"]
    for name in fields:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=_quiet())
    return [line.split("\t") for line in done.stdout.splitlines()]


def _quiet() -> dict[str, str]:
    return os.environ | {"LC_ALL": "C.UTF-8"}


@needs("root")
@contextmanager
def namespace() -> Iterator[str]:
    """Be in a network namespace of our own, with loopback and a pair bas0 (10.77.0.1) and bas1."""
    check("root")
    name = f"bareos-audit-{uuid4().hex[:8]}"
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    _ip("netns", "add", name)
    try:
        with Path(f"/run/netns/{name}").open() as there:
            _setns(there.fileno())
            _ip("link", "set", "lo", "up")
            _ip("link", "add", "bas0", "type", "veth", "peer", "name", "bas1")
            _ip("addr", "add", "10.77.0.1/24", "dev", "bas0")
            _ip("link", "set", "bas0", "up")
            _ip("link", "set", "bas1", "up")
            yield name
    finally:
        _setns(home)
        os.close(home)
        _ip("netns", "del", name)


def delete_link(name: str) -> None:
    """Remove an interface, as when a cable modem is pulled out or a container ends."""
    _ip("link", "del", name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def _setns(fd: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, _CLONE_NEWNET) < 0:
        raise OSError(ctypes.get_errno(), "setns")
