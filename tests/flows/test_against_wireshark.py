"""Captures of every link, layer, family, tag, option, fragmentation and anomaly: we and Wireshark
see the same SYNs, the same initiators and the same keepalive probes, or the table says why not.

Each capture is one connection with its own port, on an interface of its own; all are in one file,
for tshark takes a third of a second to start.
"""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from layering import LINKS, TAGS, TUNNELS, fragments, frame, layer, tunnelled
from pcapfile import Pcapng
from tape import SECOND, Endpoint, Tape

from auditor.flows import ConnectionTracker
from auditor.packets import Decoder

PORT = 9102
ADDRESSES = {4: ("10.0.0.31", "10.0.0.20"), 6: ("2001:db8::31", "2001:db8::20")}
#: How many packets of a capture are frames: one or several.
Build = Callable[[bytes], list[bytes]]


class Capture(NamedTuple):
    """One connection, as it is captured."""

    name: str
    link: int
    build: Build
    tape: Callable[[Tape, Endpoint, Endpoint], Tape]
    version: int


@dataclass
class Told:
    """What is told of one connection."""

    syns: list[int] = field(default_factory=list)
    """Frames with SYN."""
    initiators: set[int] = field(default_factory=set)
    """Ports of who dialled."""
    probes: list[int] = field(default_factory=list)
    """Frames with keepalive probes."""


#: Where we and Wireshark differ, by the beginning of a capture's name: why. There we see what is in
#: it, and Wireshark nothing.
EXPLAINED: Mapping[str, str] = {
    "SLIP": "Wireshark does not read SLIP",
    "frame relay with direction": "Wireshark does not know the link type",
    "tag frame over MPLS": "Wireshark tells a control word by vendors of hardware addresses, which "
    "are made up here; we by the EtherType that is behind it",
    "L2TPv3": "Wireshark has to be told how long the cookie is, and that Ethernet is behind it; we "
    "look where a frame begins",
    "NFLOG of a big-endian host": "Wireshark takes the order of bytes to be that of the file",
    "no length, IPv6": "Wireshark takes a length of 0 for an offload's in IPv4 only",
}


