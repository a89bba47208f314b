"""Packets of a tape in several files, and what was followed of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pcapfile import pcap
from tape import Frame

from auditor.flows.flow import Flow
from auditor.packets.segments import Batch

PORTS = frozenset({9101, 9102, 9103})


def written(folder: Path, **files: Sequence[Frame]) -> list[str]:
    """Write each list of frames as a pcap file of nanoseconds, and return their paths."""
    paths = []
    for name, frames in files.items():
        path = folder / f"{name}.pcap"
        path.write_bytes(pcap([(one.time, one.data) for one in frames], nanoseconds=True))
        paths.append(str(path))
    return paths


def facts(flow: Flow) -> tuple[Any, ...]:
    """Return what has to be equal of a flow, however its packets were recorded."""
    return (flow.initiator, flow.acceptor, flow.started, flow.last, flow.outcome, flow.duplicates)


def watched(take: Callable[..., None], into: list[tuple[int, int]]) -> Callable[..., None]:
    """Return ``Tracking.take`` as it is, which also notes time and frame of each segment."""

    def noting(self: Any, batch: Batch, *, noted: bool) -> None:
        rows = batch.segments
        into.extend(zip(rows["time"].tolist(), rows["number"].tolist(), strict=True))
        take(self, batch, noted=noted)

    return noting


def later(frames: Sequence[Frame], seconds: float) -> list[Frame]:
    """Return frames as a tap saw them whose clock is ahead by so much, or that is further on."""
    return [Frame(one.time + round(seconds * 1e9), one.data, one.wire) for one in frames]
