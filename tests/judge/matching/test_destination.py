"""The address that a data channel dials, and the one that is due (bareos.md §4.5)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matching_site import expectation_of, flow_of

from auditor.judge.matching.destination import AddressVerdict, dialled_address
from auditor.judge.matching.match import Match
from auditor.site.model import Expectation, Lan, Peer, Role, Target

FD, SD = Peer(Role.FILE_DAEMON, "fd"), Peer(Role.STORAGE_DAEMON, "sd")
PLAIN, LAN, THIRD = "192.0.2.20", "10.1.0.20", "192.0.2.99"
EXPECTED, OTHER, UNTELLABLE = AddressVerdict


def row(*, pair: bool, written: str = "", connection: str = "6") -> Expectation:
    """Return a row whose LanAddress is due iff ``pair``; ``written``: a name instead of it."""
    due = LAN if pair else PLAIN
    made = expectation_of(connection, FD, SD, 9103)
    return replace(
        made,
        target=Target(written or due, frozenset({due}), 9103, None),
        lan=Lan(pair, (), frozenset({PLAIN}), frozenset({LAN})),
    )


def verdict(*rows: Expectation, to: str, ttl: int = 64) -> tuple[AddressVerdict, str]:
    flow = flow_of("192.0.2.10", to, 9103)
    flow = replace(flow, initiator=replace(flow.initiator, ttl=ttl))
    return dialled_address(Match(rows[0].connection, candidates=rows), flow)


@pytest.mark.parametrize(
    ("pair", "to", "expected"),
    [
        (True, LAN, (EXPECTED, "")),
        (False, PLAIN, (EXPECTED, "")),
        (True, PLAIN, (OTHER, "it is the plain Address")),
        (False, LAN, (OTHER, "it is the LanAddress")),
        (True, THIRD, (OTHER, "it is neither the Address nor the LanAddress")),
        (False, THIRD, (OTHER, "it is neither the Address nor the LanAddress")),
    ],
)
def test_the_lan_address_is_due_where_both_have_one_and_else_the_address(
    pair: bool, to: str, expected: tuple[AddressVerdict, str]
) -> None:
    assert verdict(row(pair=pair), to=to) == expected


@pytest.mark.parametrize(
    ("pair", "to", "expected"),
    [
        (False, LAN, UNTELLABLE),
        (True, THIRD, UNTELLABLE),
        (True, PLAIN, OTHER),
        (True, LAN, EXPECTED),
    ],
    ids=["LAN after NAT", "third", "plain proves itself", "due"],
)
def test_behind_a_router_only_the_plain_address_proves_itself(
    pair: bool, to: str, expected: AddressVerdict
) -> None:
    found, reason = verdict(row(pair=pair), to=to, ttl=63)
    assert found is expected
    assert ("TTL 63" in reason) is (expected is UNTELLABLE)


def test_a_name_may_have_had_another_address_then() -> None:
    """bareos.md §9.10: what a name meant can change."""
    found, reason = verdict(row(pair=False, written="sd.example"), to=THIRD)
    assert (found, reason.split(",")[0]) == (UNTELLABLE, "a name is configured")


@pytest.mark.parametrize(
    ("connection", "pair", "expected"),
    [("7", False, UNTELLABLE), ("7", True, OTHER), ("6", False, OTHER)],
)
def test_setip_may_have_changed_the_plain_address_of_a_client(
    connection: str, pair: bool, expected: AddressVerdict
) -> None:
    """bareos.md §4.10: afterwards 7 goes to an address that no file has; a LanAddress stays."""
    assert verdict(row(pair=pair, connection=connection), to=THIRD)[0] is expected


def test_of_several_candidates_one_that_expects_the_address_is_enough() -> None:
    both = row(pair=True), row(pair=False)
    assert verdict(*both, to=PLAIN) == (EXPECTED, "")
    assert verdict(*both, to=LAN) == (EXPECTED, "")


def test_the_plain_address_proves_itself_only_where_all_candidates_have_it() -> None:
    """Behind a destination NAT it may stand for the LanAddress of the other one."""
    other = replace(row(pair=True), lan=Lan(True, (), frozenset({THIRD}), frozenset({LAN})))
    assert verdict(row(pair=True), to=PLAIN, ttl=63)[0] is OTHER
    assert verdict(row(pair=True), other, to=PLAIN, ttl=63)[0] is UNTELLABLE