def usual(tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    tape.syn(one, other).synack().ack().send(one, b"hello" * 9).ack().send(other, b"welcome").ack()
    tape.silence(60).probe(one).answer().silence(60).probe(one).answer()
    return tape.silence(60).probe(other, b"\0").answer().fin(one).fin(other).ack()


def older(tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    tape.join(one, other).send(other, b"status").ack().silence(60).probe(one).answer()
    return tape.silence(60).probe(one).answer().rst(other)


def stamped(tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    return usual(tape.clocks(), one, other)


def doubled(tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    tape.syn(one, other).duplicate().synack().duplicate().ack().send(one, b"hello").duplicate()
    return tape.ack().silence(75).probe(one).answer().fin(one).fin(other).ack()


def repeated(tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    tape.syn(one, other).silence(1).segment(one, "S", shift=-1).synack().ack().send(one, b"hello")
    return tape.silence(1).resend(one).ack().silence(75).probe(one).answer().rst(one)


def refused(tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    return tape.syn(one, other).rst(other)


def unanswered(tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    usual(tape, one, other)
    tape.syn(Endpoint(one.address, one.port + 20000), other)
    return tape.silence(1).segment(Endpoint(one.address, one.port + 20000), "S", shift=-1)


def swapped(tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    tape.syn(one, other).synack().ack().send(one, b"hello").send(one, b"again").swap().ack()
    return tape.silence(60).probe(one).answer().fin(one).fin(other).ack()


def lost(tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    tape.syn(one, other).synack().ack().send(one, b"hello").drop().ack().send(other, b"yes").ack()
    return tape.silence(60).probe(one).answer().fin(one).fin(other).ack()


def answer_only(tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    tape.syn(one, other).drop().synack().ack().send(one, b"hello").ack()
    return tape.silence(60).probe(one).answer().fin(one).fin(other).ack()


def closed_window(tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    tape.syn(one, other).synack().ack().send(one, b"hello").ack().window(other, 0)
    return tape.silence(60).window(other, 500).silence(60).probe(one).answer().rst(one)


TAPES = {
    tape.__name__: tape
    for tape in (
        *(usual, older, stamped, doubled, repeated, refused, unanswered, swapped, lost),
        *(answer_only, closed_window),
    )
}


def with_options(packet: bytes, options: bytes) -> bytes:
    """Return an IPv4 packet with options, or an IPv6 one with a header of 8 bytes or more."""
    if packet[0] >> 4 == 4:
        if options[1:2] == b"\x83":
            options += packet[16:20]
            packet = packet[:16] + bytes([10, 0, 0, 99]) + packet[20:]
        size = 20 + len(options)
        total = size + len(packet) - 20
        return (
            bytes([0x40 | size // 4, 0])
            + total.to_bytes(2, "big")
            + packet[4:10]
            + bytes(2)
            + packet[12:20]
            + options
            + packet[20:]
        )
    length = (len(packet) - 40 + len(options)).to_bytes(2, "big")
    chained = bytes([packet[6]]) + options[2:]
    return packet[:4] + length + options[:1] + packet[7:40] + chained + packet[40:]


#: By name: what stands in the IP header, or behind it.
OPTIONS: Mapping[tuple[int, str], bytes] = {
    (4, "record route"): b"\1\7\7\4\0\0\0\0",
    (4, "router alert"): b"\x94\4\0\0",
    (4, "loose route"): b"\1\x83\7\4",  # and the address
    (4, "route that is passed"): b"\1\x89\7\x08" + bytes([10, 0, 0, 99]),
    (6, "hop by hop"): bytes([0, 0, 0, 0, 1, 2, 0, 0]),
    (6, "destination options"): bytes([60, 0, 0, 0, 1, 4, 0, 0, 0, 0])[:8],
    (6, "atomic fragment"): bytes([44, 0, 0, 0, 0, 0, 0, 9]),
}


def unsplit(packet: bytes) -> bytes:
    """Return a packet without its length, as offloads show it."""
    if packet[0] >> 4 == 4:
        return packet[:2] + b"\0\0" + packet[4:]
    return packet[:4] + b"\0\0" + packet[6:]


def once(build: Callable[[bytes], bytes]) -> Build:
    return lambda packet: [build(packet)]


def captures() -> Iterator[Capture]:
    """Yield all captures."""

    def ethernet(name: str, build: Build, version: int, tape: str = "usual") -> Capture:
        return Capture(f"{name}, IPv{version}", 1, build, TAPES[tape], version)

    for version in (4, 6):
        for name, (link, wrap) in LINKS.items():
            yield Capture(
                f"{name}, IPv{version}",
                link,
                lambda packet, wrap=wrap: [wrap(layer(packet))],
                usual,
                version,
            )
        for name, tag in TAGS.items():
            yield ethernet(f"tag {name}", lambda of, tag=tag: [frame(tag(layer(of)))], version)
        for name, around in product(TUNNELS, (4, 6)):
            yield ethernet(
                f"{name} over IPv{around}",
                lambda of, name=name, around=around: [frame(layer(tunnelled(of, name, around)))],
                version,
            )
        for name, tag in product(("VXLAN", "GRE", "IP in IP"), ("VLAN", "MPLS", "PPPoE")):
            yield ethernet(
                f"{name} behind {tag}",
                lambda of, name=name, tag=TAGS[tag]: [frame(tag(layer(tunnelled(of, name))))],
                version,
            )
        for name in TAPES:
            yield ethernet(f"tape {name}", once(lambda of: frame(layer(of))), version, name)
        for name in ("VXLAN", "GRE with key", "GTP-U"):
            yield ethernet(
                f"older, {name}", lambda of, n=name: [frame(layer(tunnelled(of, n)))], version
            )._replace(tape=older)
        yield from in_fragments(version)
        yield ethernet("no length", once(lambda of: frame(layer(unsplit(of)))), version)
        yield ethernet("trailer", once(lambda of: frame(layer(of)) + bytes(30)), version)
    for (version, name), options in OPTIONS.items():
        yield ethernet(
            f"option {name}",
            lambda of, options=options: [frame(layer(with_options(of, options)))],
            version,
        )


def in_fragments(version: int) -> Iterator[Capture]:
    """Yield captures of which packets are in fragments: of the connection, or of its tunnel."""
    number = 0

    def cut(packet: bytes, *places: int) -> list[bytes]:
        nonlocal number
        number += 1
        return fragments(packet, *places, ident=number)

    for places in ((8,), (16,), (8, 16)):
        yield Capture(
            f"fragments at {places}, IPv{version}",
            1,
            lambda of, places=places: [frame(layer(one)) for one in cut(of, *places)],
            usual,
            version,
        )
        for name in ("VXLAN", "GRE", "IP in IP"):
            yield Capture(
                f"fragments at {places} in {name}, IPv{version}",
                1,
                lambda of, places=places, name=name: [
                    frame(layer(tunnelled(one, name))) for one in cut(of, *places)
                ],
                usual,
                version,
            )
            yield Capture(
                f"fragments at {places} of {name}, IPv{version}",
                1,
                lambda of, places=places, name=name: [
                    frame(layer(one)) for one in cut(tunnelled(of, name), *places)
                ],
                usual,
                version,
            )


def written(all_of_them: Iterable[Capture]) -> bytes:
    """Return one file of all captures, each on its interface; a client's port tells which."""
    file, start = Pcapng(), 1_800_000_000 * SECOND
    blocks = []
    for number, one in enumerate(all_of_them):
        file.interface(one.link, tsresol=9)
        ends = [
            Endpoint(address, port)
            for address, port in zip(ADDRESSES[one.version], (20000 + number, PORT), strict=True)
        ]
        tape = one.tape(Tape(start + number * 1000 * SECOND), *ends)
        for recorded in tape.frames:
            for step, data in enumerate(one.build(recorded.data[14:])):
                blocks.append((recorded.time + step, data, number))
    for time, data, number in blocks:
        file.enhanced(time, data, interface=number)
    return bytes(file)


def ours(data: bytes) -> dict[int, Told]:
    """Return what we make of the file, by the client's port."""
    told: dict[int, Told] = defaultdict(Told)
    times = {}
    tracker = ConnectionTracker({PORT})
    for batch in Decoder({PORT}).feed(data):
        for row in batch.segments:
            ports = int(row["sport"]), int(row["dport"])
            client = ports[0] if ports[1] == PORT else ports[1]
            times[int(row["time"])] = int(row["number"])
            if row["flags"] & 2:
                told[client].syns.append(int(row["number"]))
        tracker.feed(batch)
    for flow in tracker.finish().flows:
        sides = flow.initiator, flow.acceptor
        (client,) = {side.port for side in sides} - {PORT}
        told[client].initiators.add(flow.initiator.port)
        told[client].probes += [times[probe.time] for side in sides for probe in side.probes]
    return told


def theirs(file: Path) -> dict[int, Told]:
    """Return what Wireshark makes of the file."""
    fields = ("frame.number", "tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.analysis.keep_alive")
    command = [
        "tshark",
        "-n",
        "-r",
        str(file),
        "-d",
        "udp.port==8472,vxlan",
        "-Y",
        f"tcp.port == {PORT}",
        "-T",
        "fields",
    ]
    command += [word for name in fields for word in ("-e", name)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[int, Told] = defaultdict(Told)
    dialled: dict[int, int] = {}
    for line in done.stdout.splitlines():
        number, *rest = line.split("\t")
        source, target, flags = (int(cell.split(",")[-1], 0) for cell in rest[:3])
        client = source if target == PORT else target
        if flags & 2:
            told[client].syns.append(int(number))
            dialled.setdefault(client, target if flags & 16 else source)
        if rest[3]:
            told[client].probes.append(int(number))
    for client, one in told.items():
        one.initiators = {dialled.get(client, client)}
    return told


@pytest.mark.tshark
def test_we_and_wireshark_see_the_same(tmp_path: Path) -> None:
    every = list(captures())
    assert len(every) >= 200
    data = written(every)
    path = tmp_path / "all.pcapng"
    path.write_bytes(data)
    mine, wiresharks = ours(data), theirs(path)
    differ = {}
    for number, one in enumerate(every):
        ports = [20000 + number] + [40000 + number] * (one.tape is unanswered)
        for port in ports:
            seen, other = mine[port], wiresharks[port]
            seen.probes.sort()
            if seen != other:
                differ[one.name] = f"we {seen}, Wireshark {other}"
    unexplained = {
        name: what for name, what in differ.items() if not any(map(name.startswith, EXPLAINED))
    }
    assert not unexplained, "\n".join(f"{name}: {what}" for name, what in unexplained.items())
    for name in EXPLAINED:
        found = [told for other, told in differ.items() if other.startswith(name)]
        assert found, f"{name}: we see the same"
        assert all("Wireshark Told(syns=[], initiators=set()" in told for told in found)
        assert not any("we Told(syns=[]" in told for told in found)
