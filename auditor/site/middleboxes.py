"""Firewalls, NATs and load balancers by name, and after how long each forgets a silent
connection: ``rules/middleboxes.yaml``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from auditor.errors import RuleError
from auditor.site.connections import rules_directory


class Middlebox(NamedTuple):
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
    from auditor.text.yamlfile import load_yaml  # few audits name a box, and PyYAML is slow to load

    file = rules_directory() / "middleboxes.yaml"
    rows = load_yaml(file)
    if not isinstance(rows, list) or not all(map(_is_whole, rows)):
        raise RuleError("each entry needs a name, a limit, then, a source and a day", str(file))
    return {row["name"]: Middlebox(**row) for row in rows}


def _is_whole(row: Any) -> bool:
    kinds = {"name": str, "limit": int, "then": str, "source": str, "read": dt.date}
    if not isinstance(row, Mapping) or row.keys() != kinds.keys():
        return False
    given = {key: one.strip() if isinstance(one, str) else one for key, one in row.items()}
    return all(given[key] and type(given[key]) is kind for key, kind in kinds.items())
