"""A second opinion as a member of the JSON report, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.opinion import Agreement, Difference, Opinion
from auditor.text import printable
from auditor.text.times import from_iso, iso


def opinion_object(opinion: Opinion | None) -> dict[str, Any] | None:
    """Return an opinion as JSON has it; None: the other program was not asked."""
    if opinion is None:
        return None
    return {
        "program": opinion.program,
        "agreements": [one._asdict() for one in opinion.agreements],
        "differences": [
            {**one._asdict(), "time": iso(one.time) if one.time is not None else None}
            for one in opinion.differences
        ],
        "more": opinion.more,
        "incomplete": opinion.incomplete or None,
    }


def read_opinion(value: Mapping[str, Any] | None) -> Opinion | None:
    """Return the opinion that a document holds. Raises ValueError, KeyError or TypeError for what
    is none."""
    if value is None:
        return None
    return Opinion(
        program=_text(value["program"]),
        agreements=tuple(map(_agreement, value["agreements"])),
        differences=tuple(map(_difference, value["differences"])),
        more=_number(value["more"]),
        incomplete=_text(value["incomplete"] or ""),
    )


def _agreement(value: Mapping[str, Any]) -> Agreement:
    numbers = [_number(value[key]) for key in ("ours", "theirs", "both")]
    return Agreement(_text(value["what"]), *numbers)


def _difference(value: Mapping[str, Any]) -> Difference:
    if not isinstance(value["ours"], bool):
        raise ValueError("a difference says not who sees it")
    time, frame = value["time"], value["frame"]
    return Difference(
        what=_text(value["what"]),
        ours=value["ours"],
        capture=_text(value["capture"]),
        frame=None if frame is None else _number(frame),
        time=None if time is None else from_iso(_text(time)),
        ends=_text(value["ends"]),
        reason=_text(value["reason"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("what must be text is none")
    return printable(value, len(value)) if value else ""


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("what must be a count is none")
    return value
