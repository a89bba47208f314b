"""What a finding is called from run to run, so that reports can be compared and findings waived."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

from auditor.judge.rules.rule import Rule
from auditor.judge.tables.table import Row

#: Of what makes rows of a rule one finding, what is the same in the next run: no address of an end
#: that has a name, no cause, no time.
_NAMES = (
    "connection",
    "initiator_daemon",
    "acceptor_daemon",
    "acceptor_port",
    "identity_type",
    "identity_name",
)
_PAIR = _NAMES[:4]
#: ``file:line``, and a path by itself: other checkouts lie elsewhere, and lines move.
_PLACE = re.compile(r"(?<!\S)\S*/\S*|(?<!\S)\S+:\d+(?=[\s,;.)]|\Z)")
_WORD = re.compile(r"[^\s,;]+")


def finding_id(rule: Rule, row: Row) -> str:
    """Return the rule's id and ten hexadecimal digits of what the finding is about.

    That is names, number and port of a connection, the resource of a problem: nothing that depends
    on where files lie, on the order of flows or resources, or on when it was seen. What is found
    several times under one id is one finding (``sightings``).
    """
    told = json.dumps([rule.id, *_told(rule, row)]).encode()
    return f"{rule.id}-{hashlib.blake2b(told, digest_size=5).hexdigest()}"


def _told(rule: Rule, row: Row) -> Iterator[str]:
    match rule.about:
        case "flows":
            yield from _of_flow(rule, row)
        case "probes":
            yield from (str(row["connection"]), str(row["side"]))
        case "expectations":
            yield str(row["id"])
        case "settings":
            yield from (*row["connections"], row["initiator"], row["resource"])
        case "problems":
            yield from (row["kind"], row["daemon"], row["resource"])
            # Of names in a list the first in the files may be another one next time.
            yield " ".join(sorted(_WORD.findall(_PLACE.sub("…", row["message"]))))


def _of_flow(rule: Rule, row: Row) -> Iterator[str]:
    once = set(rule.once)
    if "initiator_address" in once:  # a stranger, whatever he dials
        once = (once - {"initiator_address"}) | {"initiator_daemon"}
    for name in _NAMES if once else _PAIR:
        if not once or name in once:
            yield f"{name}={'' if row[name] is None else row[name]}"
