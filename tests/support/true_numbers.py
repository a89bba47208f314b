"""The connection numbers of the recordings: the true ones, and those that an audit gives."""

from __future__ import annotations

import csv
from typing import NamedTuple

from paths import CAPTURES

import auditor


class Ends(NamedTuple):
    """What names one recorded connection."""

    initiator_address: str
    initiator_port: int
    acceptor_address: str
    acceptor_port: int


def truth(recording: str, tap: str = "") -> dict[Ends, str]:
    """Return the number of each connection of a recording; empty: it must have none."""
    with (CAPTURES / recording / tap / "truth.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        Ends(
            row["initiator_address"],
            int(row["initiator_port"]),
            row["acceptor_address"],
            int(row["acceptor_port"]),
        ): "" if row["connection"] == "none" else row["connection"]
        for row in rows
    }


def numbers(audit: auditor.Audit) -> dict[Ends, str]:
    """Return the number that each flow was given."""
    columns = [*Ends._fields, "connection"]
    return {Ends(*row[:-1]): row[-1] for row in audit.flows[columns].itertuples(index=False)}
