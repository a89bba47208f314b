"""The thirteen connection numbers as the manual has them, from ``rules/connections.yaml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from auditor.errors import RuleError
from auditor.site.shipped import shipped_yaml


class Connection(NamedTuple):
    """One of the thirteen connection numbers (``rules/connections.yaml``, bareos.md §0)."""

    connection: str
    """``1`` … ``4``, ``5a``, ``5b``, ``6`` … ``12``."""
    title: str
    initiator: str
    """Role: director, file daemon, storage daemon, console or tray monitor."""
    acceptor: str
    """Role: director, file daemon, storage daemon or catalog."""
    port: int
    """Default TCP port of the acceptor."""
    identity: str
    """Type that the initiator's hello names, such as ``R_JOB``; empty for PostgreSQL."""
    heartbeat: str
    """Whose HeartbeatInterval holds, in words."""


def rules_directory() -> Path:
    """Return the directory of the shipped rules: ``rules/`` in a checkout, ``auditor/_rules`` in a
    wheel. Raises RuleError where the installation lost it."""
    package = Path(__file__).parents[1]
    for candidate in (package / "_rules", package.parent / "rules"):
        if (candidate / "connections.yaml").is_file():
            return candidate
    raise RuleError("the rules are missing; install bareos-audit again", str(package / "_rules"))


@cache
def connections() -> dict[str, Connection]:
    """Return the thirteen connections by number, in the manual's order."""
    rows = shipped_yaml(rules_directory() / "connections.yaml")
    return {row["connection"]: Connection(**row) for row in rows}


@cache
def default_ports() -> dict[str, int]:
    """Return the default listening port of each acceptor role."""
    return {row.acceptor: row.port for row in connections().values()}
