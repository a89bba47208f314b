"""What notes of one file say of a connection that goes on in another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.flows.flow import Flow, Hello, Identity, InitiatorEvidence, Outcome, Side, Transport
from auditor.flows.noted import Mark, as_noted, by_connection
from auditor.flows.noted_pieces import noted_in_pieces, pieces_of
from auditor.flows.refusal import End, RefusalKind
from auditor.flows.tampering import COPIES_DIFFER, FACTS_PER_FLOW, Tampering
from auditor.packets.flow_notes import FlowNote, RefusedLogin
from auditor.packets.unseen_note import Lack

ONE, OTHER = Side("10.0.0.10", 40001), Side("10.0.0.31", 9102)
FLOW = Flow(
    index=0,
    initiator=ONE,
    acceptor=OTHER,
    initiator_evidence=InitiatorEvidence.SYN,
    outcome=Outcome.ESTABLISHED,
    started=10,
    last=90,
    hello=Hello(Transport.TLS, Identity("R_DIRECTOR", "dir")),
)


def note(
    *marks: Mark, started: int = 40, until: int | None = 50, transport: str = "unknown",
    refused: RefusedLogin | None = None, facts: tuple[tuple[int, int], ...] = (),
) -> FlowNote:  # fmt: skip
    ends = (OTHER.address, OTHER.port), (ONE.address, ONE.port)  # a piece may take them wrongly
    return FlowNote(
        *ends,
        started,
        "port",
        transport,
        "",
        "",
        frozenset(marks),
        refused,
        facts,
        len(facts),
        until,
    )


def shown(*notes: FlowNote, flow: Flow = FLOW) -> Flow:
    assert as_noted(flow, by_connection(notes)) == flow
    return noted_in_pieces(flow, pieces_of(notes))


def test_what_a_piece_did_not_see_changes_nothing() -> None:
    assert shown(note(Mark.UNSEEN, Mark.NAMELESS)) == FLOW
    assert shown(note(Mark.NAMED)) == FLOW
    assert shown(note(started=10, until=80)) == FLOW
    assert shown() == FLOW


@pytest.mark.parametrize("started", [10, 40, 90])
def test_what_it_accuses_of_stands(started: int) -> None:
    said = note(Mark.CONTRADICTS, Mark.DOUBTED, started=started, facts=((COPIES_DIFFER, 45),))
    found = shown(said)
    assert found.hello_contradicts
    assert found.doubts == {Lack.DOUBTED}
    assert found.tampering == (Tampering(COPIES_DIFFER, 0, 0, 45),)
    assert found.tampering_count == 1
    assert found.hello == FLOW.hello
    assert found.initiator == FLOW.initiator


def test_what_it_saw_proven_is_and_a_transport_that_only_it_knows_too() -> None:
    assert shown(note(Mark.PROVEN)).hello == replace(FLOW.hello, proven=True)
    unknown = replace(FLOW, hello=Hello())
    assert shown(note(transport="tls"), flow=unknown).hello.transport is Transport.TLS
    assert shown(note(transport="cleartext")).hello.transport is Transport.TLS
    assert shown(note(Mark.NAMED), flow=unknown).name_left_out


def test_a_heartbeat_that_it_would_judge_otherwise_is_not_judged() -> None:
    assert shown(note(Mark.UNSURE)).beats_left_out


def test_a_login_that_was_refused_there_was_refused() -> None:
    how = RefusedLogin(End.ACCEPTOR, RefusalKind.CLOSED, "FIN after 0.2 s", certain=False)
    found = shown(note(refused=how)).refusal
    assert found is not None
    assert (found.by, found.kind, found.said) == (End.ACCEPTOR, RefusalKind.CLOSED, how.said)
    refused = replace(FLOW, refusal=found)
    assert shown(note(), flow=refused) == refused


def test_facts_that_are_known_count_once_and_not_more_are_kept_than_of_any_flow() -> None:
    known = replace(FLOW, tampering=(Tampering(COPIES_DIFFER, 7, 4, 45),), tampering_count=1)
    many = tuple((COPIES_DIFFER, time) for time in (45, 41, 42, 43, 44))
    found = shown(note(facts=many), flow=known)
    assert found.tampering_count == 5
    assert [fact.time for fact in found.tampering] == [41, 42, 43, 44][:FACTS_PER_FLOW]


def test_notes_of_another_time_of_one_file_and_in_unknown_words_say_nothing() -> None:
    for started in (9, 91):
        assert shown(note(Mark.CONTRADICTS, started=started, until=99)) == FLOW
    assert pieces_of([note(Mark.CONTRADICTS, until=None)]) == {}
    assert pieces_of([note(transport="smoke")]) == {}


def test_a_note_that_knows_the_end_of_its_connection_is_no_piece() -> None:
    whole = note(Mark.CONTRADICTS, started=10, until=90)
    assert noted_in_pieces(FLOW, pieces_of([whole])) == FLOW
    assert as_noted(FLOW, by_connection([whole])).hello_contradicts
