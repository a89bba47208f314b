"""Waivers: what each of them is for."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path
from typing import Any

import pytest

from auditor.site.site_file import read_site_file
from auditor.site.waivers import Accused, Waiver

DAY = dt.date(2027, 3, 31)
ONE = Accused(
    "login-refused",
    "login-refused-0a08056218",
    frozenset({"fd1", "file daemon fd1", "director dir", "dir"}),
    frozenset({"10.0.0.31", "2001:db8::10"}),
    frozenset({"3"}),
)


def waiver(**given: Any) -> Waiver:
    """Return a waiver with these selectors."""
    return Waiver(**{"rule": "", "daemon": "", "until": DAY, "reason": "known", **given})


@pytest.mark.parametrize(
    ("given", "covers"),
    [
        ({"rule": "login-refused"}, True),
        ({"rule": "login"}, False),
        ({"finding": "login-refused-0a08056218"}, True),
        ({"finding": "login-refused-0a08056219"}, False),
        ({"daemon": "fd1"}, True),
        ({"daemon": "director dir"}, True),
        ({"daemon": "fd"}, False),
        ({"address": "10.0.0.31"}, True),
        ({"address": "10.0.0.3"}, False),
        ({"network": ipaddress.ip_network("10.0.0.0/24")}, True),
        ({"network": ipaddress.ip_network("2001:db8::/32")}, True),
        ({"network": ipaddress.ip_network("10.0.1.0/24")}, False),
        ({"connection": "3"}, True),
        ({"connection": "4"}, False),
        ({"rule": "login-refused", "daemon": "fd1", "connection": "3"}, True),
        ({"rule": "login-refused", "daemon": "fd1", "connection": "4"}, False),
        ({"rule": "login-refused", "daemon": "fd2", "connection": "3"}, False),
        ({"rule": "other", "finding": "login-refused-0a08056218"}, False),
    ],
)
def test_everything_that_is_given_has_to_fit(given: dict[str, Any], covers: bool) -> None:
    assert waiver(**given).covers(ONE) is covers


def test_a_finding_without_addresses_is_in_no_network() -> None:
    one = ONE._replace(addresses=frozenset({"", "fd1.example.com"}))
    assert not waiver(network=ipaddress.ip_network("0.0.0.0/0")).covers(one)


def test_a_finding_s_id_names_its_rule() -> None:
    assert waiver(finding="login-refused-0a08056218").about == "login-refused"
    assert waiver(finding="whatever").about == "whatever"
    assert waiver(daemon="fd1").about == ""


def test_it_is_called_by_what_is_given() -> None:
    one = waiver(connection="5a", rule="r", network=ipaddress.ip_network("10.0.0.0/8"))
    assert str(one) == "rule r, network 10.0.0.0/8, connection 5a"


def test_every_selector_is_read(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    end = "until: 2027-03-31, reason: known}"
    path.write_text(
        "waivers:\n"
        f"- {{rule: r, {end}\n"
        f"- {{finding: ' r-0123456789 ', {end}\n"
        f"- {{daemon: fd1, {end}\n"
        f"- {{address: '2001:DB8::0010', {end}\n"
        f"- {{network: 10.1.2.3/16, {end}\n"
        f"- {{connection: 5a, {end}\n"
        f"- {{connection: 10, {end}\n"
    )
    assert read_site_file(path).waivers == (
        waiver(rule="r"),
        waiver(finding="r-0123456789"),
        waiver(daemon="fd1"),
        waiver(address="2001:db8::10"),
        waiver(network=ipaddress.ip_network("10.1.0.0/16")),
        waiver(connection="5a"),
        waiver(connection="10"),
    )
    assert [one.source for one in read_site_file(path).waivers] == [
        (str(path), line) for line in range(2, 9)
    ]
