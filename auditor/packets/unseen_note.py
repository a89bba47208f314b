"""What a recorder writes of a connection of which bytes passed the network and not its tap.

One line of text, a comment beside a packet of the connection::

    bareos-audit unseen 10.0.0.10:40001 1448 10.0.0.31:9102 0 time=1800…

Each end, and how many bytes that it sent were acknowledged up to that time (ns UTC) and never seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from auditor.packets.pcapng_comments import LATEST, MAX_NOTE
from auditor.text.endpoint_text import endpoint_from_text, endpoint_to_text

#: What every such line begins with.
UNSEEN = "bareos-audit unseen "
_END = r"(?:\[[0-9a-f:.]{2,45}\]|[0-9.]{7,15}):[0-9]{1,5}"
_LINE = re.compile(
    rf"{UNSEEN}(?P<one>{_END}) (?P<sent>[0-9]{{1,18}}) (?P<other>{_END}) (?P<got>[0-9]{{1,18}})"
    r" time=(?P<time>[0-9]{1,19})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class UnseenNote:
    """Bytes of a connection that were acknowledged and never captured."""

    octets: tuple[tuple[tuple[str, int], int], ...]
    """Of each end (address, port) how many bytes that it sent."""
    time: int
    """Up to when, ns UTC: the time of a packet of the connection."""


def unseen_to_comment(note: UnseenNote) -> str:
    """Return the line for a note."""
    said = " ".join(f"{endpoint_to_text(*end)} {count}" for end, count in note.octets)
    return f"{UNSEEN}{said} time={note.time}"


def unseen_from_comment(text: str) -> UnseenNote | None:
    """Return the note that a comment states, or None for any text that is not such a line."""
    found = _LINE.fullmatch(text) if len(text) <= MAX_NOTE else None
    if found is None:
        return None
    one, other = endpoint_from_text(found["one"]), endpoint_from_text(found["other"])
    time = int(found["time"])
    if one is None or other is None or time > LATEST:
        return None
    return UnseenNote(((one, int(found["sent"])), (other, int(found["got"]))), time)
