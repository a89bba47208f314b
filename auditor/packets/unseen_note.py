"""What a recorder writes of a connection beside what it keeps: how many bytes passed the network
and not its tap, and whether its first bytes are all that was said there.

One line of text, a comment beside a packet of the connection::

    bareos-audit unseen 10.0.0.10:40001 1448 10.0.0.31:9102 0 time=1800… is=doubted,twice

Each end, and how many bytes that it sent were acknowledged up to that time (ns UTC) and never seen;
and, if more is to be said, words of ``Lack``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from auditor.packets.pcapng_comments import LATEST, MAX_NOTE
from auditor.text.endpoint_text import endpoint_from_text, endpoint_to_text

#: What every such line begins with.
UNSEEN = "bareos-audit unseen "
_END = r"(?:\[[0-9a-f:.]{2,45}\]|[0-9.]{7,15}):[0-9]{1,5}"
_LINE = re.compile(
    rf"{UNSEEN}(?P<one>{_END}) (?P<sent>[0-9]{{1,18}}) (?P<other>{_END}) (?P<got>[0-9]{{1,18}})"
    r" time=(?P<time>[0-9]{1,19})(?: is=(?P<marks>[a-z,]{1,96}))?",
    re.ASCII,
)


class Lack(StrEnum):
    """What a recorder knows of a connection beside what it keeps of it."""

    DOUBTED = "doubted"
    """What is not kept of its first bytes may contradict them, or have told more."""
    UNREAD = "unread"
    """Of what is kept of them nothing follows: the protocol may be another."""
    NAMED = "named"
    """They may have had a name, which is not kept."""
    TWICE = "twice"
    """Two segments carry different data for the same place."""
    PROOF = "proof"
    """Whether the key of who dialled was right, though what is kept shows it so."""
    REFUSED = "refused"
    """The acceptor refused the login in words that are not kept, or of which nothing follows."""
    DECLINED = "declined"
    """The initiator did so."""
    BOUND = "bound"
    """So many of its segments were irregular that of those that follow not all are kept."""


@dataclass(frozen=True, slots=True)
class UnseenNote:
    """Bytes of a connection that were acknowledged and never captured."""

    octets: tuple[tuple[tuple[str, int], int], ...]
    """Of each end (address, port) how many bytes that it sent."""
    time: int
    """Up to when, ns UTC: the time of a packet of the connection."""
    marks: frozenset[Lack] = frozenset()
    """What else is to be said of it."""


def unseen_to_comment(note: UnseenNote) -> str:
    """Return the line for a note."""
    said = " ".join(f"{endpoint_to_text(*end)} {count}" for end, count in note.octets)
    marks = f" is={','.join(sorted(note.marks))}" if note.marks else ""
    return f"{UNSEEN}{said} time={note.time}{marks}"


def unseen_from_comment(text: str) -> UnseenNote | None:
    """Return the note that a comment states, or None for any text that is not such a line."""
    found = _LINE.fullmatch(text) if len(text) <= MAX_NOTE else None
    if found is None:
        return None
    one, other = endpoint_from_text(found["one"]), endpoint_from_text(found["other"])
    time = int(found["time"])
    if one is None or other is None or time > LATEST:
        return None
    words = set((found["marks"] or "").split(","))
    marks = frozenset(word for word in Lack if word in words)
    return UnseenNote(((one, int(found["sent"])), (other, int(found["got"]))), time, marks)
