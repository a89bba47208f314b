"""What speaks against an address that is handed to another host (bareos.md §1.5, §7.9, §7.10)."""

from __future__ import annotations

import pytest

from auditor.judge.causes.handed_address import fault_of_address
from auditor.site.model import Peer, Role

FD = Peer(Role.FILE_DAEMON, "fd", frozenset({"203.0.112.9"}))
NEAR = Peer(Role.FILE_DAEMON, "fd", frozenset({"10.0.0.9"}))
SD = Peer(Role.STORAGE_DAEMON, "sd", frozenset({"10.0.0.20"}))


@pytest.mark.parametrize(
    ("address", "resolved", "dialler", "fault"),
    [
        ("localhost", ["127.0.0.1", "::1"], NEAR, "own host"),
        ("LocalHost.", [], NEAR, "own host"),
        ("localhost.localdomain", [], NEAR, "own host"),
        ("::1", ["::1"], NEAR, "own host"),
        ("127.3.2.1", ["127.3.2.1"], NEAR, "own host"),
        ("storage", ["10.0.0.20"], NEAR, "without a dot"),
        ("storage.example.com", [], NEAR, "does not resolve here"),
        ("10.0.0.20", ["10.0.0.20"], FD, "a private address"),
        ("fd00::20", ["fd00::20"], FD, "a private address"),
        ("storage.example.com", ["10.0.0.20"], FD, "a private address"),
        ("10.0.0.20", ["10.0.0.20"], NEAR, ""),
        ("2001:db8::20", ["2001:db8::20"], NEAR, ""),
        ("storage.example.com", ["198.51.99.4"], NEAR, ""),
        ("storage.example.com", ["10.0.0.20", "198.51.99.4"], FD, ""),
        ("", [], NEAR, ""),
    ],
)
def test_the_faults(address: str, resolved: list[str], dialler: Peer, fault: str) -> None:
    found = fault_of_address(address, resolved, dialler, SD)
    assert fault in found
    assert bool(found) is bool(fault)


def test_on_one_host_every_address_of_it_is_right() -> None:
    together = Peer(Role.FILE_DAEMON, "fd", SD.addresses)
    assert fault_of_address("localhost", ["127.0.0.1"], together, SD) == ""


def test_where_the_client_is_nobody_knows_whether_it_has_a_public_address() -> None:
    assert fault_of_address("10.0.0.20", ["10.0.0.20"], Peer(Role.FILE_DAEMON, "fd"), SD) == ""
