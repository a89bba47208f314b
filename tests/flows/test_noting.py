"""What is noted of a connection for who reads the thinned capture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.flows import Flow, Hello, Side
from auditor.flows.flow import Identity, InitiatorEvidence, Outcome, Transport
from auditor.flows.noted import Mark
from auditor.flows.noting import find_notes

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
