"""What else an audit knows between the ends of a connection: what of the capture is not its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.pipeline.recordings.saved import Captures
from auditor.result import Audit

_Row = Mapping[str, Any]
_ENDS = ("initiator_address", "acceptor_address", "acceptor_port")


@dataclass(slots=True)
class Neighbours:
    """What is beside connections, each by the id of a flow."""

    next_start: dict[str, int] = field(default_factory=dict)
    """When (ns UTC) the next one begins between the same ends, in the same network."""
    ports: dict[str, frozenset[int]] = field(default_factory=dict)
    """Of one that stands for many, the initiator's ports that are others'."""
    networks: dict[str, frozenset[int]] = field(default_factory=dict)
    """Networks (numbers of ``SEGMENT``) in which the same ends are others'."""


def neighbours(audit: Audit, wanted: Iterable[_Row], captures: Captures) -> Neighbours:
    """Return what is beside the ``wanted`` rows of FLOWS."""
    table = audit.tables["flows"]
    recordings = map(captures.recording, table.values("capture"))
    ends = list(zip(recordings, *(table.values(name) for name in _ENDS), strict=True))
    asked = {(captures.recording(row["capture"]), *(row[name] for name in _ENDS)) for row in wanted}
    there: dict[tuple[Any, ...], list[int]] = {}
    for index, end in enumerate(ends):
        if end in asked:
            there.setdefault(end, []).append(index)
    names = ("id", "attempts", "initiator_port", "started", "networks")
    columns = [table.values(name) for name in names]
    found = Neighbours()
    for indices in there.values():
        _beside([_Flow(*(column[index] for column in columns)) for index in indices], found)
    return found


@dataclass(frozen=True, slots=True)
class _Flow:
    id: str
    attempts: int | None
    port: int
    started: int
    networks: Sequence[str] | None


def _beside(flows: Sequence[_Flow], found: Neighbours) -> None:
    """Note of flows between the same hosts and port what is beside each."""
    single = [flow for flow in flows if (flow.attempts or 1) == 1]
    later: dict[int, list[_Flow]] = {}
    for flow in sorted(single, key=lambda one: one.started, reverse=True):
        same = later.setdefault(flow.port, [])
        mine = set(flow.networks or ())
        following = (one for one in reversed(same) if not mine or mine & set(one.networks or ()))
        if (after := next(following, None)) is not None:
            found.next_start[flow.id] = after.started
        same.append(flow)
    ports = frozenset(later)
    found.ports |= {flow.id: ports for flow in flows if (flow.attempts or 1) > 1}
    for same in later.values():
        everywhere = {words for one in same for words in one.networks or ()}
        for flow in same if everywhere else ():
            found.networks[flow.id] = _numbers(everywhere.difference(flow.networks or ()))


def _numbers(networks: Iterable[str]) -> frozenset[int]:
    from auditor.packets.network_words import network_number

    numbers = map(network_number, networks)
    return frozenset(number for number in numbers if number is not None)
