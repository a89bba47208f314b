"""What candidates have for them: a name, a place, a process of the recording host."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.flows.flow import Flow
from auditor.judge.matching.agreement import Agreement, Candidate
from auditor.judge.matching.decision import plausible
from auditor.judge.matching.naming import says_who
from auditor.judge.matching.processes import role_of
from auditor.judge.verdicts import Confidence
from auditor.site.model import Expectation, Role

#: The numbers of consoles and tray monitors at a Director.
CONSOLES = frozenset({"1", "2", "9"})


def is_named(candidate: Candidate) -> bool:
    """Tell whether the hello has the name that the candidate's must have."""
    return candidate.agreements.identity is Agreement.MATCH


def of_its_processes(flow: Flow, found: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return the candidates of whose kinds the programs at both ends are, where the recording host
    knows them: 5a, 6 and 8 end at one port, and before a hello nothing else differs."""
    dialler, listener = role_of(flow.initiator.process), role_of(flow.acceptor.process)
    if dialler is None and listener is None:
        return found
    return [
        one
        for one in found
        if dialler in {None, one.row.initiator.role} and listener in {None, one.row.acceptor.role}
    ]


def perhaps(
    flow: Flow, number: str, best: Candidate, found: Sequence[Candidate]
) -> tuple[Expectation, ...]:
    """Return the rows of the number that the address dialled alone speaks against: the acceptor's
    may be another name of the same host that nobody can resolve here."""
    if best.agreements.target is not Agreement.MATCH:
        return ()
    unlocated = (
        one
        for one in found
        if one.row.connection == number
        and one.agreements.target is Agreement.NO_EVIDENCE
        and one.agreements.address >= best.agreements.address
        and not one.row.acceptor.generic
    )
    return tuple(one.row for one in plausible(unlocated, flow))


def confidence(
    flow: Flow, candidate: Candidate, sure: Confidence, *, uncertain: bool
) -> Confidence:
    """Return how sure the number is, when also the host is considered that recorded the flow.

    The initiator's process makes a guess likely, but not where it is about who the acceptor is
    (``uncertain``). An initiator that is only assumed to be at its address makes nothing certain.
    """
    if uncertain and not candidate.row.acceptor.generic:
        return Confidence.GUESS
    if sure is Confidence.GUESS or uncertain:
        known = role_of(flow.initiator.process) is not None
        return Confidence.LIKELY if known else Confidence.GUESS
    identity, address, _ = candidate.agreements
    inferred = candidate.row.initiator.assumed and address is Agreement.MATCH
    if inferred and identity is not Agreement.MATCH:
        return Confidence.LIKELY
    return sure


def may_be_anybody(candidate: Candidate) -> bool:
    """Tell whether nothing but the port indicates a console or monitor: then it may as well be
    a stranger."""
    identity, address, _ = candidate.agreements
    anonymous = identity is address is Agreement.NO_EVIDENCE
    return anonymous and candidate.row.initiator.role in {Role.CONSOLE, Role.TRAY_MONITOR}


def may_be_another_console(flow: Flow, candidate: Candidate) -> bool:
    """Tell whether nothing but earlier flows from there indicates a console: on one host default
    and named consoles come and go."""
    initiator = candidate.row.initiator
    unnamed = candidate.agreements.identity is Agreement.NO_EVIDENCE
    console = candidate.row.connection in CONSOLES
    return console and unnamed and flow.initiator.address not in initiator.addresses


def is_placed(flow: Flow, candidate: Candidate) -> bool:
    """Tell whether a number does not rest on daemons that may be anywhere."""
    _, address, target = candidate.agreements
    initiator = address is Agreement.MATCH or says_who(flow, candidate)
    return initiator and target is Agreement.MATCH


def is_own(flow: Flow, best: Sequence[Candidate]) -> bool:
    """Tell whether the recording host's program of their kind has opened the socket, and only one
    such daemon may be there."""
    own = role_of(flow.initiator.process)
    return own is not None and all(one.row.initiator.assumed for one in best)
