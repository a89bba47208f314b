"""Many findings of one cause become one: a stranger who dials five ports is one stranger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.judge.rules.crowds import MOST_FLOWS
from auditor.judge.rules.rule import Rule
from auditor.judge.rules.sightings import sightings_together
from auditor.judge.tables.table import Row
from auditor.judge.verdicts import Confidence

_SUREST_FIRST = [*Confidence]
#: So many rows, lines of the configuration and sentences are named.
_MOST = 8


@dataclass(slots=True)
class Found:
    """One finding and the row that it was found on."""

    rule: Rule
    row: Row
    cells: dict[str, Any]
    """Its row of FINDINGS."""
    each: str = ""
    """What its rule calls the row among others of the finding."""
    more: list[Found] = field(default_factory=list)
    """What is told with it."""
    rows: Sequence[int] = (0,)
    """The rows of its table that it speaks of, the first of which it tells."""

    def key(self, rule: str, once: Sequence[str]) -> tuple[object, ...]:
        """Return what it has in common with findings of ``rule`` that are one."""
        values = (self.row.get(name) for name in once)
        return (rule, self.cells["verdict"], self.cells["waived"], *once, *values)


def gathered(found: Iterable[Found]) -> list[dict[str, Any]]:
    """Return rows of FINDINGS, those of one cause as one, in the order of the first of each."""
    kept: list[Found] = []
    first: dict[tuple[object, ...], Found] = {}
    for one in found:
        once = one.rule.once
        known = first.setdefault(one.key(one.rule.id, once), one) if once else one
        if known is one:
            kept.append(one)
        else:
            known.more.append(one)
    return sightings_together([_cells(one) for one in _explained(kept)])


def _explained(found: Sequence[Found]) -> list[Found]:
    """Move what another finding explains into that one: it has the same verdict, and is of a row
    that is equal in the columns that make the other one finding."""
    causes: dict[tuple[object, ...], Found] = {}
    columns: dict[str, dict[tuple[str, ...], None]] = {}
    for one in found:
        for rule in one.rule.explains if one.rule.once else ():
            causes.setdefault(one.key(rule, one.rule.once), one)
            columns.setdefault(rule, {})[one.rule.once] = None
    left = []
    for one in found:
        keys = (one.key(one.rule.id, once) for once in columns.get(one.rule.id, ()))
        cause = next((causes[key] for key in keys if key in causes), None)
        if cause is None or cause is one:
            left.append(one)
        else:
            cause.more.extend([one, *one.more])
    return left


def _cells(one: Found) -> dict[str, Any]:
    """Return the row of FINDINGS of a finding with all that is told with it."""
    every = [one, *one.more]
    alike = [other for other in every if other.rule is one.rule]
    if len(every) == 1 and (not one.each or len(one.rows) == 1):
        return {**one.cells, "message": f"{one.cells['message']}{_times(len(one.rows))}"}
    own = Counter[str]()
    for other in alike:
        own[other.each] += len(other.rows)
    times = [time for other in alike if (time := other.cells.get("first")) is not None]
    times += [time for other in alike if (time := other.cells.get("last")) is not None]
    said = [f"{o.rule.id}: {o.cells['message']}" for o in one.more if o.rule is not one.rule]
    confidence = max((o.cells["confidence"] for o in every), key=_SUREST_FIRST.index)
    return {
        **one.cells,
        "message": f"{one.cells['message']}{_also(own)}",
        "confidence": confidence,
        "count": sum(len(other.rows) for other in alike),
        "first": min(times, default=None),
        "last": max(times, default=None),
        "flows": _joined(every, "flows")[:MOST_FLOWS],
        "rules": _joined(every, "rules"),
        "affects": _joined(every, "affects"),
        "sources": _joined(every, "sources"),
        "evidence": [*one.cells["evidence"], *list(dict.fromkeys(said))[:_MOST]],
    }


def _joined(every: Iterable[Found], column: str) -> list[str]:
    return list(dict.fromkeys(value for one in every for value in one.cells[column]))


def _also(times: Mapping[str, int]) -> str:
    """Return what to say of the rows after the first, equal ones once."""
    first, *others = times
    listed = [f"{one}{_times(times[one])}" for one in others]
    more = f" and {len(listed) - _MOST} more" if len(listed) > _MOST else ""
    return _times(times[first]) + (f", also {', '.join(listed[:_MOST])}{more}" if listed else "")


def _times(number: int) -> str:
    return f" (× {number:,})" if number > 1 else ""
