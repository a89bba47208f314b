"""A key that an acceptor took proves who is at an address (bareos.md §9.10)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matching_site import expectation_of, flow_of, site_with

from auditor.flows.flow import Flow, Hello, Identity, Transport
from auditor.judge.matching.homes import Homes, at_home
from auditor.judge.matching.learned import learned_addresses, with_addresses
from auditor.judge.matching.match import Match
from auditor.site.model import Peer, Role

OWN, NEW, FD = "192.0.2.1", "192.0.2.9", "192.0.2.31"
DIRECTOR = Peer(Role.DIRECTOR, "dir", frozenset({OWN}))
CLIENT = Peer(Role.FILE_DAEMON, "fd", frozenset({FD}))
PROVEN = Hello(Transport.TLS, Identity("R_DIRECTOR", "dir"), proven=True)


def seen(initiator: str = NEW, hello: Hello = PROVEN, ttl: int = 64, to: str = FD) -> Flow:
    made = flow_of(initiator, to, 9102, hello)
    return replace(made, initiator=replace(made.initiator, ttl=ttl))


def match(peer: Peer | None = DIRECTOR, *, proven: bool = True) -> Match:
    return Match("3", initiator=peer, initiator_proven=proven)


def learned(flows: list[Flow], matches: list[Match]) -> object:
    return learned_addresses(flows, matches, Homes(at_home([DIRECTOR, CLIENT]), flows))


def test_a_host_that_talks_with_the_director_is_not_the_director() -> None:
    console = flow_of(NEW, OWN, 9101)
    assert learned([seen(), console], [match(), Match()]) == {}


def test_a_director_is_also_where_it_proved_its_name() -> None:
    assert learned([seen()], [match()]) == {DIRECTOR: {NEW}}


def test_a_file_daemon_proves_its_name_on_4() -> None:
    hello = Hello(Transport.TLS, Identity("R_CLIENT", "fd"), proven=True)
    assert learned([seen(NEW, hello, to=OWN)], [match(CLIENT)]) == {CLIENT: {NEW}}


@pytest.mark.parametrize(
    ("flow", "matched"),
    [
        (seen(OWN), match()),
        (seen(hello=replace(PROVEN, proven=False)), match()),
        (seen(ttl=63), match()),
        (seen("127.0.0.1"), match()),
        (seen(), match(None)),
        (seen(), match(CLIENT)),
        (seen(), match(proven=False)),
        (seen(hello=Hello(Transport.TLS, Identity("R_JOB", "j"), proven=True)), match(CLIENT)),
        (seen(hello=Hello(Transport.TLS, None, proven=True)), match()),
    ],
    ids=[
        "known", "a claim", "behind a router", "loopback", "nobody", "another role",
        "another name", "a job", "no hello",
    ],
)  # fmt: skip
def test_nothing_else_proves_an_address(flow: Flow, matched: Match) -> None:
    assert learned([flow], [matched]) == {}


def test_the_site_has_the_address_wherever_the_daemon_is() -> None:
    rows = [
        expectation_of("3", DIRECTOR, CLIENT, 9102),
        expectation_of("4", CLIENT, DIRECTOR, 9101),
    ]
    other = expectation_of("10", Peer(Role.TRAY_MONITOR, "mon"), CLIENT, 9102)
    site = with_addresses(
        site_with([DIRECTOR, CLIENT], [*rows, other]), {DIRECTOR: frozenset({NEW})}
    )
    assert [peer.addresses for peer in site.peers] == [{OWN, NEW}, {FD}]
    assert site.expectations[0].initiator.addresses == {OWN, NEW}
    assert site.expectations[1].acceptor.addresses == {OWN, NEW}
    assert site.expectations[2] is other
    assert [row.id for row in site.expectations] == [row.id for row in (*rows, other)]
