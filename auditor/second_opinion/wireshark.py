"""What Wireshark sees in a capture, asked of ``tshark`` in a process of its own.

Its dissectors read whatever is on a network, so that root never runs them: the capture is opened
and unpacked here, and handed to a process of nobody, with bounds on memory and time.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from decimal import Decimal, InvalidOperation
from threading import Thread
from typing import IO, NamedTuple

from auditor.errors import SecondOpinionError
from auditor.packets.byte_stream import DamagedStreamError, Stream
from auditor.packets.decode_as import rules_of
from auditor.packets.tshark import nobody, tshark_path
from auditor.text import printable

#: So many of Wireshark's lines are taken in: each becomes a row in memory.
MOST_LINES = 1_000_000
_CHUNK = 1 << 20
_POSTGRESQL = 5432

#: What is asked of each frame, in this order.
_FIELDS = (
    "frame.number",
    "frame.time_epoch",
    "ip.src",
    "ipv6.src",
    "tcp.srcport",
    "ip.dst",
    "ipv6.dst",
    "tcp.dstport",
    "tcp.flags",
    "tcp.analysis.retransmission",
    "tcp.analysis.keep_alive",
    "tcp.analysis.keep_alive_ack",
    "tls.handshake.extensions.psk.identity.identity",
    "frame.protocols",
)
#: The frames that are asked for.
_WANTED = (
    "tcp.flags.syn == 1 or tcp.analysis.keep_alive or tcp.analysis.keep_alive_ack or "
    "tls.handshake.type == 1"
)
_SYN, _ACK = 0x02, 0x10


class Ends(NamedTuple):
    """Who sent a segment to whom."""

    source: str
    source_port: int
    destination: str
    destination_port: int

    def __str__(self) -> str:
        return " → ".join(
            f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
            for address, port in (self[:2], self[2:])
        )


class Sight(NamedTuple):
    """What Wireshark says of one frame."""

    frame: int
    time: int
    """ns UTC."""
    ends: Ends
    syn: bool
    """A SYN without ACK."""
    again: bool
    """A retransmission."""
    probe: bool
    """A keepalive probe."""
    answer: bool
    """The answer to one."""
    identity: bytes
    """Of the pre-shared key that a ClientHello offers; empty: none."""
    capture: str = ""
    """Which it is in, where several are read."""


def program() -> str:
    """Return the name and version of the program. Raises SecondOpinionError."""
    try:
        done = subprocess.run(
            [_path(), "--version"], capture_output=True, text=True, check=True, **nobody()
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise SecondOpinionError(f"tshark does not run: {error}.") from None
    return printable(done.stdout.partition("\n")[0].partition(" (Git")[0].strip(". "))


def sights(path: str, ports: Collection[int]) -> Iterator[Sight]:
    """Yield what Wireshark says of SYNs, keepalives and ClientHellos on these ports of a capture,
    in the order of the capture, at most ``MOST_LINES`` of them.

    Raises SecondOpinionError where it cannot be asked, and where it gives up.
    """
    yield from _sights(path, ports, _WANTED)


def frames_at(path: str, ports: Collection[int], times: Collection[int]) -> dict[int, int]:
    """Return the numbers of the frames without data that were captured at these times (ns UTC).

    Raises SecondOpinionError as ``sights`` does.
    """
    found = _sights(path, ports, "tcp.len <= 1")
    return {one.time: one.frame for one in found if one.time in times}


def _sights(path: str, ports: Collection[int], which: str) -> Iterator[Sight]:
    wanted = f"tcp.port in {{{','.join(map(str, sorted(ports)))}}} and ({which})"
    command = [_path(), "-n", "-r", "-", "-Y", wanted, "-T", "fields", "-E", "occurrence=a"]
    for field in _FIELDS:
        command += ["-e", field]
    for port in sorted(set(ports) - {_POSTGRESQL}):
        command += ["-d", f"tcp.port=={port},tls"]
    for rule in ("udp.port==8472,vxlan", *rules_of(ports)):
        command += ["-d", rule]
    with closing(Stream(path)) as capture:
        yield from _asked(command, capture)


def _asked(command: list[str], capture: Stream) -> Iterator[Sight]:
    pipe = subprocess.PIPE
    child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, **nobody())
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    said: list[bytes] = []
    feeder = Thread(target=_feed, args=(child.stdin, capture), daemon=True)
    listener = Thread(target=_listen, args=(child.stderr, said), daemon=True)
    feeder.start()
    listener.start()
    try:
        for number, line in enumerate(child.stdout):
            if number >= MOST_LINES:
                raise SecondOpinionError(f"Wireshark's first {MOST_LINES:,} lines were compared.")
            if (one := _read(line)) is not None:
                yield one
        if child.wait():
            listener.join()
            words = printable(b" ".join(said).decode("utf-8", "replace").strip(), 300)
            raise SecondOpinionError(f"tshark gave up with exit code {child.returncode}: {words}")
    finally:
        child.kill()
        child.wait()
        for stream in (child.stdout, child.stderr):
            stream.close()
        feeder.join()


def _feed(target: IO[bytes], capture: Stream) -> None:
    """Hand a capture on to its end, to where it is damaged, or to where nobody reads it."""
    block = memoryview(bytearray(_CHUNK))
    with suppress(BrokenPipeError, DamagedStreamError, ValueError):
        while count := capture.fill(block):
            target.write(block[:count])
    with suppress(BrokenPipeError):
        target.close()


def _listen(source: IO[bytes], said: list[bytes]) -> None:
    """Take in what is said, the last of it only, so that the child never waits."""
    with suppress(ValueError):
        for line in source:
            said[:] = [*said[-4:], line[:500]]


def _read(line: bytes) -> Sight | None:
    """Return one line of fields; None: it is none, as of a frame without addresses."""
    cells = line.decode("utf-8", "replace").rstrip("\r\n").split("\t")
    if len(cells) != len(_FIELDS):
        return None
    *cells, layers = cells
    # Of several IP headers the last is that of the segment; but one that an ICMP error quotes.
    at = 0 if ":icmp" in layers else -1
    is_v6 = re.findall(r":(ipv6|ip)\b", layers)[at:][:1] == ["ipv6"]
    identity = cells.pop().split(",")[0]
    number, epoch, *told, flags, again, probe, answer = (cell.split(",")[at] for cell in cells)
    ip4, ip6, sport, to4, to6, dport = told
    source, target = (ip6, to6) if is_v6 else (ip4, to4)
    try:
        ends = Ends(source, int(sport), target, int(dport))
        time, bits = int(Decimal(epoch) * 1_000_000_000), int(flags, 16)
        name = bytes.fromhex(identity.replace(":", ""))
        frame = int(number)
    except (ValueError, InvalidOperation):
        return None
    syn = bits & (_SYN | _ACK) == _SYN
    return Sight(frame, time, ends, syn, bool(again), bool(probe), bool(answer), name)


def _path() -> str:
    found = tshark_path()
    if found is None:
        raise SecondOpinionError("tshark is not installed: install the package tshark (Wireshark).")
    return found
