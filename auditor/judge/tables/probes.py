"""PROBES: one row a keepalive probe; its columns and what fills them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.flows.refusal import End
from auditor.judge.tables.column import Column
from auditor.judge.tables.judged import Judged
from auditor.site.connections import connections

_NS = 1e9

PROBES: Mapping[str, Column] = {
    "flow": Column("str", "id of the flow"),
    "capture": Column("str", "name of the capture"),
    "connection": Column(
        "str", "its number; empty: none", connections(), optional=True, rising=connections()
    ),
    "side": Column("str", "who probes", End),
    "time": Column("time", "when"),
    "silence_s": Column("Float64", "since the prober last received from its peer"),
    "interval_s": Column("Float64", "since it last received from its peer or last probed"),
    "length": Column("Int64", "payload bytes: 0 or 1"),
    "answered": Column("bool", "an answer was seen"),
    "answer_ms": Column("Float64", "time to the answer, milliseconds; NA: none"),
    "exact": Column("bool", "the beginning of the silence was seen"),
    "frame": Column("Int64", "its frame, counted as those of its flow"),
}


def probe_rows(judged: Judged) -> Iterator[dict[str, Any]]:
    """Yield the rows of PROBES of one flow, both sides in order of time."""
    flow = judged.flow
    sides = ((End.INITIATOR, flow.initiator), (End.ACCEPTOR, flow.acceptor))
    found = [(probe, name) for name, side in sides for probe in side.probes]
    for probe, name in sorted(found, key=lambda item: item[0].time):
        yield {
            "flow": judged.id,
            "capture": judged.capture.name,
            "connection": judged.match.connection,
            "side": name,
            "time": probe.time,
            "silence_s": probe.silence / _NS,
            "interval_s": probe.interval / _NS,
            "length": probe.length,
            "answered": probe.answered is not None,
            "answer_ms": None if probe.answered is None else probe.answered / 1e6,
            "exact": probe.exact,
            "frame": None if judged.capture.elsewhere else probe.frame or None,
        }
