"""6 or 8, by other flows of the capture (bareos.md §1.4, §1.7, §3.5)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matching_site import flow_of
from six_or_eight import BOTH, CLIENT, DIR, EIGHT, OPEN, READ, READER, SIX, WRITE, WRITER

from auditor.flows.flow import Flow
from auditor.judge.matching.correlation import Spans, resolve_6_or_8
from auditor.judge.matching.match import Match
from auditor.judge.verdicts import Confidence
from auditor.site.model import Peer, Role


def flow(initiator: str, acceptor: str, started: int, ended: int | None = None) -> Flow:
    return replace(flow_of(initiator, acceptor, 9103, started=started), ended=ended)


# ------------------------------------------------------------------ spans

TIMES = st.integers(0, 20)
FLOWS = st.lists(
    st.builds(
        lambda start, length: flow(DIR, READ, start, None if length is None else start + length),
        TIMES,
        st.none() | st.integers(0, 10),
    ),
    max_size=6,
)


@given(FLOWS, TIMES)
def test_spans_answer_as_looking_at_every_flow_would(flows: list[Flow], time: int) -> None:
    begun = [one for one in flows if one.started <= time]
    spans = Spans(flows)
    assert spans.open_at(time) == any(one.ended is None or one.ended >= time for one in begun)
    assert spans.last_start(time) == max((one.started for one in begun), default=None)


# ------------------------------------------------------------------ 6 or 8

QUESTION = flow(BOTH, WRITE, 10)

TO_CLIENT = Match("3", acceptor=CLIENT)
FROM_CLIENT = Match("4", initiator=CLIENT)
TO_READER = Match("5a", acceptor=READER)


def resolved(*controls: tuple[Match, int, int | None]) -> Match:
    flows = [QUESTION, *(flow(DIR, BOTH, start, end) for _, start, end in controls)]
    return resolve_6_or_8(flows, [OPEN, *(match for match, _, _ in controls)])[0]


@pytest.mark.parametrize(
    ("controls", "number"),
    [
        ([(TO_CLIENT, 5, None)], "6"),
        ([(FROM_CLIENT, 5, None)], "6"),
        ([(TO_READER, 5, None)], "8"),
        ([(TO_READER, 5, 9), (TO_CLIENT, 5, 10)], "6"),
        ([(TO_CLIENT, 11, None), (TO_READER, 10, None)], "8"),
        ([(TO_CLIENT, 5, None), (TO_READER, 5, None)], None),
        ([(TO_CLIENT, 5, 9), (TO_READER, 11, None)], None),
        ([], None),
    ],
    ids=["3", "4", "5a", "ended", "later", "both", "neither open", "none"],
)
def test_the_control_connection_that_was_open_tells_6_from_8(
    controls: list[tuple[Match, int, int | None]], number: str | None
) -> None:
    match = resolved(*controls)
    assert match.connection == number
    if number is None:
        assert match is OPEN
    else:
        row = SIX if number == "6" else EIGHT
        assert (match.candidates, match.initiator, match.acceptor) == (
            (row,),
            row.initiator,
            WRITER,
        )
        assert (match.confidence, match.initiator_known) == (Confidence.LIKELY, True)


def test_a_control_connection_of_another_client_tells_nothing() -> None:
    other = Peer(Role.FILE_DAEMON, "fd9", frozenset({"192.0.2.9"}))
    flows = [QUESTION, flow(DIR, "192.0.2.9", 5)]
    matches = [OPEN, Match("3", acceptor=other)]
    assert resolve_6_or_8(flows, matches) == matches


def test_a_daemon_is_the_same_by_a_common_address_whatever_its_name() -> None:
    """bareos.md §5.8: names need not agree."""
    alias = Peer(Role.FILE_DAEMON, "fd-by-another-name", frozenset({BOTH, "192.0.2.9"}))
    assert resolved((Match("3", acceptor=alias), 5, None)).connection == "6"


def test_an_initiator_at_another_address_is_no_candidate() -> None:
    moved = replace(QUESTION, initiator=replace(QUESTION.initiator, address="192.0.2.9"))
    matches = [OPEN, TO_CLIENT]
    assert resolve_6_or_8([moved, flow(DIR, BOTH, 5)], matches) == matches


def test_flows_that_are_decided_stay_as_they_are() -> None:
    matches = [Match("6", candidates=(SIX,)), TO_READER, Match(None, candidates=(SIX,))]
    flows = [QUESTION, flow(DIR, BOTH, 5), QUESTION]
    assert resolve_6_or_8(flows, matches) == matches


# ------------------------------------------------------------------ hosts that nobody configured


def by_host(*controls: tuple[str, str, str], start: int = 5) -> Match:
    """What a flow between 6 and 8 is, without candidates, beside numbered control connections."""
    flows = [QUESTION, *(flow(initiator, acceptor, start) for _, initiator, acceptor in controls)]
    matches = [replace(OPEN, candidates=()), *(Match(number) for number, _, _ in controls)]
    return resolve_6_or_8(flows, matches)[0]


@pytest.mark.parametrize(
    ("controls", "number"),
    [
        ([("3", DIR, BOTH)], "6"),
        ([("4", BOTH, DIR)], "6"),
        ([("5a", DIR, BOTH)], "8"),
        ([("3", DIR, BOTH), ("5a", DIR, BOTH)], None),
        ([("3", DIR, READ), ("5a", DIR, WRITE)], None),
    ],
    ids=["3", "4", "5a", "both", "of other hosts"],
)
def test_without_a_candidate_the_control_connections_of_its_host_tell(
    controls: list[tuple[str, str, str]], number: str | None
) -> None:
    match = by_host(*controls)
    assert match.connection == number
    assert (match.candidates, match.initiator) == ((), None)
    assert number is None or match.confidence is Confidence.LIKELY


def test_a_control_connection_that_began_later_tells_nothing_of_a_host() -> None:
    assert by_host(("3", DIR, BOTH), start=11).connection is None
