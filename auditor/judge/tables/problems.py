"""One problem of a configuration as a row of PROBLEMS (``columns`` has the contract)."""

from __future__ import annotations

from typing import Any

from auditor.config.resources import Problem
from auditor.text import printable

#: Paths may be long, and the sentence says what to do at its end.
_LONGEST_MESSAGE = 1000


def problem_row(problem: Problem) -> dict[str, Any]:
    """Return the row of PROBLEMS."""
    source = problem.source
    return {
        "kind": str(problem.kind),
        "level": str(problem.level),
        "daemon": printable(problem.daemon),
        "resource": printable(problem.resource),
        "source": str(source) if source is not None else "",
        "file": source.file if source is not None else "",
        "line": source.line or None if source is not None else None,
        "message": printable(problem.message, _LONGEST_MESSAGE),
    }
