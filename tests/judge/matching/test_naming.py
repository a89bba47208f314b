"""Which end of a flow has a daemon's name: where nothing else is possible."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matching_site import expectation_of, flow_of

from auditor.flows.flow import Flow, Hello, Identity, Transport
from auditor.judge.matching.agreement import Agreement, Agreements, Candidate
from auditor.judge.matching.naming import Naming
from auditor.site.model import Claim, Peer, Role

DIR, FD = "192.0.2.1", "192.0.2.31"
NOWHERE = Peer(Role.DIRECTOR, "dir")
CLIENT = Peer(Role.FILE_DAEMON, "fd")
MATCH, NONE = Agreement.MATCH, Agreement.NO_EVIDENCE
SAID = Hello(Transport.TLS, Identity("R_DIRECTOR", "dir"), proven=True)
JOB = Hello(Transport.TLS, Identity("R_JOB", "job"), proven=True)


def candidate(
    initiator: Peer = NOWHERE, acceptor: Peer = CLIENT, identity: Agreement = MATCH,
    target: Agreement = NONE, planned: bool = False,
) -> Candidate:  # fmt: skip
    row = expectation_of("3", initiator, acceptor, 9102)
    row = replace(row, acceptor_claims=(Claim("fd", None),))
    return Candidate(row, Agreements(identity, NONE, target), planned, False)


def flow(hello: Hello = SAID) -> Flow:
    return flow_of(DIR, FD, 9102, hello)


def initiator(hello: Hello, one: Candidate, *, known: bool = False) -> bool:
    return Naming(known).of(flow(hello), [one], {}, False).initiator


def acceptor(hello: Hello, one: Candidate, *, known: bool = False, uncertain: bool = False) -> bool:
    return Naming(known).of(flow(hello), [one], {}, uncertain).acceptor


@pytest.mark.parametrize("peer", [replace(NOWHERE, addresses=frozenset({DIR})),
                                  Peer(Role.STORAGE_DAEMON, "", generic=True)])  # fmt: skip
def test_who_is_at_the_address_or_anybody_is_named(peer: Peer) -> None:
    assert initiator(Hello(), candidate(peer, identity=NONE))


def test_a_key_names_the_initiator_and_a_claim_only_who_dials_from_anywhere() -> None:
    claimed = replace(SAID, proven=False)
    assert initiator(SAID, candidate())
    assert not initiator(claimed, candidate())
    assert not initiator(SAID, candidate(identity=Agreement.MISMATCH))
    assert initiator(claimed, candidate(Peer(Role.CONSOLE, "op")))


def test_a_jobs_name_names_nobody_but_where_all_are_known_and_it_is_planned() -> None:
    assert not initiator(JOB, candidate(planned=True))
    assert not initiator(JOB, candidate(), known=True)
    assert initiator(JOB, candidate(planned=True), known=True)
    assert not initiator(replace(JOB, proven=False), candidate(planned=True), known=True)


def test_who_proved_its_name_there_before_is_named() -> None:
    naming = Naming(False)
    said = naming.of(flow(Hello()), [candidate(identity=NONE)], {DIR: frozenset({"dir"})}, False)
    assert said.initiator


def test_the_acceptor_is_named_at_its_address_or_where_no_other_can_be() -> None:
    assert acceptor(SAID, candidate(target=MATCH))
    assert acceptor(SAID, candidate(acceptor=replace(CLIENT, generic=True)))
    assert not acceptor(SAID, candidate())
    assert acceptor(SAID, candidate(), known=True)
    assert not acceptor(SAID, candidate(), known=True, uncertain=True)


@pytest.mark.parametrize(("name", "named"), [("fd", True), ("other", False)])
def test_in_cleartext_the_acceptor_names_itself(name: str, named: bool) -> None:
    challenge = replace(SAID, acceptor=Identity("R_CLIENT", name))
    assert acceptor(challenge, candidate()) is named
    assert not acceptor(replace(challenge, proven=False), candidate())


def test_all_candidates_must_name_an_end() -> None:
    placed = candidate(target=MATCH)
    assert Naming(False).of(flow(), [placed, candidate()], {}, False) == (True, False)
