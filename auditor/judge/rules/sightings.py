"""What was found several times under one id is one finding: no two rows of FINDINGS have id,
verdict and waiver in common, so that every format counts the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from auditor.judge.rules.crowds import MOST_FLOWS
from auditor.judge.verdicts import Confidence

_SUREST_FIRST = [*Confidence]
#: How often something was seen, at the end of a message.
_TIMES = re.compile(r" \(× [\d,]+\)\Z")
#: In which messages differ that say the same: numbers, not what is in addresses and names.
_FIGURES = re.compile(r"(?<!\S)\(?\d+(?:[.,]\d+)?\)?[,;.]?(?!\S)")
#: So many other messages are told.
_MOST = 8

_Row = dict[str, Any]


def sightings_together(rows: Sequence[_Row]) -> list[_Row]:
    """Return rows of FINDINGS, those of one finding as one, in the order of the first of each.

    The surest is told: of what is certain once it is certain that it happened. Before a crowd comes
    what was told apart from it (``crowds``), so that no flood hides a flow.
    """
    found: dict[tuple[object, ...], list[_Row]] = {}
    for row in rows:
        found.setdefault((row["id"], row["verdict"], row["waived"]), []).append(row)
    return [some[0] if len(some) == 1 else _as_one(some) for some in found.values()]


def _as_one(rows: Sequence[_Row]) -> _Row:
    rows = sorted(rows, key=lambda row: (_SUREST_FIRST.index(row["confidence"]), row["count"]))
    told = rows[0]
    alike: dict[str, list[_Row]] = {}
    for row in rows:
        alike.setdefault(_FIGURES.sub("", _TIMES.sub("", row["message"])), []).append(row)
    own, *others = map(_counted, alike.values())
    said = [f"{told['rule']}: {message}" for message in others[:_MOST]]
    if (left := len(others) - _MOST) > 0:
        said.append(f"and {left:,} other messages")
    times = [time for row in rows for end in ("first", "last") if (time := row.get(end))]
    lists = {name: _joined(rows, name) for name in ("flows", "rules", "affects", "sources")}
    return {
        **told,
        **lists,
        "message": own,
        "count": sum(row["count"] for row in rows),
        "first": min(times, default=None),
        "last": max(times, default=None),
        "flows": lists["flows"][:MOST_FLOWS],
        "evidence": [*told["evidence"], *said],
    }


def _counted(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the message of the first, and how often it was seen."""
    times = sum(row["count"] for row in rows)
    message = _TIMES.sub("", rows[0]["message"])
    return f"{message} (× {times:,})" if times > 1 else message


def _joined(rows: Sequence[Mapping[str, Any]], column: str) -> list[str]:
    return list(dict.fromkeys(value for row in rows for value in row[column]))
