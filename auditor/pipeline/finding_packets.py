"""One finding of an audit → the packets that it is about, as a pcapng file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.errors import CaptureError, FindingError
from auditor.outputs import atomic_file, evidence_guard
from auditor.packets.pcapng_comments import EXCERPT
from auditor.pipeline.finding_neighbours import neighbours
from auditor.pipeline.recordings.saved import Captures
from auditor.text import SENTENCE, printable
from auditor.text.listing import first_of
from auditor.version import __version__

if TYPE_CHECKING:
    from auditor.evidence.excerpting.selection import Wanted
    from auditor.packets import CaptureInfo
    from auditor.result import Audit

_Row = Mapping[str, Any]

#: Ids, and findings of one id, that are named.
_MOST = 8
#: A frame's number: an audit that was read back may have anything there.
_FRAME = re.compile(r"[0-9]{1,10}")
#: Beginnings of the columns in a finding's evidence that are about how connections end.
_ENDING = ("ending", "icmp", "lost", "idle_l", "login_refused", "outcome", "syns", "cause")


@dataclass(frozen=True, slots=True)
class Excerpted:
    """What an excerpt holds."""

    packets: int
    connections: int
    """Connections, or attempts that share a row, of which there are packets."""
    missing: int
    """Connections of the finding that the audit does not name, since there are so many."""
    captures: tuple[str, ...]
    """The captures that were read."""


def write_excerpt(
    audit: Audit,
    finding: str,
    output: str,
    *,
    folder: Path | None = None,
    force: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Excerpted:
    """Write every packet of a finding's connections to the pcapng file ``output``.

    The captures that the audit names are read again, and have to be what they were; relative paths
    are looked for here, then in ``folder``. A file that holds something is replaced by ``force``
    only, and never one of the captures. Raises FindingError, CaptureError or OutputError; then
    ``output`` is as it was.
    """
    from auditor.evidence.excerpting.copy import copy_packets
    from auditor.evidence.excerpting.selection import choose_packets

    rows = _findings(audit, finding)
    wanted = _by_capture(audit, rows)
    paths = {name: _path(name, folder) for name in wanted}
    guard = evidence_guard(force=force)
    for path in paths.values():
        guard.protect(path, "a capture that is read")
    packets, found = 0, set[str]()
    with atomic_file(output, guard=guard) as write:
        for name, flows in wanted.items():
            chosen, info = choose_packets(paths[name], flows, progress, audit.basis.decode_as)
            _refuse_changed(audit, name, info)
            packets += copy_packets(paths[name], chosen, [*_section(rows, name)], write)
            found |= chosen.found
    named = len({one.name for some in wanted.values() for one in some})
    total = max(sum(row["count"] or 0 for row in rows), named)
    return Excerpted(packets, len(found), total - named, tuple(wanted))


def _findings(audit: Audit, finding: str) -> list[_Row]:
    table = audit.tables["findings"]
    rows: list[_Row] = [row for row in table.rows() if row["id"] == finding]
    if not rows:
        ids = list(dict.fromkeys(table.values("id")))
        near = get_close_matches(finding, ids, 1) or [one for one in ids if finding in one][:1]
        hint = f"did you mean {near[0]}?" if near else f"it has {first_of(ids, _MOST) or 'none'}."
        raise FindingError(f"the audit has no finding {printable(finding, 100)!r}: {hint}")
    if not any(row["flows"] for row in rows):
        raise FindingError(
            f"{finding} is about no connection that was captured, so no packet belongs to it; what "
            "it rests on is in the report."
        )
    return rows


def _by_capture(audit: Audit, rows: Sequence[_Row]) -> dict[str, list[Wanted]]:
    """Return the connections of a finding by the capture that they are in."""
    from auditor.evidence.excerpting.selection import Wanted

    told = {flow: row for row in rows for flow in row["flows"]}
    about = {rule.id: rule.about for rule in audit.rules}
    flows = [row for row in audit.tables["flows"].rows() if row["id"] in told]
    captures = Captures(audit.tables["captures"])
    beside = neighbours(audit, flows, captures)
    probes = _probe_times(audit, {flow for flow in told if _on_probes(told[flow], about)})
    found: dict[str, list[Wanted]] = {}
    for flow in flows:
        row, name = told[flow["id"]], flow["id"]
        for end in ("initiator_address", "acceptor_address"):
            _refuse_no_address(flow[end], name)
        evidence = {one.partition("=")[0] for one in row["evidence"]}
        alike = (flow["attempts"] or 1) > 1
        frames = list(map(int, filter(_FRAME.fullmatch, flow["tampering_frames"])))
        for capture in captures.of(flow):
            wanted = Wanted(
                name=name,
                told=printable(_told(row), SENTENCE),
                initiator=flow["initiator_address"],
                acceptor=flow["acceptor_address"],
                initiator_port=None if alike else flow["initiator_port"],
                acceptor_port=flow["acceptor_port"],
                start=flow["started"],
                stop=beside.next_start.get(name),
                others=beside.ports.get(name, frozenset()),
                times=probes.get(name, frozenset()),
                numbers=captures.numbers(capture, frames)
                if any(one.startswith("tampering") for one in evidence)
                else frozenset(),
                ending=any(one.startswith(_ENDING) for one in evidence),
                elsewhere=beside.networks.get(name, frozenset()),
            )
            found.setdefault(capture, []).append(wanted)
    return found


def _refuse_no_address(address: str, flow: str) -> None:
    try:
        ip_address(address)
    except ValueError:
        raise FindingError(
            f"{printable(address, 100)!r}, an end of flow {printable(flow, 100)}, is no address: "
            "the report was changed."
        ) from None


def _told(row: _Row) -> str:
    return f"{row['id']} ({row['verdict']}, {row['severity']}): {row['message']}"


def _on_probes(row: _Row, about: Mapping[str, str]) -> bool:
    evidence = any(one.startswith(("heartbeat", "socket")) for one in row["evidence"])
    return evidence or any(about.get(rule) == "probes" for rule in row["rules"])


def _probe_times(audit: Audit, flows: set[str]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    if flows:
        table = audit.tables["probes"]
        for flow, time in zip(table.values("flow"), table.values("time"), strict=True):
            if flow in flows:
                found.setdefault(flow, set()).add(time)
    return {flow: frozenset(times) for flow, times in found.items()}


def _path(name: str, folder: Path | None) -> str:
    """Return where a capture is by now. Raises CaptureError if it is gone."""
    if name == "-":
        raise CaptureError(
            "the audit read standard input, which is gone: save the capture, and audit the file."
        )
    for path in (Path(name), *((folder / name, folder / Path(name).name) if folder else ())):
        with suppress(OSError, ValueError):
            if path.is_file():
                return str(path)
    raise CaptureError(
        f"{printable(name)}, which the audit read, is not there any more: its packets are needed."
    )


def _refuse_changed(audit: Audit, name: str, info: CaptureInfo) -> None:
    """Raise CaptureError if a capture is not the one that was audited."""
    for row in audit.tables["captures"].rows():
        known = (row["packets"], row["first"], row["last"])
        if row["name"] == name and known == (info.packets, info.first, info.last):
            return
    raise CaptureError(
        f"{printable(info.name)} has {info.packets} packets and is not the capture that was "
        "audited, or it was changed: audit it again."
    )


def _section(rows: Sequence[_Row], capture: str) -> Iterator[str]:
    """Yield what a section says of the finding."""
    yield EXCERPT
    yield f"Excerpt by bareos-audit {__version__} of {printable(capture)}; all else is left out."
    mine = [row for row in rows if row["capture"] in {capture, ""}] or rows
    for told in dict.fromkeys(map(_told, mine[:_MOST])):
        yield printable(told, SENTENCE)
    sources = list(dict.fromkeys(place for row in mine for place in row["sources"]))
    if sources:
        yield printable(f"The configuration: {first_of(sources, _MOST)}", SENTENCE)
    for remedy in dict.fromkeys(row["remedy"] for row in mine[:_MOST]):
        yield printable(f"What to do: {' '.join(remedy.split())}", SENTENCE)
