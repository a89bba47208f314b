"""Our counts against Wireshark's, on the real recordings."""

from __future__ import annotations

import shutil
import subprocess
from operator import itemgetter

import pytest
from paths import CAPTURES

from auditor.packets import read_capture
from auditor.packets.segments import UNSEEN_STAMPS

RECORDINGS = sorted(path.with_name("capture.pcap") for path in CAPTURES.rglob("truth.csv"))
PORTS = (5432, 9101, 9102, 9103)
FIELDS = (
    "frame.time_epoch", "ip.src", "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw",
    "tcp.len", "tcp.window_size_value", "ip.ttl", "ip.id", "tcp.options.timestamp.tsval",
)  # fmt: skip

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def tshark(path):
    """One row of integers for each TCP packet on a port of interest, and the number of packets."""
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=,"]
    for option in ("tcp.desegment_tcp_streams:FALSE", "tcp.analyze_sequence_numbers:FALSE"):
        command += ["-o", option]
    for field in FIELDS:
        command += ["-e", field]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = [line.split(",") for line in lines]
    kept = [r for r in rows if r[2] and {int(r[2]), int(r[3])} & set(PORTS)]
    return len(rows), [_integers(row) for row in kept]


def _integers(row):
    seconds, fraction = row[0].split(".")
    a, b, c, d = (int(part) for part in row[1].split("."))
    time = int(seconds) * 10**9 + int(fraction.ljust(9, "0"))
    address = a << 24 | b << 16 | c << 8 | d
    return (time, address, *(int(x or "0", 0) for x in row[2:]))


def ours(path):
    names = ["time", "src_lo", "sport", "dport", "seq", "ack", "length", "window", "ttl", "ident"]
    names += ["stamp", "stamped"]
    rows = []
    with read_capture(str(path), PORTS) as reader:
        for batch in reader:
            for time, address, *rest, stamp, stamped in batch.segments[names].tolist():
                rows += [(time, address & 0xFFFFFFFF, *rest, stamp * (stamped > UNSEEN_STAMPS))]
    return reader.info, rows


def test_there_are_recordings():
    assert len(RECORDINGS) == 10


@needs_tshark
@pytest.mark.slow
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda p: str(p.parent.relative_to(CAPTURES)))
def test_every_segment_of_a_recording_is_as_tshark_sees_it(path):
    packets, rows = tshark(path)
    info, found = ours(path)
    assert info.packets == packets
    assert found == sorted(
        rows, key=itemgetter(0)
    )  # by time, which Wireshark does not put in order
    assert info.segments == len(rows) > 0
    assert (info.undecoded, info.short, info.truncated) == (0, 0, False)
