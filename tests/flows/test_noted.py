"""What the full capture showed of a connection and its thinned one does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.flows import Flow, Hello, Probe, Side
from auditor.flows.flow import Identity, InitiatorEvidence, Outcome, Transport
from auditor.flows.how_ended import IcmpError
from auditor.flows.noted import as_noted, by_connection, without_missing
from auditor.flows.noting import find_notes
from auditor.flows.refusal import End, Refusal, RefusalKind
from auditor.flows.tampering import COPIES_DIFFER, NO_ACK, Tampering, Unasked
from auditor.packets.flow_notes import FlowNote, RefusedLogin

HELLO = Hello(
    Transport.TLS,
    identity=Identity("R_DIRECTOR", "dir"),
    proven=True,
    tls_offered="1.3",
    tls_version="1.3",
)
FULL = Flow(
    index=0,
    initiator=Side("10.0.0.1", 40001),
    acceptor=Side("10.0.0.2", 9102),
    initiator_evidence=InitiatorEvidence.SYN,
    outcome=Outcome.ESTABLISHED,
    started=5,
    last=9,
    hello=HELLO,
)
TAMPERED = replace(
    FULL,
    hello=replace(HELLO, proven=False),
    hello_contradicts=True,
    tampering=(Tampering(COPIES_DIFFER, 7, 4, 8),),
    tampering_count=1,
)
REFUSED = replace(
    FULL, refusal=Refusal(RefusalKind.CLOSED, End.ACCEPTOR, "FIN after 0.2 s", certain=False)
)


def read(full: Flow, thin: Flow) -> Flow:
    """Return the flow of a thinned capture, with what is noted of the full one."""
    return as_noted(thin, by_connection(find_notes([full], [thin])))


def test_where_both_say_the_same_nothing_is_noted() -> None:
    assert list(find_notes([FULL, REFUSED], [FULL])) == list(find_notes([REFUSED], [FULL]))
    assert not list(find_notes([FULL], [FULL]))
    assert not list(find_notes([FULL], []))
    assert as_noted(FULL, {}) == FULL


def test_of_what_was_left_out_nothing_is_missing() -> None:
    lossy = replace(FULL, initiator=replace(FULL.initiator, missing=5))
    assert without_missing(lossy) == FULL


def test_tampering_survives_without_the_frames_that_are_left_out() -> None:
    assert read(TAMPERED, FULL) == replace(TAMPERED, tampering=(Tampering(COPIES_DIFFER, 0, 0, 8),))


@pytest.mark.parametrize("order", [1, -1])
def test_a_connection_may_begin_with_another_packet_where_these_were_out_of_order(
    order: int,
) -> None:
    later = replace(FULL, started=FULL.started + 10**9)
    next_one = replace(FULL, started=FULL.started + 60 * 10**9)
    notes = by_connection(find_notes([TAMPERED], [later, next_one][::order]))
    assert as_noted(later, notes).tampering_count == 1
    assert as_noted(next_one, notes) == next_one


def test_facts_that_the_thinned_capture_shows_too_keep_their_frames() -> None:
    seen = Tampering(NO_ACK, 3, 0, 6)
    full = replace(TAMPERED, tampering=(Tampering(NO_ACK, 11, 0, 6), *TAMPERED.tampering))
    thin = replace(FULL, tampering=(seen,), tampering_count=1)
    assert read(full, thin).tampering == (seen, Tampering(COPIES_DIFFER, 0, 0, 8))


@pytest.mark.parametrize("thin", [FULL, replace(FULL, hello=Hello())])
@pytest.mark.parametrize("kind", RefusalKind)
def test_a_refused_login_stays_refused(kind: RefusalKind, thin: Flow) -> None:
    assert REFUSED.refusal is not None
    full = replace(REFUSED, refusal=replace(REFUSED.refusal, kind=kind))
    refusal = read(full, thin).refusal
    assert refusal is not None
    assert (refusal.kind, refusal.by, refusal.certain) == (kind, End.ACCEPTOR, False)


def test_what_somebody_said_in_refusing_is_not_written() -> None:
    said = Refusal(RefusalKind.ANSWER, End.ACCEPTOR, "the answer '1999 secret'")
    (note,) = find_notes([replace(FULL, refusal=said)], [FULL])
    assert "secret" not in repr(note)
    assert note.refused == RefusedLogin("acceptor", "answer", "an answer that refuses", True)


def test_a_refusal_that_only_the_thinned_capture_shows_is_none() -> None:
    assert read(FULL, REFUSED) == FULL


def test_names_that_the_full_capture_does_not_show_are_not_believed() -> None:
    other = replace(FULL, hello=replace(HELLO, identity=Identity("R_CLIENT", "fd")))
    for full in (replace(FULL, hello=Hello()), other):
        flow = read(full, FULL)
        assert flow.hello.identity is None
        assert flow.hello.transport == full.hello.transport


def test_a_name_that_is_not_kept_counts_as_not_seen() -> None:
    flow = read(FULL, replace(FULL, hello=replace(HELLO, identity=None)))
    assert flow.hello.identity is None
    assert flow.hello_unseen
    assert flow.name_left_out


def test_who_dialled_is_as_the_full_capture_showed_it() -> None:
    error = IcmpError(4, 3, 1, "10.0.0.9", 6, 1, 0, 0, of_initiator=True)
    thin = replace(
        FULL,
        initiator=FULL.acceptor,
        acceptor=FULL.initiator,
        initiator_evidence=InitiatorEvidence.PORT,
        hello=Hello(),
        rejection=error,
    )
    flow = read(FULL, thin)
    assert (flow.initiator, flow.acceptor) == (FULL.initiator, FULL.acceptor)
    assert flow.initiator_evidence is InitiatorEvidence.SYN
    assert flow.rejection == replace(error, of_initiator=False)
    assert flow.hello.transport is Transport.TLS


@pytest.mark.parametrize("kind", [*RefusalKind])
def test_of_a_refusal_both_show_the_words_are_those_of_the_full_capture(kind: RefusalKind) -> None:
    """But for what was said in words: of that nothing is noted."""
    full = Refusal(kind, End.ACCEPTOR, "TLS alert 115 (unknown_psk_identity)")
    seen = replace(full, said="a TLS alert", certain=False)
    changed = replace(FULL, hello_unseen=True, refusal=full)  # so that there is a note
    flow = read(changed, replace(FULL, refusal=seen))
    assert flow.refusal == (seen if kind is RefusalKind.ANSWER else full)


PROBE = Probe(5_000_000_000, 5_000_000_000, 5_000_000_000, 0, 1000, exact=False)


@pytest.mark.parametrize(
    "side",
    [
        Side("10.0.0.1", 40001, probes=(replace(PROBE, exact=True),)),
        Side("10.0.0.1", 40001, probes=(replace(PROBE, answered=None),)),
        Side("10.0.0.1", 40001, probes=(replace(PROBE, interval=4_000_000_000),)),
        Side("10.0.0.1", 40001, probes=(replace(PROBE, time=6_000_000_000),)),
        Side("10.0.0.1", 40001, probes=(PROBE, PROBE)),
        Side("10.0.0.1", 40001),
        Side("10.0.0.1", 40001, probes=(PROBE,), longest_idle=5_000_000_000),
        Side("10.0.0.1", 40001, probes=(PROBE,), unasked=Unasked(1)),
    ],
)
def test_a_heartbeat_of_which_other_is_seen_is_not_judged(side: Side) -> None:
    full = replace(FULL, initiator=replace(FULL.initiator, probes=(PROBE,)))
    flow = read(full, replace(FULL, initiator=side))
    assert flow.initiator.probes == ()
    assert flow.beats_left_out
    assert not flow.initiator.missing  # by which an end, or the heartbeat of others, is doubted
    again = replace(full, initiator=flow.initiator, beats_left_out=True)
    assert read(again, replace(FULL, initiator=flow.initiator)).beats_left_out


def test_silences_are_the_same_within_what_thinning_promises() -> None:
    full = replace(FULL, initiator=replace(FULL.initiator, probes=(PROBE,), longest_idle=10**9))
    near = replace(PROBE, interval=PROBE.interval + 10**7, answered=5)
    thin = replace(
        FULL, initiator=replace(FULL.initiator, probes=(near,), longest_idle=10**9 + 10**7)
    )
    assert read(full, thin) == thin
    short = replace(FULL, initiator=replace(FULL.initiator, longest_idle=850_000_000))
    assert read(FULL, short) == short


@pytest.mark.parametrize(
    "change",
    [
        {"by": "guess"},
        {"transport": "quic"},
        {"facts": ((99, 5),)},
        {"refused": RefusedLogin("nobody", "closed", "", True)},
        {"refused": RefusedLogin("acceptor", "smile", "", True)},
        {"started": 6},
        {"initiator": ("10.0.0.3", 40001)},
    ],
)
def test_a_note_in_unknown_words_or_on_another_connection_changes_nothing(
    change: dict[str, object],
) -> None:
    (note,) = find_notes([TAMPERED], [FULL])
    odd: FlowNote = replace(note, **change)
    assert as_noted(FULL, by_connection([odd])) == FULL
