"""PROBLEMS: one row a thing that is wrong in a configuration; its columns and what fills them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditor.config.problem_kinds import Level, ProblemKind
from auditor.config.resources import Affected, Problem
from auditor.judge.tables.column import Column, place
from auditor.judge.tables.judged import Judged
from auditor.judge.verdicts import Confidence
from auditor.text import SENTENCE, printable

PROBLEMS: Mapping[str, Column] = {
    "kind": Column("str", "what is wrong: the id of the rule that explains it", ProblemKind),
    "level": Column("str", "what the program makes of it; with an error it does not start", Level),
    "daemon": Column("str", "who reads it, such as 'file daemon fd1'; empty: not known"),
    "resource": Column("str", "resource it is in, such as 'Client fd1'; empty: none, or not known"),
    "source": Column("str", "file:line; empty: no place in a file"),
    "file": Column("str", "the file"),
    "line": Column("Int64", "the line; NA: the file as a whole, or none"),
    "message": Column("str", "what is wrong, one sentence"),
    "sources": Column("list", "file:line of every place that shows it, that of `source` first"),
    "affects": Column("list", "connections that it concerns, as 3:director dir>file daemon fd1"),
    "remedy": Column("str", "what to write where; empty: as the rule says"),
    "works": Column("bool", "one of these connections was seen to be let in, by a proven key"),
}


def working(judged: Iterable[Judged]) -> frozenset[Affected]:
    """Return the connections that captures show to work: of certain number, and let in by a key
    that the acceptor has checked."""
    return frozenset(
        Affected(one.match.connection, str(one.match.initiator), str(one.match.acceptor))
        for one in judged
        if one.match.connection
        and one.match.confidence is Confidence.CERTAIN
        and one.flow.hello.proven
        and one.flow.refusal is None
    )


def problem_row(problem: Problem, seen: frozenset[Affected] = frozenset()) -> dict[str, Any]:
    """Return the row of PROBLEMS; ``seen``: the connections that captures show to work."""
    source = problem.source
    return {
        "kind": str(problem.kind),
        "level": str(problem.level),
        "daemon": printable(problem.daemon),
        "resource": printable(problem.resource),
        "source": place(source),
        "file": source.file if source is not None else "",
        "line": source.line or None if source is not None else None,
        "message": printable(problem.message, SENTENCE),
        "sources": [str(source) for source in problem.sources],
        "affects": [printable(str(affected)) for affected in problem.affects],
        "remedy": printable(problem.remedy, SENTENCE),
        "works": not seen.isdisjoint(problem.affects),
    }
