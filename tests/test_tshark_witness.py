"""A second opinion: what Wireshark's engine, asked through pyshark, sees in the recordings.

Both read the same six files. They must agree on every SYN to the nanosecond, on who dialled each
connection, and on every keepalive probe but those of ``DIFFERENCES``, each with its reason.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv6Address
from pathlib import Path

import numpy as np
import pytest
from paths import CAPTURES

import auditor
from auditor.flows import ConnectionTracker
from auditor.flows.flow import Flow
from auditor.packets import read_capture
from auditor.packets.segments import ACK, FIN, RST, SYN, Batch

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
    # pyshark 0.6 asks asyncio for loops and watchers in a way that Python 3.12 warns of.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pyshark"),
]

FOLDERS = (
    "cleartext",
    "heartbeat",
    "modes",
    "trouble",
    "lan-nat-active/lan",
    "lan-nat-active/wan",
)
PORTS = frozenset({5432, 9101, 9102, 9103})

Ends = tuple[str, int, str, int]
"""Address and port of the sender, address and port of the receiver."""
Event = tuple[Ends, int]
"""One segment: its ends, and its time in ns UTC."""


@dataclass(frozen=True)
class Difference:
    """Probes that one of the two engines sees and the other does not."""

    folder: str
    prober: tuple[str, int]
    seen_by: str
    count: int
    reason: str


DIFFERENCES = (
    Difference(
        "heartbeat",
        ("10.77.0.33", 40416),
        "auditor",
        9,
        "The flow began before the recording and says nothing but probes for 41 s. Until the side "
        "sends a real segment tshark does not know its next sequence number and marks none of "
        "them, only the answers as duplicate ACKs (bareos.md §6.3, pitfall 2). They lie 5.12 s "
        "apart, each is answered within 0.3 ms with an ACK one above its sequence number.",
    ),
)


@dataclass(frozen=True)
class Seen:
    """What one engine sees in one recording."""

    syns: frozenset[Event]
    dialled: frozenset[Event]
    """First SYN of each connection, from its initiator to its acceptor."""
    midstream: frozenset[frozenset[tuple[str, int]]]
    """Both ends of each connection of which no SYN was seen."""
    probes: frozenset[Event]


@functools.cache
def theirs(folder: str) -> Seen:
    import pyshark

    # The first frame of each stream has the relative time 0.
    interesting = "tcp.time_relative == 0 || tcp.flags.syn == 1 || tcp.analysis.keep_alive"
    syns: dict[int, list[Event]] = {}
    streams: dict[int, Ends] = {}
    probes: list[Event] = []
    capture = pyshark.FileCapture(
        str(CAPTURES / folder / "capture.pcap"), display_filter=interesting, keep_packets=False
    )
    try:
        for packet in capture:
            tcp = packet.tcp
            ends = (packet.ip.src, int(tcp.srcport), packet.ip.dst, int(tcp.dstport))
            event = (ends, int(Decimal(packet.sniff_timestamp) * 10**9))
            stream = int(tcp.stream)
            streams.setdefault(stream, ends)
            if int(tcp.flags, 16) & (SYN | ACK) == SYN:
                syns.setdefault(stream, []).append(event)
            if hasattr(tcp, "analysis_keep_alive"):
                probes.append(event)
    finally:
        capture.close()
    return Seen(
        frozenset(event for events in syns.values() for event in events),
        frozenset(events[0] for events in syns.values()),
        frozenset(both(*ends) for stream, ends in streams.items() if stream not in syns),
        frozenset(probes),
    )


@functools.cache
def ours(folder: str) -> Seen:
    syns: list[Event] = []
    follower = ConnectionTracker(PORTS)
    with read_capture(str(CAPTURES / folder / "capture.pcap"), PORTS) as reader:
        for batch in reader:
            syns.extend(syns_of(batch))
            follower.feed(batch)
        flows = follower.finish(reader.info.last).flows
    return Seen(
        frozenset(syns),
        frozenset((ends_of(flow), flow.started) for flow in flows if flow.syns),
        frozenset(both(*ends_of(flow)) for flow in flows if not flow.syns),
        frozenset(event for flow in flows for event in probes_of(flow)),
    )


def both(source: str, sport: int, destination: str, dport: int) -> frozenset[tuple[str, int]]:
    return frozenset({(source, sport), (destination, dport)})


def ends_of(flow: Flow) -> Ends:
    return flow.initiator.address, flow.initiator.port, flow.acceptor.address, flow.acceptor.port


def probes_of(flow: Flow) -> list[Event]:
    source, sport, destination, dport = ends_of(flow)
    dialled = [((source, sport, destination, dport), probe.time) for probe in flow.initiator.probes]
    return dialled + [
        ((destination, dport, source, sport), probe.time) for probe in flow.acceptor.probes
    ]


def syns_of(batch: Batch) -> list[Event]:
    segments = batch.segments
    return [
        (
            (
                address(segment["src_hi"], segment["src_lo"]),
                int(segment["sport"]),
                address(segment["dst_hi"], segment["dst_lo"]),
                int(segment["dport"]),
            ),
            int(segment["time"]),
        )
        for segment in segments[segments["flags"] & (SYN | ACK) == SYN]
    ]


def address(high: np.uint64, low: np.uint64) -> str:
    whole = IPv6Address(int(high) << 64 | int(low))
    return str(whole.ipv4_mapped or whole)


@pytest.mark.parametrize("folder", FOLDERS)
def test_tshark_sees_the_same_syns_at_the_same_times(folder: str) -> None:
    assert len(theirs(folder).syns) > 5
    assert ours(folder).syns == theirs(folder).syns


@pytest.mark.parametrize("folder", FOLDERS)
def test_tshark_sees_the_same_side_dial_each_connection(folder: str) -> None:
    assert ours(folder).dialled == theirs(folder).dialled


@pytest.mark.parametrize("folder", FOLDERS)
def test_tshark_sees_the_same_connections_begin_before_the_recording(folder: str) -> None:
    assert ours(folder).midstream == theirs(folder).midstream
    assert bool(theirs(folder).midstream) == (folder == "heartbeat")


@pytest.mark.parametrize("folder", FOLDERS)
def test_tshark_sees_the_same_probes_but_for_explained_differences(folder: str) -> None:
    mine, other = ours(folder).probes, theirs(folder).probes
    found = Counter((ends[:2], "auditor") for ends, _ in mine - other)
    found += Counter((ends[:2], "tshark") for ends, _ in other - mine)
    explained = {(d.prober, d.seen_by): d.count for d in DIFFERENCES if d.folder == folder}
    assert dict(found) == explained
    assert bool(mine) == (folder == "heartbeat")


@dataclass(frozen=True)
class Frame:
    """One segment as tshark lists it."""

    number: int
    sender: tuple[str, int]
    flags: int
    length: int
    keepalive: bool


def streams(path: Path) -> dict[int, list[Frame]]:
    """Return the frames of each TCP connection of a capture, but for ICMP errors."""
    fields = ("frame.number", "tcp.stream", "ip.src", "tcp.srcport", "tcp.flags", "tcp.len")
    names = [part for name in (*fields, "tcp.analysis.keep_alive") for part in ("-e", name)]
    command = ["tshark", "-r", str(path), "-Y", "tcp && !icmp"]
    told = subprocess.run(
        [*command, "-T", "fields", "-E", "separator=;", *names],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[int, list[Frame]] = {}
    for line in told.stdout.splitlines():
        number, stream, source, port, flags, length, keepalive = line.split(";")
        sender = (source, int(port))
        frame = Frame(int(number), sender, int(flags, 16), int(length), bool(keepalive))
        found.setdefault(int(stream), []).append(frame)
    return found


@pytest.mark.parametrize("thinned", [False, True])
@pytest.mark.parametrize("folder", FOLDERS)
def test_tshark_has_the_same_segments_in_the_frames_that_we_name(
    folder: str, tmp_path: Path, *, thinned: bool
) -> None:
    """Those of a thinned capture are of that file."""
    path = CAPTURES / folder / "capture.pcap"
    if thinned:
        auditor.thin(path, tmp_path / "thin.pcapng")
        path = tmp_path / "thin.pcapng"
    audit = auditor.audit(path, resolve=False)
    begun = {listed[0].number: listed for listed in streams(path).values()}
    probes = audit.probes.groupby("flow")["frame"].agg(set).to_dict()
    assert len(audit.flows) > 5
    for flow in audit.flows.query("attempts == 1").to_dict("records"):
        listed = begun[flow["first_frame"]]
        at = {frame.number: frame for frame in listed}
        initiator, acceptor = (
            (flow[f"{end}_address"], flow[f"{end}_port"]) for end in ("initiator", "acceptor")
        )
        said = [f.number for f in listed if f.sender == initiator and f.length > 0]
        replies = [f.number for f in listed if f.sender == acceptor]
        assert flow["last_frame"] == listed[-1].number
        assert (flow["reply_frame"] if replies else None) == next(iter(replies), None)
        if flow["initiator_evidence"] == "syn":
            assert at[flow["first_frame"]].flags & (SYN | ACK) == SYN
            assert (flow["hello_frame"] if said else None) == next(iter(said), None)
        wanted = {"orderly": FIN, "reset": RST, "login-refused": FIN | RST}.get(flow["ending"])
        if wanted is not None:
            assert at[flow["ending_frame"]].flags & wanted
        if flow["initiator_port"] != 40416:  # the one of DIFFERENCES
            assert probes.get(flow["id"], set()) == {f.number for f in listed if f.keepalive}


def test_tshark_finds_the_error_in_the_frame_that_ended_an_attempt() -> None:
    case = CAPTURES / "cases" / "17-firewall-rejects-with-icmp"
    flows = auditor.audit(case / "capture.pcap", resolve=False).flows.query("ending == 'rejected'")
    shown = ("-Y", "icmp.type == 3", "-T", "fields", "-e", "frame.number")
    told = subprocess.run(
        ["tshark", "-r", case / "capture.pcap", *shown], check=True, capture_output=True, text=True
    )
    assert len(flows) > 0
    assert set(flows["ending_frame"]) <= set(map(int, told.stdout.split()))
