"""Firewalls, NATs and load balancers by name, and after how long each forgets a silent
connection: ``rules/middleboxes.yaml``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from auditor.site.connections import rules_directory
from auditor.text.yamlfile import load_yaml


@dataclass(frozen=True, slots=True)
class Middlebox:
    """One kind of box on the way; its limit is a default that may have been changed."""

    name: str
    limit: int
    """Seconds of silence after which it forgets a TCP connection."""
    then: str
    """What becomes of the next packet, in words."""
    source: str
    """Where the limit was read."""
    read: dt.date
    """On what day."""


@cache
def middleboxes() -> dict[str, Middlebox]:
    """Return all that are known, by name. Raises RuleError where the installation lost them."""
    rows = load_yaml(rules_directory() / "middleboxes.yaml")
    return {row["name"]: Middlebox(**row) for row in rows}
