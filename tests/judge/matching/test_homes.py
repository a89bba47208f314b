"""A proven name is held against the addresses that the site gives its owner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from matching_site import flow_of, site_with
from scene import (
    CON,
    DIR,
    DIRECTOR,
    ELSEWHERE,
    FD1,
    FD3,
    SD1,
    Wire,
    abstained,
    audit,
    failed,
    only,
    tls,
)

from auditor.flows.flow import Flow, Hello, Identity, Outcome, Transport
from auditor.judge.matching.homes import Homes, at_home, with_homes
from auditor.judge.matching.match import Match
from auditor.site.model import Peer, Role

OWN, OTHER, FD = "fd00::10", "fd00::66", "fd00::31"
OWNER = Peer(Role.DIRECTOR, "backup", frozenset({OWN, "192.0.2.1"}))
NAMED = Hello(Transport.TLS, Identity("R_DIRECTOR", "backup"), proven=True)
SITE = site_with([OWNER], [])
RULE = "identity-from-elsewhere"
ADMIN = tls("R_CONSOLE\x1eadmin")


def judged(flow: Flow, *others: Flow, peer: Peer = OWNER, proven: bool = True) -> Match:
    matches = [Match("3", initiator=peer, initiator_proven=proven), *(Match() for _ in others)]
    flows = [flow, *others]
    return with_homes(flows, matches, Homes(at_home(SITE.peers), flows))[0]


def test_the_owner_is_at_home_at_each_of_its_addresses() -> None:
    for address in sorted(OWNER.addresses):
        found = judged(flow_of(address, FD, 9102, NAMED))
        assert (found.home, found.apart) == (OWNER.addresses, False)


@pytest.mark.parametrize("talk", [(OTHER, OWN, 9101), ("192.0.2.1", OTHER, 9102)])
def test_who_talks_with_the_owner_is_another_host(talk: tuple[str, str, int]) -> None:
    found = judged(flow_of(OTHER, FD, 9102, NAMED), flow_of(*talk))
    assert (found.home, found.apart) == (OWNER.addresses, True)


def test_an_attempt_is_no_talk() -> None:
    """Anybody can send a SYN in another's name; who answers it is heard of by both."""
    attempt = flow_of(OTHER, OWN, 9101, outcome=Outcome.UNANSWERED)
    assert not judged(flow_of(OTHER, FD, 9102, NAMED), attempt).apart


def test_the_owner_may_dial_its_own_host_by_loopback() -> None:
    assert judged(flow_of("127.0.0.1", "127.0.0.1", 9102, NAMED)).home == frozenset()


@pytest.mark.parametrize(
    "hello",
    [
        Hello(),
        replace(NAMED, proven=False),
        replace(NAMED, identity=Identity("R_CONSOLE", "backup")),
        replace(NAMED, identity=Identity("R_JOB", "backup")),
    ],
)
def test_what_proves_no_daemons_name_has_no_home(hello: Hello) -> None:
    assert judged(flow_of(OTHER, FD, 9102, hello)).home == frozenset()


def test_a_daemon_without_an_address_has_no_home() -> None:
    nowhere = replace(OWNER, name="other")
    assert judged(flow_of(OTHER, FD, 9102, NAMED), peer=nowhere).home == frozenset()
    assert judged(flow_of(OTHER, FD, 9102, NAMED), proven=False).home == frozenset()


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(("target", "port"), [(FD1, 9102), (SD1, 9103)])
def test_the_directors_key_used_from_the_consoles_host_is_a_finding(
    tmp_path: Path, target: str, port: int, before: bool
) -> None:
    tape = Wire()
    if before:
        tape.dial(CON, DIR, 9101, ADMIN)
    tape.dial(CON, target, port, DIRECTOR)
    if not before:
        tape.dial(CON, DIR, 9101, ADMIN)
    result = audit(tmp_path, tape)
    assert RULE in failed(result)
    finding = only(result, RULE)
    assert (finding["severity"], finding["confidence"]) == ("medium", "certain")
    assert f"{CON} has the key of R_DIRECTOR dir, whose host is at {DIR}" in finding["message"]


def test_a_clients_key_used_from_another_clients_host_is_a_finding(tmp_path: Path) -> None:
    """fd3's host was dialled by the storage daemon of nobody else, and dials it itself."""
    tape = Wire().dial(FD1, FD3, 9102).dial(FD1, DIR, 9101, tls("R_CLIENT\x1efd3"))
    assert RULE in failed(audit(tmp_path, tape))


def test_an_address_that_nobody_has_may_be_one_more_of_the_owner(tmp_path: Path) -> None:
    """Several interfaces, or NAT: no accusation, and no silence either."""
    tape = Wire().dial(ELSEWHERE, FD1, 9102, DIRECTOR)
    result = audit(tmp_path, tape)
    assert RULE in abstained(result)
    assert RULE not in failed(result)
    site = f"daemons:\n  director dir:\n    addresses: [{DIR}, {ELSEWHERE}]\n"
    again = audit(tmp_path / "told", tape, site=site)
    assert RULE not in (*failed(again), *abstained(again))
