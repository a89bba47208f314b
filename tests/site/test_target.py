"""What is dialled where nobody who dials is at hand: the port and address on which it listens."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import DIR, edited
from site_of import number, row, site_of

NOBODY_DIALS = {"con": None, "tray": None, "fd3": None}


@pytest.mark.parametrize(
    ("directive", "address", "port"),
    [
        ("Port = 9111", "", 9111),
        ("Address = 127.0.0.1", "127.0.0.1", 9101),
        ("Addresses = { ipv4 = { addr = 10.0.0.10; port = 9201 } }", DIR, 9201),
        ("Addresses = { ipv6 = { addr = fd00::10; port = 9201 } }", "fd00::10", 9201),
        ("Addresses = { ip = { addr = 0.0.0.0; port = 9301 } }", "", 9301),
    ],
)
@pytest.mark.parametrize("connection", ["1", "2", "4:fd3>dir", "9"])
def test_a_directors_own_port_and_address_count(
    connection: str, directive: str, address: str, port: int, tmp_path: Path
) -> None:
    changed = edited("dir", "Password = dirpw;", f"Password = dirpw; {directive};")
    site = site_of(tmp_path, dir=changed, **NOBODY_DIALS)
    found = row(site, connection) if ":" in connection else number(site, connection)
    assert (found.address, found.port) == (address, port)
    assert found.target.source is not None
    # It may be reached by another of its addresses, or through NAT: none is ruled out.
    assert found.addresses == frozenset()


def test_what_a_dialler_writes_counts_before_it(tmp_path: Path) -> None:
    changed = edited("dir", "Password = dirpw;", "Password = dirpw; Port = 9111;")
    assert row(site_of(tmp_path, dir=changed), "4:fd3>dir").port == 9101
