"""The columns of FLOWS that tell where a connection was seen, and what other taps saw of it
(``judge/witnesses.py``)."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.judge.tables.column import Column

WITNESSED: Mapping[str, Column] = {
    "networks": Column(
        "list",
        "where several networks have the same addresses, the VLANs or tunnels that it was seen in",
    ),
    "witnesses": Column("list", "captures in which recordings of other taps begin that saw it too"),
    "witness_differs": Column(
        "list", "flows that are it too, as another tap saw it, and say otherwise"
    ),
    "translated_as": Column(
        "list", "flows that are it too, under the other addresses that another tap saw it with"
    ),
    "probes_eaten": Column(
        "Int64", "probes seen here and by no other tap that saw the connection; NA: no other could"
    ),
}
