"""A second opinion as a member of the JSON report, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.opinion import Agreement, Difference, Opinion
from auditor.report.json_values import count_of, given_text, text_of, time_of
from auditor.text.times import iso


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
        program=given_text(value["program"]),
        agreements=tuple(map(_agreement, value["agreements"])),
        differences=tuple(map(_difference, value["differences"])),
        more=count_of(value["more"]),
        incomplete=text_of(value["incomplete"]),
    )


def _agreement(value: Mapping[str, Any]) -> Agreement:
    numbers = [count_of(value[key]) for key in ("ours", "theirs", "both")]
    return Agreement(given_text(value["what"]), *numbers)


def _difference(value: Mapping[str, Any]) -> Difference:
    if not isinstance(value["ours"], bool):
        raise ValueError("a difference says not who sees it")
    frame = value["frame"]
    return Difference(
        what=given_text(value["what"]),
        ours=value["ours"],
        capture=given_text(value["capture"]),
        frame=None if frame is None else count_of(frame),
        time=time_of(value["time"]),
        ends=given_text(value["ends"]),
        reason=given_text(value["reason"]),
    )
