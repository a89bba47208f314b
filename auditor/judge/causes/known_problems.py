"""Problems of the configuration that explain why a connection failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Problem
from auditor.flows.flow import Flow
from auditor.judge.causes.cause import Cause, CauseKind, short
from auditor.judge.matching.match import Match
from auditor.site.model import Expectation, Site

#: Why nobody is where it is dialled, the surest first.
NOBODY_THERE: Sequence[ProblemKind] = (
    ProblemKind.LOOPBACK_HANDED_OUT,
    ProblemKind.LOOPBACK_DIALLED,
    ProblemKind.LAN_ADDRESSES_APART,
    ProblemKind.ADDRESS_PRIVATE,
    ProblemKind.CONSOLE_BOUND_ELSEWHERE,
    ProblemKind.LOOPBACK_DOUBTFUL,
)

#: Why a host that is there answers with RST: nobody listens, or it is not the host that was meant.
NOT_LISTENING: Sequence[ProblemKind] = (
    ProblemKind.LISTENS_ON_LOOPBACK,
    ProblemKind.LISTENS_ON_OTHER_FAMILY,
    ProblemKind.LISTENS_ELSEWHERE,
    ProblemKind.PORT_NOT_LISTENED,
    ProblemKind.LAN_ADDRESS_WITH_FORWARDED_PORT,
    ProblemKind.PORT_PERHAPS_FORWARDED,
    *NOBODY_THERE,
)

#: Why a connection that is open is not let in, beside what both ends' own resources tell: it has
#: come to another daemon than was meant.
WRONG_DOOR: Sequence[ProblemKind] = (
    ProblemKind.PORT_NOT_LISTENED,
    ProblemKind.LOOPBACK_HANDED_OUT,
    ProblemKind.LOOPBACK_DIALLED,
    ProblemKind.CONSOLE_BOUND_ELSEWHERE,
    ProblemKind.CLIENTS_AT_ONE_ADDRESS,
    ProblemKind.PORT_PERHAPS_FORWARDED,
)


class KnownProblems:
    """The problems of a site by the connections that they concern."""

    def __init__(self, site: Site) -> None:
        self._by_connection: dict[Affected, list[Problem]] = defaultdict(list)
        self._rows: dict[str, list[Expectation]] = defaultdict(list)
        for row in site.expectations:
            self._rows[str(row.initiator)].append(row)
        wanted = {*NOT_LISTENING, *WRONG_DOOR}
        for problem in site.problems:
            if problem.kind in wanted:
                for affected in problem.affects:
                    self._by_connection[affected].append(problem)

    def explaining(self, flow: Flow, match: Match, kinds: Sequence[ProblemKind]) -> Cause | None:
        """Return the first of these kinds that concerns what a flow may be, or what its initiator
        was to dial there where it is nothing of the kind; None: none does."""
        rows = match.candidates or self._meant(flow, match)
        found = [problem for problem in self._of(rows) if problem.kind in kinds]
        first = min(found, key=lambda problem: kinds.index(problem.kind), default=None)
        return _cause(first) if first is not None else None

    def _meant(self, flow: Flow, match: Match) -> Sequence[Expectation]:
        target = flow.acceptor.address, flow.acceptor.port
        return [
            row
            for row in self._rows.get(str(match.initiator), ())
            if target[0] in row.addresses and target[1] == row.port
        ]

    def _of(self, rows: Iterable[Expectation]) -> Iterator[Problem]:
        for row in rows:
            initiator, acceptor = str(row.initiator), str(row.acceptor)
            for one in {initiator, ""}:
                for other in {acceptor, ""}:
                    yield from self._by_connection.get(Affected(row.connection, one, other), ())


def _cause(problem: Problem) -> Cause:
    words = problem.message
    for source in problem.sources:
        words = words.replace(str(source), short(source))
    return Cause(CauseKind.TARGET, f"because {words}", problem.sources, problem.remedy)
