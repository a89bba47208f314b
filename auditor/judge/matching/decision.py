"""The decision table: which expectations a flow may be, how sure that is, and which is preferred.

``TABLE`` covers every combination of how far a flow agrees with an expectation and of what the
flow itself shows; its lines neither overlap nor leave a gap. ``PREFERENCES`` chooses among several
plausible expectations. ``docs/classification.md`` is made from both; what comes before and after
is ``classification.STEPS``. Which identity on which port belongs to which number (bareos.md §9.1)
is part of the expectations, not of this table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple, TypeVar

from auditor.flows.flow import Flow, InitiatorEvidence, Outcome, Transport
from auditor.judge.matching.agreement import Agreement, Agreements, Candidate
from auditor.judge.verdicts import Confidence
from auditor.site.model import Permission

_Value = TypeVar("_Value")


class FlowFacts(NamedTuple):
    """What the table asks of the flow itself."""

    proven: bool
    """The acceptor checked the initiator's key and went on (bareos.md §3.3, §3.4)."""
    hello_missing: bool
    """It was established within the capture, and its first bytes, none of which was lost, are no
    hello."""
    direction_guessed: bool
    """Only the port numbers tell which side dialled."""
    named: bool
    """Its first bytes name the initiator, or are PostgreSQL's."""


class Line(NamedTuple):
    """One line of the table: what it holds for, and what it decides.

    Words are joined by ``|``; ``any`` stands for all that a field may hold.
    """

    identity: str
    """``conflict``, ``mismatch``, ``none`` (no evidence) or ``match``."""
    address: str
    """Of the initiator: ``mismatch``, ``none`` or ``match``."""
    target: str
    """Of the acceptor: as ``address``."""
    proven: str
    """This and the next three: ``yes`` or ``no``, see FlowFacts."""
    hello_missing: str
    direction_guessed: str
    named: str
    confidence: str
    """``certain``, ``likely`` or ``guess``; ``no``: the flow cannot be this expectation."""
    why: str

    def holds_for(self, facts: FlowFacts) -> bool:
        """Tell whether the line is about flows that show these facts."""
        flags = zip(self[3:7], facts, strict=True)
        return all(fact in _read(words, _FLAGS) for words, fact in flags)

    def agreements(self) -> Iterator[Agreements]:
        """Yield every combination of agreements that the line holds for."""
        identity = _read(self.identity, AGREEMENT_WORDS)
        both = _read(self.address, _ADDRESS), _read(self.target, _ADDRESS)
        for agreed in product(identity, *both):
            yield Agreements(*agreed)


_ADDRESS = {
    "mismatch": Agreement.MISMATCH,
    "none": Agreement.NO_EVIDENCE,
    "match": Agreement.MATCH,
}
#: Every agreement by its word in the table.
AGREEMENT_WORDS: Mapping[str, Agreement] = {"conflict": Agreement.CONFLICT, **_ADDRESS}
_FLAGS = {"no": False, "yes": True}


def _read(words: str, meaning: Mapping[str, _Value]) -> list[_Value]:
    chosen = meaning if words == "any" else words.split("|")
    return [meaning[word] for word in chosen]


# fmt: off
TABLE: tuple[Line, ...] = (
    # identity               address          target        proven hello   direct. named  confidence
    #                                                              missing guessed
    Line("conflict",         "any",           "any",        "any", "any",  "any",  "any", "no",
         "the hello belongs to another connection (§3.3 to §3.5)"),
    # Nobody is known at the target: it may be a daemon at another of its addresses.
    Line("mismatch|none|match", "mismatch|none", "mismatch", "any", "any", "any",  "any", "no",
         "an unknown acceptor is only believed where the initiator's address is right"),
    Line("match",            "match",         "mismatch",   "any", "any",  "any",  "any", "likely",
         "name and initiator are right: the acceptor has another address (§9.10)"),
    Line("mismatch|none",    "match",         "mismatch",   "any", "any",  "no",   "any", "guess",
         "only the initiator's address and the port are right"),
    Line("mismatch|none",    "match",         "mismatch",   "any", "any",  "yes",  "any", "likely",
         "the initiator's address is right, and who dialled is guessed"),
    # The target is right, or the acceptor has no known address. The name is right.
    Line("match",            "match",         "none|match", "any", "any",  "any",  "any", "certain",
         "name and address are right"),
    Line("match",            "none",          "none|match", "yes", "any",  "any",  "any", "certain",
         "the key proves the name, and the initiator may dial from anywhere"),
    Line("match",            "none",          "none|match", "no",  "any",  "any",  "any", "likely",
         "the address proves nothing, and anybody can send a name"),
    Line("match",            "mismatch",      "none|match", "yes", "any",  "any",  "any", "likely",
         "the key proves the name: behind NAT, or at a new address (§9.10)"),
    Line("match",            "mismatch",      "none|match", "no",  "any",  "any",  "any", "no",
         "anybody can send a name, and this address is not its owner's"),
    # The name is wrong, or there is none to compare.
    Line("mismatch|none",    "match",         "none|match", "any", "any",  "no",   "yes", "certain",
         "the addresses are right, and so is the kind of hello"),
    Line("mismatch|none",    "match",         "none|match", "any", "any",  "no",   "no",  "likely",
         "the addresses are right, and there is no hello"),
    Line("mismatch|none",    "match",         "none|match", "any", "any",  "yes",  "any", "likely",
         "the addresses are right, but who dialled is guessed"),
    Line("mismatch",         "none",          "none|match", "yes", "any",  "any",  "any", "guess",
         "the acceptor took the key, so it may know another name than the configuration"),
    Line("mismatch",         "none",          "none|match", "no",  "any",  "any",  "any", "no",
         "nothing but the kind of hello is right"),
    Line("none",             "none",          "none|match", "any", "no",   "any",  "any", "guess",
         "only the target is right, and a name could not be seen"),
    Line("none",             "none",          "none",       "any", "yes",  "any",  "any", "guess",
         "only the port is right, and neither end has a known address"),
    Line("none",             "none",          "match",      "any", "yes",  "any",  "any", "no",
         "it was let in and sent no hello: Bareos would have sent one"),
    Line("mismatch|none",    "mismatch",      "none|match", "any", "any",  "any",  "any", "no",
         "neither name nor address is right"),
)
# fmt: on


