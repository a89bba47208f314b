"""What is noted of a connection for who reads the thinned capture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.flows import Flow, Hello, Side
from auditor.flows.flow import Identity, InitiatorEvidence, Outcome, Transport
from auditor.flows.noted import Mark
from auditor.flows.noting import find_notes, find_unseen

SECOND = 10**9
HELLO = Hello(Transport.CLEARTEXT, identity=Identity("R_CLIENT", "fd"), line="Hello Client fd")
FULL = Flow(
    index=0,
    initiator=Side("2001:db8::1", 40001),
    acceptor=Side("2001:db8::2", 9103),
    initiator_evidence=InitiatorEvidence.SYN,
    outcome=Outcome.ESTABLISHED,
    started=5 * SECOND,
    last=9 * SECOND,
    hello=HELLO,
)


def test_what_is_alike_needs_no_note() -> None:
    assert not list(find_notes([FULL], [FULL]))
    less = replace(FULL, last=8 * SECOND, duplicates=3, syns=2, rtt=5)
    assert not list(find_notes([FULL], [less]))


@pytest.mark.parametrize(
    ("hello", "marks"),
    [
        (Hello(Transport.CLEARTEXT), {Mark.NAMED, Mark.UNSEEN}),
        (
            replace(HELLO, identity=Identity("R_CLIENT", "x")),
            {*Mark} & {"named", "nameless", "unseen"},
        ),
        (replace(HELLO, user="somebody"), {*Mark} & {"named", "nameless", "unseen"}),
    ],
)
def test_names_that_differ_are_noted_without_being_told(hello: Hello, marks: set[str]) -> None:
    (note,) = find_notes([FULL], [replace(FULL, hello=hello)])
    assert note.marks == marks
    assert "fd" not in repr(note)


def lossy(flow: Flow, one: int, other: int) -> Flow:
    return replace(
        flow,
        initiator=replace(flow.initiator, missing=one),
        acceptor=replace(flow.acceptor, missing=other),
    )


def test_bytes_that_are_missing_are_noted_of_the_connection_as_the_thinned_one_has_it() -> None:
    thin = [replace(FULL, index=k, started=k * 10 * SECOND + 1) for k in range(4)]
    full = [replace(one, started=one.started + SECOND) for one in thin]
    full[2] = lossy(full[2], 3, 10**30)
    (note,), rest = find_unseen(full, thin, 9)
    assert (note.time, rest) == (20 * SECOND + 1, 0)
    assert dict(note.octets) == {("2001:db8::1", 40001): 3, ("2001:db8::2", 9103): 10**18 - 1}


def test_bytes_of_which_no_note_can_be_made_are_counted() -> None:
    later = replace(FULL, started=99 * SECOND)
    full = [lossy(FULL, 1, 2), lossy(later, 4, 0)]
    assert find_unseen(full, [FULL, later], 1)[1] == 4
    assert find_unseen(full, [later], 9)[1] == 3
    assert find_unseen(full, [], 9) == ([], 7)


def test_of_connections_with_the_same_ends_the_nearest_is_meant() -> None:
    """And many of them take no longer than as many with ends of their own."""
    flows = [replace(FULL, index=k, started=k * 10 * SECOND) for k in range(3000)]
    thin = [replace(flow, hello_unseen=flow.index == 7) for flow in flows]
    (note,) = find_notes(flows, reversed(thin))
    assert note.started == 70 * SECOND


def test_no_note_is_made_of_what_the_thinned_capture_does_not_have() -> None:
    refused = replace(FULL, hello=Hello())
    assert not list(find_notes([refused], []))
    assert not list(find_notes([refused], [replace(FULL, started=60 * SECOND)]))
    assert not list(find_notes([replace(refused, started=-5)], [replace(FULL, started=-5)]))
