"""Recordings whose frames were changed as a tap or a stranger may change them, and what an audit of
them says."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from paths import CAPTURES

import auditor
from auditor.packets.link_types import COOKED2

_NS = 1_000_000_000
_UNITS = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}
_HEAD = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")
#: Bytes of the header of a packet of Linux cooked v2.
_SLL2 = 20

#: Every recording, by its folder: the cases too.
RECORDINGS = tuple(
    str(path.parent.relative_to(CAPTURES)) for path in sorted(CAPTURES.rglob("capture.pcap"))
)


class Told(NamedTuple):
    """A frame as a recording has it."""

    time: int
    """ns UTC."""
    data: bytes
    wire: int


@cache
def frames_of(name: str) -> tuple[Told, ...]:
    """Return the frames of a recording."""
    data, found = (CAPTURES / name / "capture.pcap").read_bytes(), []
    unit, at = _UNITS[_HEAD.unpack_from(data)[0]], _HEAD.size
    while at < len(data):
        seconds, rest, captured, wire = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        found.append(Told(seconds * _NS + rest * unit, data[at : at + captured], wire))
        at += captured
    return tuple(found)


@cache
def link_of(name: str) -> int:
    """Return the number of a recording's link type."""
    with (CAPTURES / name / "capture.pcap").open("rb") as opened:
        return int(_HEAD.unpack(opened.read(_HEAD.size))[-1])


def written(path: Path, name: str, frames: Iterable[Told], *, link: int | None = None) -> Path:
    """Write frames as a capture with times in nanoseconds, of the link type of a recording or of
    another one."""
    number = link_of(name) if link is None else link
    parts = [_HEAD.pack(0xA1B23C4D, 2, 4, 0, 0, 262144, number)]
    for frame in frames:
        parts.append(_RECORD.pack(*divmod(frame.time, _NS), len(frame.data), frame.wire))
        parts.append(frame.data)
    path.write_bytes(b"".join(parts))
    return path


def among(name: str, *frames: tuple[bytes, int], late: int = 0, places: int = 7) -> list[Told]:
    """Return the frames of a recording with others at so many places, which came ``late`` (ns)."""
    known, made = frames_of(name), []
    if link_of(name) == COOKED2:
        head = bytes(_SLL2 - 2)
        frames = tuple((one[12:14] + head + one[14:], wire + _SLL2 - 14) for one, wire in frames)
    for number, frame in enumerate(known):
        made.append(frame)
        if number % (len(known) // places + 1) == 0:
            made += (Told(frame.time - late, *one) for one in frames)
    return made


class Said(NamedTuple):
    """What an audit says of flows, and what it found."""

    flows: Counter[tuple[str, ...]]
    findings: Counter[tuple[str, ...]]


_COLUMNS = (
    *("initiator_address", "initiator_port", "acceptor_address", "acceptor_port"),
    *("connection", "confidence", "outcome", "ending", "transport", "tls_version"),
    *("identity_name", "identity_proven", "heartbeat_verdict", "attempts"),
)


def said_of(path: Path, name: str) -> Said:
    """Return what an audit of a capture, by the configuration of a recording, says."""
    folder = CAPTURES / name
    config = next(f / "config" for f in (folder, folder.parent) if (f / "config").is_dir())
    result = auditor.audit(path, config=config, resolve=False)
    flows, findings = (result.tables[table].rows() for table in ("flows", "findings"))
    return Said(
        Counter(tuple(str(row[column]) for column in _COLUMNS) for row in flows),
        Counter((row["rule"], str(row["verdict"]), str(row["severity"])) for row in findings),
    )


@cache
def said(name: str) -> Said:
    """Return what an audit of a recording as it is says."""
    return said_of(CAPTURES / name / "capture.pcap", name)
