"""A recording cut into files at its packets, and what has to be equal of their audits."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from auditor.result import Audit

_SECTION, _INTERFACE, _PACKETS = 0x0A0D0D0A, 1, (2, 3, 6)
#: What depends on the names of files, and on nothing else.
_NAMES = ("capture", "last_capture")

#: What thinning keeps of a flow, whatever was cut.
_COLUMNS = (
    "initiator_address", "initiator_port", "initiator_evidence", "acceptor_address",
    "acceptor_port", "connection", "confidence", "outcome", "ending", "transport", "identity_type",
    "identity_name", "identity_proven", "login_refused", "heartbeat_verdict", "heartbeat_probes",
    "started", "tampering_count",
)  # fmt: skip


class Recorded(NamedTuple):
    """A capture file in parts that can be put together anew."""

    head: bytes
    """Of pcap: the header of the file."""
    records: list[bytes]
    """Of pcapng: all blocks that are not described in ``described``, packets or not."""
    described: list[bytes]
    """Before each record: the section header and interface descriptions that it needs."""
    packets: list[int]
    """Which records are packets."""

    def piece(self, begin: int, end: int, *, zipped: bool = False) -> bytes:
        """Return the file of the packets ``begin`` to ``end`` (exclusive), counted from 0; what
        follows the last packet of all is there with it."""
        first = self.packets[begin] if begin else 0
        stop = self.packets[end] if end < len(self.packets) else len(self.records)
        parts, before = [self.head], b"" if self.head else None
        for record, described in zip(
            self.records[first:stop], self.described[first:stop], strict=True
        ):
            if described != before and not self.head:
                new = described.removeprefix(before) if before else described
                parts.append(new)
                before = described
            parts.append(record)
        return gzip.compress(b"".join(parts), 1) if zipped else b"".join(parts)


def recorded(data: bytes) -> Recorded:
    """Take a pcap or pcapng file (little-endian) apart."""
    if data[:4] == _SECTION.to_bytes(4, "little"):
        return _blocks(data)
    records, at = [], 24
    while at < len(data):
        size = 16 + int.from_bytes(data[at + 8 : at + 12], "little")
        records.append(data[at : at + size])
        at += size
    return Recorded(data[:24], records, [b""] * len(records), list(range(len(records))))


def _blocks(data: bytes) -> Recorded:
    found = Recorded(b"", [], [], [])
    described, at = b"", 0
    while at < len(data):
        kind, size = (int.from_bytes(data[at + k : at + k + 4], "little") for k in (0, 4))
        block = data[at : at + size]
        at += size
        if kind == _SECTION:
            described = block
        elif kind == _INTERFACE:
            described += block
        else:
            if kind in _PACKETS:
                found.packets.append(len(found.records))
            found.records.append(block)
            found.described.append(described)
    return found


def cut(
    capture: Path, places: Iterable[int], folder: Path, *, zipped: bool = False, lap: int = 0
) -> list[Path]:
    """Write the pieces of ``capture`` between its packets at ``places``, which are 0 < place <
    number of packets, and return their paths in order; each begins ``lap`` packets early."""
    whole = recorded(capture.read_bytes())
    bounds = [0, *sorted(set(places)), len(whole.packets)]
    paths = []
    for number, (begin, end) in enumerate(pairwise(bounds)):
        path = folder / f"{'zyxwvutsrqponmlkjihgfedcba'[number % 26]}{number}{capture.suffix}"
        path.write_bytes(whole.piece(max(0, begin - lap), end, zipped=zipped))
        paths.append(path)
    return paths


def told(audit: Audit, *, frames: bool) -> dict[str, list[tuple[Any, ...]]]:
    """Return what an audit says beside the names of files, and numbers of ``frames``: rows by
    table."""
    captures = audit.tables["captures"]
    before = dict(zip(captures.values("name"), captures.values("frames_before"), strict=True))
    found = {}
    for name in ("flows", "probes", "expectations", "findings"):
        found[name] = [tuple(_row(row, before, frames)) for row in audit.tables[name].rows()]
    about = {rule.id: rule.about for rule in audit.rules}
    found["passed"] = sorted(one for one in audit.passed.items() if about[one[0]] != "captures")
    return found


def _row(row: Any, before: dict[str, int], frames: bool) -> Iterator[tuple[str, str]]:
    for column, value in row.items():
        if column not in _NAMES and (frames or "frame" not in column):
            named = column in {"tampering", "message", "evidence"}
            told = repr(_nameless(value, before) if named else value)
            yield column, told if frames else re.sub(r"frames?[ =][^;)]*", "", told)


def _nameless(value: Any, before: dict[str, int]) -> Any:
    """Return text, or a list of texts, in which no frame is named with its file."""
    if not isinstance(value, str):
        return [_nameless(one, before) for one in value]
    for name, packets in before.items():
        while (at := value.find(f" of {name}")) >= 0:
            begin = at
            while value[begin - 1].isdigit():
                begin -= 1
            number = int(value[begin:at]) + packets
            value = f"{value[:begin]}{number}{value[at + 4 + len(name) :]}"
    return value


def differences(one: Audit, other: Audit, *, frames: bool = True) -> list[str]:
    """Return what two audits do not say alike; empty: they are equal. Where files overlap the
    numbers of ``frames`` are others."""
    left, right = told(one, frames=frames), told(other, frames=frames)
    found = []
    for table in left:
        if len(left[table]) != len(right[table]):
            found.append(f"{table}: {len(left[table])} rows, {len(right[table])}")
        pairs: Sequence[tuple[Any, Any]] = list(zip(left[table], right[table], strict=False))
        found += [
            f"{table}: {a} / {b}"
            for one, two in pairs
            for a, b in zip(one, two, strict=True)
            if a != b
        ]
    return found


def judgement(audit: Audit) -> tuple[object, ...]:
    """Return what an audit of thinned captures says as that of the full ones does."""
    flows, findings = audit.tables["flows"], audit.tables["findings"]
    judged = sorted(zip(findings.values("rule"), findings.values("verdict"), strict=True), key=str)
    return [list(flows.values(name)) for name in _COLUMNS], judged