class Preference(NamedTuple):
    """One comparison between plausible candidates."""

    name: str
    rank: Callable[[Candidate], int]
    """The greatest value wins."""
    why: str
    within_number: bool = False
    """Between different numbers, where the initiator has no known address, it only counts if the
    job in the hello is planned for one number alone."""


PREFERENCES: tuple[Preference, ...] = (
    Preference(
        "target",
        lambda candidate: candidate.agreements.target,
        "the acceptor's known address and port before an acceptor without a known address, and "
        "that before an address at which nobody is known",
    ),
    Preference(
        "identity",
        lambda candidate: candidate.agreements.identity,
        "the right name before none, and none before a wrong one (§9.1)",
    ),
    Preference(
        "address",
        lambda candidate: candidate.agreements.address,
        "the initiator's known address before an initiator without one, and that before another",
    ),
    Preference(
        "planned job",
        lambda candidate: candidate.planned,
        "a connection for which the job in the hello is planned (§3.4, §9.9)",
        within_number=True,
    ),
    Preference(
        "dialled address",
        lambda candidate: candidate.dialled,
        "a connection that is to dial this very address, or a name without a known one, before "
        "others of the same daemon (§4.5)",
        within_number=True,
    ),
    Preference(
        "permission",
        lambda candidate: candidate.row.permission is not Permission.FORBIDDEN,
        "an allowed connection: a forbidden one only where nothing else explains the flow",
        within_number=True,
    ),
)


def flow_facts(flow: Flow) -> FlowFacts:
    """Return what the table asks of a flow."""
    hello = flow.hello
    established = flow.outcome is Outcome.ESTABLISHED
    return FlowFacts(
        proven=hello.proven,
        hello_missing=established
        and hello.transport is Transport.UNKNOWN
        and not flow.hello_unseen,
        direction_guessed=flow.initiator_evidence == InitiatorEvidence.PORT,
        named=hello.identity is not None or hello.transport is Transport.POSTGRESQL,
    )


def decide(flow: Flow, candidate: Candidate) -> Confidence | None:
    """Return how sure the flow's number would be; None: it cannot be this expectation."""
    return _decisions(flow_facts(flow))[candidate.agreements]


@cache
def _decisions(facts: FlowFacts) -> Mapping[Agreements, Confidence | None]:
    """Return the part of the table that is about flows with these facts."""
    return {
        agreed: None if line.confidence == "no" else Confidence(line.confidence)
        for line in TABLE
        if line.holds_for(facts)
        for agreed in line.agreements()
    }


def plausible(candidates: Iterable[Candidate], flow: Flow) -> list[Candidate]:
    """Return the candidates that the flow can be, in their order."""
    decisions = _decisions(flow_facts(flow))
    return [candidate for candidate in candidates if decisions[candidate.agreements] is not None]


def best_candidates(candidates: Sequence[Candidate], flow: Flow) -> list[Candidate]:
    """Return the plausible candidates that no other is preferred to, in their order; all of them
    are equally sure."""
    possible = plausible(candidates, flow)
    best = possible
    for preference in PREFERENCES:
        if len(best) < 2 or (preference.within_number and _is_open(best, possible)):
            break
        ranks = [preference.rank(candidate) for candidate in best]
        top = max(ranks)
        best = [one for one, rank in zip(best, ranks, strict=True) if rank == top]
    return best


def _is_open(best: Sequence[Candidate], possible: Sequence[Candidate]) -> bool:
    """Tell whether the number is open, because the initiator may be anybody who has no address,
    and the job is not planned for one number alone, at whatever acceptor."""
    first = best[0].agreements
    if first.address is not Agreement.NO_EVIDENCE:
        return False
    alike = [one for one in possible if one.agreements[:2] == first[:2] and one.planned]
    numbers = {candidate.row.connection for candidate in best}
    return len(numbers) > 1 and len({one.row.connection for one in alike}) != 1
