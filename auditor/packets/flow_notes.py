"""What ``thin`` writes of a connection of which the headers and hellos that it keeps say less.

One line of text each, a comment beside those of ``pcapng_comments``:

::

    bareos-audit flow from=10.0.0.10:40001 to=10.0.0.31:9102 started=1800… by=hello transport=tls
    offered=1.3 version=1.3 is=proven,contradicts refused=acceptor/closed/likely "FIN after 0.2 s,
    without an answer" tampering=1@1800…,8@1800… count=2

(one line in truth). There is no text of the connection in it. What the words mean is known to
``flows.noted``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from auditor.packets.pcapng_comments import LATEST
from auditor.text.endpoint_text import endpoint_from_text, endpoint_to_text

#: What every such line begins with.
FLOW = "bareos-audit flow "
#: Characters of a line; a longer one is not ours.
_MAX_LINE = 768
#: Facts of one connection that are written down.
FACTS_NOTED = 8

_END = r"(?:\[[0-9a-f:.]{2,45}\]|[0-9.]{7,15}):[0-9]{1,5}"
_LINE = re.compile(
    rf"{FLOW}from=(?P<initiator>{_END}) to=(?P<acceptor>{_END}) started=(?P<started>[0-9]{{1,19}})"
    r" by=(?P<by>[a-z]{1,16}) transport=(?P<transport>[a-z]{1,16})"
    r" offered=(?P<offered>[0-9.]{0,8}) version=(?P<version>[0-9.]{0,8}) is=(?P<marks>[a-z,]{0,80})"
    r"(?: refused=(?P<side>[a-z]{1,16})/(?P<kind>[a-z]{1,16})/(?P<sure>certain|likely)"
    r' "(?P<said>[ !#-~]{0,160})")?'
    rf" tampering=(?P<facts>(?:[0-9]{{1,3}}@[0-9]{{1,19}},?){{0,{FACTS_NOTED}}})"
    r" count=(?P<count>[0-9]{1,12})",
    re.ASCII,
)


class RefusedLogin(NamedTuple):
    """How a login was refused, in the words of ``flows.refusal``."""

    by: str
    """Of End."""
    kind: str
    """Of RefusalKind."""
    said: str
    certain: bool


@dataclass(frozen=True, slots=True)
class FlowNote:
    """What the full capture shows of one connection."""

    initiator: tuple[str, int]
    """Address (usual spelling) and port."""
    acceptor: tuple[str, int]
    started: int
    """Time of its first segment, ns UTC."""
    by: str
    """How it is known who dialled, a word of InitiatorEvidence."""
    transport: str
    """A word of Transport."""
    offered: str
    """Highest TLS version that was offered; empty: none."""
    version: str
    """TLS version that was chosen; empty: none."""
    marks: frozenset[str]
    """Names of what else holds, such as ``proven``."""
    refused: RefusedLogin | None
    """None: nobody refused it."""
    facts: tuple[tuple[int, int], ...]
    """Of tampering: kind (``flows.tampering``) and time, ns UTC."""
    count: int
    """How many such facts there are."""
    until: int | None = None
    """Time (ns UTC) of the last packet that this was known by, where others were recorded later; it
    is not written."""


def flow_note_to_comment(note: FlowNote) -> str:
    """Return the line for a note."""
    refused = ""
    if note.refused is not None:
        how = note.refused
        sure = "certain" if how.certain else "likely"
        refused = f' refused={how.by}/{how.kind}/{sure} "{how.said}"'
    facts = ",".join(f"{kind}@{time}" for kind, time in note.facts[:FACTS_NOTED])
    return (
        f"{FLOW}from={endpoint_to_text(*note.initiator)} to={endpoint_to_text(*note.acceptor)}"
        f" started={note.started} by={note.by} transport={note.transport} offered={note.offered}"
        f" version={note.version} is={','.join(sorted(note.marks))}{refused}"
        f" tampering={facts} count={note.count}"
    )


def flow_note_from_comment(text: str) -> FlowNote | None:
    """Return the note that a comment states, or None for any text that is not such a line."""
    found = _LINE.fullmatch(text) if len(text) <= _MAX_LINE else None
    if found is None:
        return None
    initiator = endpoint_from_text(found["initiator"])
    acceptor = endpoint_from_text(found["acceptor"])
    facts = [fact.split("@") for fact in found["facts"].split(",") if fact]
    times = [int(found["started"]), *(int(time) for _, time in facts)]
    if initiator is None or acceptor is None or max(times) > LATEST:
        return None
    refused = None
    if found["side"] is not None:
        certain = found["sure"] == "certain"
        refused = RefusedLogin(found["side"], found["kind"], found["said"], certain)
    return FlowNote(
        initiator=initiator,
        acceptor=acceptor,
        started=times[0],
        by=found["by"],
        transport=found["transport"],
        offered=found["offered"],
        version=found["version"],
        marks=frozenset(filter(None, found["marks"].split(","))),
        refused=refused,
        facts=tuple((int(kind), int(time)) for kind, time in facts),
        count=int(found["count"]),
    )
