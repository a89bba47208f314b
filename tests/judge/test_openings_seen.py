"""What captures say of openings: which were used, and which traffic has none, and why."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest
from paths import CAPTURES

import auditor
from auditor.judge.openings_seen import Seen, openings_seen
from auditor.site.openings.opening import Direction, Openings

CONSOLE, STRANGER = "10.77.0.40", "10.77.0.66"


@cache
def seen(recording: str, host: str = "") -> tuple[Openings, Seen]:
    """Return the openings of a recording's network, and what its capture says of them."""
    folder = CAPTURES / recording
    network = auditor.load_network(config=folder / "config", resolve=False)
    audit = auditor.audit(folder / "capture.pcap", network=network)
    openings = auditor.openings(host=host, network=network)
    return openings, openings_seen(openings, audit.tables["flows"], audit.tables["captures"])


def ends(found: Seen) -> set[tuple[str, str, int]]:
    """Return the ends of all that has no opening."""
    return {(one.source, one.address, one.port) for one in found.cut}


def test_a_healthy_network_uses_its_openings_and_only_consoles_have_none() -> None:
    openings, found = seen("modes")
    assert found.captures == (str(CAPTURES / "modes" / "capture.pcap"),)
    (chain,) = openings.chains
    keys = {(Direction.FORWARD, (one.source, one.address, one.port)) for one in chain.openings}
    assert found.used.keys() <= keys
    assert found.used[Direction.FORWARD, ("10.77.0.33", "10.77.0.10", 9101)] == 2
    assert {source for source, _, _ in ends(found)} == {CONSOLE, "10.77.0.41"}
    assert all("may be started on any machine" in one.why for one in found.cut)
    assert all(one.closed for one in found.cut)


def test_a_stranger_is_refused_where_a_daemon_listens() -> None:
    _, found = seen("trouble")
    refused = {one.address: one for one in found.cut if one.source == STRANGER and one.closed}
    assert set(refused) == {"10.77.0.20", "10.77.0.31", "10.77.0.10"}
    assert all("is no daemon" in one.why for one in refused.values())
    alone = {(one.address, one.port) for one in found.cut if not one.closed}
    assert alone == {("10.77.0.10", 9103), ("10.77.0.5", 5432)}


@pytest.mark.parametrize(
    ("host", "cut"), [("sd1", {STRANGER}), ("bareos-dir", {STRANGER, CONSOLE})]
)
def test_a_host_hears_only_of_itself(host: str, cut: set[str]) -> None:
    openings, found = seen("trouble", host)
    (address,) = openings.peers[0].addresses
    assert {one.source for one in found.cut} == cut
    assert {one.address for one in found.cut} == {address}
    assert {one.direction for one in found.cut} == {Direction.INBOUND}
    assert {direction for direction, _ in found.used} <= {Direction.INBOUND, Direction.OUTBOUND}


def test_what_the_configuration_forbids_is_named_with_its_line() -> None:
    _, found = seen("refusals")
    (one,) = (one for one in found.cut if one.port == 9101 and one.source == "10.77.0.33")
    assert one.why.startswith("the configuration forbids 4:fd3>bareos-dir (")
    assert "client/fd3.conf:" in one.why
    assert one.attempts >= len(one.flows) > 0


def test_an_attempt_that_nobody_answered_uses_no_opening() -> None:
    openings, found = seen("trouble")
    # The firewall of the recording drops the Director's SYNs to fd2.
    key = (Direction.FORWARD, ("10.77.0.10", "10.77.0.32", 9102))
    assert key not in found.used
    assert key[1] not in ends(found)
    assert len(found.used) < len(openings.chains[0].openings)


def test_a_host_that_moved_is_told_where_it_was_expected(tmp_path: Path) -> None:
    moved = shutil.copytree(CAPTURES / "modes" / "config", tmp_path / "config")
    for path in moved.rglob("*.conf"):
        path.write_text(path.read_text().replace("10.77.0.31", "10.77.0.99"))
    network = auditor.load_network(config=moved, resolve=False)
    audit = auditor.audit(CAPTURES / "modes" / "capture.pcap", network=network)
    openings = auditor.openings(network=network)
    found = openings_seen(openings, audit.tables["flows"], audit.tables["captures"])
    why = {one.why for one in found.cut if one.source == "10.77.0.31"}
    assert "6:fd1>sd1(store1) is opened only from 10.77.0.99 to 10.77.0.20:9103" in why


@pytest.mark.parametrize("side", ["wan", "lan"])
def test_both_sides_of_a_router_with_nat_are_let_through(side: str) -> None:
    folder = CAPTURES / "lan-nat-active"
    network = auditor.load_network(config=folder / "config", resolve=False)
    audit = auditor.audit(folder / side / "capture.pcap", network=network)
    openings = auditor.openings(network=network)
    found = openings_seen(openings, audit.tables["flows"], audit.tables["captures"])
    assert {one.source for one in found.cut} <= {"10.88.0.50"}, "the console"
    assert found.used
