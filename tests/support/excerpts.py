"""Excerpts of captures: what was copied, packet by packet, and what Wireshark reads of it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

from auditor.evidence.excerpting.raw_blocks import Block, raw_blocks
from auditor.packets import read_capture
from auditor.packets.pcapng_scanner import INTERFACE, SECTION

PORTS = frozenset({5432, 9101, 9102, 9103})


def everything(path: Path) -> list[Block]:
    """Return every block that can be copied of a capture."""
    return list(raw_blocks(str(path), lambda _number, _data: True))


def copied(path: Path, target: Path, *numbers: int) -> Path:
    """Write a copy that has just these packets, all if none is named."""
    wants = numbers or None
    blocks = raw_blocks(str(path), lambda number, _data: wants is None or number in wants)
    target.write_bytes(b"".join(block.data for block in blocks))
    return target


def packets(blocks: list[Block]) -> list[Block]:
    """Return those blocks that are packets."""
    return [block for block in blocks if block.kind not in {SECTION, INTERFACE} and block.number]


def segments(path: Path) -> list[tuple[object, ...]]:
    """Return what tells segments apart, in order, but for where they lie in the file."""
    names = ("time", "src_hi", "src_lo", "dst_hi", "dst_lo", "sport", "dport", "seq", "ack")
    more = ("flags", "length", "captured", "ident", "trailer")
    with read_capture(str(path), PORTS) as reader:
        return [
            tuple(row[name].item() for name in (*names, *more))
            for batch in reader
            for row in batch.segments
        ]


class Shown(NamedTuple):
    """A packet as tshark shows it."""

    time: str
    size: str
    comments: str
    data: str


def shown(path: Path, display_filter: str = "") -> list[Shown]:
    """Return what tshark shows of a capture's packets that a display filter passes."""
    fields = ("frame.time_epoch", "frame.len", "frame.comment", "tcp.seq_raw")
    command = ["tshark", "-n", "-r", str(path), "-T", "fields"]
    command += [word for name in fields for word in ("-e", name)]
    if display_filter:
        command += ["-Y", display_filter]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [Shown(*line.split("\t")) for line in done.stdout.splitlines()]
