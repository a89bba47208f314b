"""Which daemons of a site are on the recording host, and at which addresses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matching_site import expectation_of, site_with

from auditor.judge.matching.own_host import OwnHost, at_host
from auditor.site.model import Peer, Role, Site

HERE, ALSO, THERE = "192.0.2.1", "2001:db8::1", "198.51.100.1"
FD, SD = Role.FILE_DAEMON, Role.STORAGE_DAEMON


def peer(name: str, *addresses: str, role: Role = SD, ports: tuple[int, ...] = (9103,)) -> Peer:
    return Peer(role, name, frozenset(addresses), frozenset(ports))


def host(*roles: Role, listens: tuple[int, ...] = ()) -> OwnHost:
    programs = frozenset((role, frozenset(listens)) for role in roles)
    return OwnHost(frozenset({HERE, ALSO}), programs)


def placed(
    *peers: Peer, at: OwnHost, configured: tuple[str, ...] = ("sd1",), all_known: bool = False
) -> dict[str, Peer]:
    known = frozenset((one.role, one.name) for one in peers if one.name in configured)
    site = replace(site_with(peers, [], configured=known), directors_known=all_known)
    return {one.name: one for one in at_host(site, at).peers}


def test_the_only_daemon_of_its_kind_is_there_if_such_a_program_runs() -> None:
    found = placed(peer("sd1"), at=host(SD))["sd1"]
    assert (found.addresses, found.assumed) == ({HERE, ALSO}, True)


@pytest.mark.parametrize(("here", "all_known"), [(True, False), (False, True)])
def test_it_is_sure_where_the_configuration_was_read_there_or_has_every_daemon(
    here: bool, all_known: bool
) -> None:
    found = placed(peer("sd1"), at=host(SD)._replace(here=here), all_known=all_known)["sd1"]
    assert (found.addresses, found.assumed) == ({HERE, ALSO}, False)


def test_one_that_is_known_there_has_all_addresses_of_the_host() -> None:
    """An address is one of a daemon's addresses, never the only one."""
    found = placed(peer("sd1", HERE), peer("sd2", THERE), at=host())
    assert (found["sd1"].addresses, found["sd1"].assumed) == ({HERE, ALSO}, False)
    assert found["sd2"].addresses == {THERE}


@pytest.mark.parametrize(
    ("others", "at", "configured"),
    [
        ((), host(FD), ("sd1",)),
        ((), host(SD), ()),
        ((peer("sd2"),), host(SD), ("sd1",)),
        ((peer("sd2", ALSO),), host(SD), ("sd1",)),
        ((), host(SD, listens=(9104,)), ("sd1",)),
    ],
    ids=["no such program", "not its configuration", "another unlocated", "another there", "port"],
)
def test_where_it_may_be_another_nothing_is_assumed(
    others: tuple[Peer, ...], at: OwnHost, configured: tuple[str, ...]
) -> None:
    assert placed(peer("sd1"), *others, at=at, configured=configured)["sd1"].addresses == set()


def test_one_that_is_known_elsewhere_is_not_there() -> None:
    assert placed(peer("sd1", THERE), at=host(SD))["sd1"].addresses == {THERE}


def test_others_elsewhere_and_any_other_do_not_matter() -> None:
    anybody = Peer(SD, "", generic=True)
    found = placed(peer("sd1"), peer("sd2", THERE), anybody, at=host(SD, listens=(9103,)))
    assert found["sd1"].assumed
    assert found[""].addresses == set(), "any storage daemon is at no address"


@pytest.mark.parametrize("role", [Role.CONSOLE, Role.TRAY_MONITOR])
def test_consoles_and_monitors_are_nowhere(role: Role) -> None:
    """bareos.md §1.1, §1.8: they dial from anywhere, so another's may be at the same address."""
    assert placed(peer("sd1", role=role), at=host(role))["sd1"].addresses == set()


def test_expectations_have_the_same_ends() -> None:
    one, other = peer("sd1"), peer("sd2", THERE)
    site = site_with(
        [one, other],
        [expectation_of("8", one, other, 9103), expectation_of("8", other, one, 9103)],
        configured=frozenset({(SD, "sd1")}),
    )
    first, second = at_host(site, host(SD)).expectations
    assert first.initiator.addresses == second.acceptor.addresses == {HERE, ALSO}
    assert first.acceptor is second.initiator is other


def test_a_site_of_which_nothing_is_there_is_the_same_object() -> None:
    site: Site = site_with([peer("sd1", THERE)], [])
    assert at_host(site, host(SD)) is site
