"""The decision table is complete, unambiguous, and what the functions before it decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matching_site import expectation_of, flow_of

from auditor.flows.flow import Flow, Hello, Identity, Outcome, Transport
from auditor.judge.matching.agreement import Agreement, Agreements, Candidate
from auditor.judge.matching.decision import (
    TABLE,
    FlowFacts,
    best_candidates,
    decide,
    flow_facts,
)
from auditor.judge.verdicts import Confidence
from auditor.site.model import Peer, Permission, Role

ADDRESS = (Agreement.MISMATCH, Agreement.NO_EVIDENCE, Agreement.MATCH)
AGREEMENTS = [Agreements(*values) for values in product(Agreement, ADDRESS, ADDRESS)]
FACTS = [FlowFacts(*values) for values in product((False, True), repeat=4)]
CELLS = list(product(FACTS, AGREEMENTS))

DIRECTOR = Peer(Role.DIRECTOR, "dir")
CLIENT = Peer(Role.FILE_DAEMON, "fd1")
ROW = expectation_of("3", DIRECTOR, CLIENT, 9102)


def flow_with(facts: FlowFacts) -> Flow:
    """Return a flow that shows these facts."""
    identity = Identity("R_DIRECTOR", "dir") if facts.named else None
    transport = Transport.UNKNOWN if facts.hello_missing else Transport.TLS
    return flow_of(
        "192.0.2.1",
        "192.0.2.2",
        9102,
        Hello(transport=transport, identity=identity, proven=facts.proven),
        evidence="port" if facts.direction_guessed else "syn",
    )


def candidate(agreements: Agreements) -> Candidate:
    return Candidate(ROW, agreements, planned=False, dialled=False)


# ------------------------------------------------------------------ the oracle
# The functions that decided before there was a table, word for word but for the names of fields.


def was_plausible(agreements: Agreements, flow: Flow) -> bool:
    proven = flow.hello.proven
    identity, address, target = agreements
    if identity is Agreement.CONFLICT:
        return False
    if target is Agreement.MISMATCH:
        return address is Agreement.MATCH
    if identity is Agreement.MATCH:
        return address is not Agreement.MISMATCH or proven
    if identity is Agreement.MISMATCH:
        return address is Agreement.MATCH or (proven and address is Agreement.NO_EVIDENCE)
    if address is Agreement.MATCH:
        return True
    mute = flow.outcome is Outcome.ESTABLISHED and flow.hello.transport is Transport.UNKNOWN
    return address is Agreement.NO_EVIDENCE and (not mute or target is Agreement.NO_EVIDENCE)


def was_confidence(agreements: Agreements, flow: Flow) -> Confidence:
    identity, address, target = agreements
    if flow.initiator_evidence == "port" and identity is not Agreement.MATCH:
        return Confidence.LIKELY if address is Agreement.MATCH else Confidence.GUESS
    if target is Agreement.MISMATCH:
        return Confidence.LIKELY if identity is Agreement.MATCH else Confidence.GUESS
    if identity is Agreement.MATCH:
        sure = address is Agreement.MATCH or (
            address is Agreement.NO_EVIDENCE and flow.hello.proven
        )
        return Confidence.CERTAIN if sure else Confidence.LIKELY
    if address is Agreement.MATCH:
        named = flow.hello.identity is not None or flow.hello.transport is Transport.POSTGRESQL
        return Confidence.CERTAIN if named else Confidence.LIKELY
    return Confidence.GUESS


def was_best(candidates: Sequence[Candidate], flow: Flow) -> list[Candidate]:
    plausible = [one for one in candidates if was_plausible(one.agreements, flow)]

    def rank(one: Candidate) -> tuple[int, ...]:
        identity, address, target = one.agreements
        allowed = one.row.permission is not Permission.FORBIDDEN
        return target, identity, address, one.planned, one.dialled, allowed

    top = max(map(rank, plausible), default=None)
    return [one for one in plausible if rank(one) == top]


# ------------------------------------------------------------------ the table


def test_every_combination_is_covered_by_exactly_one_line() -> None:
    covered = Counter(
        (facts, agreements)
        for line in TABLE
        for facts in filter(line.holds_for, FACTS)
        for agreements in line.agreements()
    )
    assert set(covered.values()) == {1}
    assert set(covered) == set(CELLS)


def test_the_table_has_all_combinations() -> None:
    assert len(CELLS) == 4 * 3 * 3 * 2**4


@pytest.mark.parametrize("facts", FACTS, ids=str)
def test_every_combination_is_decided_as_it_was_before_the_table(facts: FlowFacts) -> None:
    flow = flow_with(facts)
    for agreements in AGREEMENTS:
        expected = was_confidence(agreements, flow) if was_plausible(agreements, flow) else None
        assert decide(flow, candidate(agreements)) is expected, agreements


@pytest.mark.parametrize("facts", FACTS, ids=str)
def test_the_facts_are_those_that_the_flow_shows(facts: FlowFacts) -> None:
    assert flow_facts(flow_with(facts)) == facts


@pytest.mark.parametrize("outcome", [Outcome.MIDSTREAM, Outcome.REFUSED, Outcome.UNANSWERED])
def test_a_hello_is_only_missed_where_it_could_have_been_seen(outcome: Outcome) -> None:
    assert not flow_facts(flow_of("192.0.2.1", "192.0.2.2", 9102, outcome=outcome)).hello_missing
    assert flow_facts(flow_of("192.0.2.1", "192.0.2.2", 9102)).hello_missing


def test_postgresql_names_its_sender() -> None:
    flow = flow_of("192.0.2.1", "192.0.2.2", 5432, Hello(transport=Transport.POSTGRESQL))
    assert flow_facts(flow).named


def test_every_line_says_why() -> None:
    assert all(line.why for line in TABLE)
    assert len({line.why for line in TABLE}) == len(TABLE)


# ------------------------------------------------------------------ preferences


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    def one(number: int) -> Candidate:
        permission = draw(st.sampled_from(Permission))
        row = expectation_of("3", DIRECTOR, CLIENT, 9102, label=str(number), permission=permission)
        agreements = draw(st.sampled_from(AGREEMENTS))
        return Candidate(row, agreements, draw(st.booleans()), draw(st.booleans()))

    return [one(number) for number in range(draw(st.integers(0, 8)))]


@given(candidates(), st.sampled_from(FACTS))
def test_the_preferences_choose_as_the_old_rank_did(
    given_candidates: list[Candidate], facts: FlowFacts
) -> None:
    flow = flow_with(facts)
    assert best_candidates(given_candidates, flow) == was_best(given_candidates, flow)


def _ordered() -> Iterator[Candidate]:
    """Yield candidates, each of which is preferred to all before it."""
    match, none = Agreement.MATCH, Agreement.NO_EVIDENCE
    other = Agreement.MISMATCH
    for agreements in (
        Agreements(match, match, none),
        Agreements(other, match, match),
        Agreements(none, none, match),
        Agreements(match, other, match),
        Agreements(match, match, match),
    ):
        yield candidate(agreements)
    best = Agreements(match, match, match)
    forbidden = expectation_of("3", DIRECTOR, CLIENT, 9102, permission=Permission.FORBIDDEN)
    yield Candidate(forbidden, best, planned=False, dialled=True)
    yield Candidate(forbidden, best, planned=True, dialled=False)
    yield Candidate(forbidden, best, planned=True, dialled=True)
    yield Candidate(ROW, best, planned=True, dialled=True)


def test_each_preference_outweighs_all_after_it() -> None:
    flow = flow_with(
        FlowFacts(proven=True, hello_missing=False, direction_guessed=False, named=True)
    )
    ordered = list(_ordered())
    for count in range(1, len(ordered) + 1):
        assert best_candidates(ordered[:count], flow) == [ordered[count - 1]]
