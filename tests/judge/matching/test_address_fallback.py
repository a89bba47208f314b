"""A name's addresses are tried one after the other (bareos.md §1.0, §9.8)."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from matching_site import flow_of, spoken

from auditor.flows.flow import Outcome
from auditor.judge.heartbeat.verdict import HeartbeatVerdict
from auditor.judge.matching.address_fallback import connected_via_other_address
from auditor.judge.matching.match import Match
from auditor.judge.tables.judged import Judged
from auditor.judge.verdicts import Verdict
from auditor.packets.segments import CaptureInfo
from auditor.site.model import Peer, Role

V6, V4 = "2001:db8::20", "192.0.2.20"
SECOND = 1_000_000_000
DIRECTOR = Peer(Role.DIRECTOR, "dir")
CLIENT, OTHER = (Peer(Role.FILE_DAEMON, name) for name in ("fd", "fd2"))
MATCH = Match("3", initiator=DIRECTOR, acceptor=CLIENT)
INFO = CaptureInfo("a.pcap", "pcap", "file", "Ethernet")


def attempt(id_: str, to: str, outcome: Outcome, started: int = 0) -> Judged:
    heartbeat = HeartbeatVerdict(Verdict.NOT_APPLICABLE, "")
    flow = flow_of("2001:db8::10", to, 9102, outcome=outcome, started=started)
    return Judged(id_, spoken(flow), MATCH, heartbeat, INFO)


FAILED = attempt("f1", V6, Outcome.UNANSWERED)
GOOD = attempt("f2", V4, Outcome.ESTABLISHED, SECOND)


@pytest.mark.parametrize(
    ("outcome", "excused"),
    [
        (Outcome.UNANSWERED, True),
        (Outcome.REFUSED, True),
        (Outcome.ESTABLISHED, False),
        (Outcome.MIDSTREAM, False),
    ],
)
def test_an_attempt_that_failed_is_excused_by_the_next_address(
    outcome: Outcome, excused: bool
) -> None:
    found = connected_via_other_address([attempt("f1", V6, outcome), GOOD])
    assert found == ({"f1"} if excused else set())


@pytest.mark.parametrize(
    ("started", "excused"),
    [(-1, False), (0, True), (180 * SECOND, True), (180 * SECOND + 1, False)],
)
def test_the_next_address_follows_within_three_minutes(started: int, excused: bool) -> None:
    """Linux gives a SYN up after about 127 s."""
    good = attempt("f2", V4, Outcome.ESTABLISHED, started)
    assert bool(connected_via_other_address([FAILED, good])) is excused


@pytest.mark.parametrize(
    "good",
    [
        attempt("f2", V6, Outcome.ESTABLISHED, SECOND),
        attempt("f2", V4, Outcome.MIDSTREAM, SECOND),
        GOOD._replace(match=replace(MATCH, acceptor=OTHER)),
        GOOD._replace(match=replace(MATCH, initiator=None)),
        GOOD._replace(match=replace(MATCH, connection="10")),
        GOOD._replace(capture=replace(INFO, name="b.pcap")),
    ],
    ids=["same address", "began before", "acceptor", "initiator", "number", "capture"],
)
def test_another_connection_excuses_nothing(good: Judged) -> None:
    assert not connected_via_other_address([FAILED, good])


@pytest.mark.parametrize(
    ("initiator", "acceptor", "one_sided", "watched", "excused"),
    [
        (9, 9, False, 60, True),
        (0, 0, False, 60, False),  # SYN, SYN-ACK and ACK: anybody can send three packets
        (9, 0, False, 60, False),
        (0, 9, False, 60, False),
        (9, 0, True, 60, True),  # this tap has one side only
        (0, 0, False, 3, True),  # the capture ended before they could speak
    ],
)
def test_a_connection_over_which_nobody_spoke_excuses_nothing(
    initiator: int, acceptor: int, one_sided: bool, watched: int, excused: bool
) -> None:
    flow = replace(
        GOOD.flow,
        initiator=replace(GOOD.flow.initiator, payload_bytes=initiator),
        acceptor=replace(GOOD.flow.acceptor, payload_bytes=acceptor),
        one_sided=one_sided,
    )
    good = GOOD._replace(flow=flow, capture=replace(INFO, last=watched * SECOND))
    failed = FAILED._replace(capture=good.capture)
    assert bool(connected_via_other_address([failed, good])) is excused


def test_where_the_acceptor_is_not_known_two_addresses_may_be_two_hosts() -> None:
    unknown = replace(MATCH, acceptor=None)
    assert not connected_via_other_address(
        [FAILED._replace(match=unknown), GOOD._replace(match=unknown)]
    )


def test_a_stranger_does_not_excuse_another() -> None:
    nobody = replace(MATCH, initiator=None)
    failed, good = FAILED._replace(match=nobody), GOOD._replace(match=nobody)
    assert connected_via_other_address([failed, good])
    elsewhere = replace(good.flow, initiator=replace(good.flow.initiator, address="2001:db8::66"))
    assert not connected_via_other_address([failed, good._replace(flow=elsewhere)])


@pytest.mark.parametrize("seed", range(20))
def test_many_attempts_are_judged_as_each_by_itself(seed: int) -> None:
    chance = random.Random(seed)
    addresses, outcomes = (V6, V4, "192.0.2.21"), [*Outcome]
    every = [
        attempt(f"f{n}", chance.choice(addresses), chance.choice(outcomes), n * 70 * SECOND)
        for n in range(30)
    ]
    each = (connected_via_other_address([one, good]) for one in every for good in every)
    assert connected_via_other_address(every) == frozenset[str]().union(*each)
