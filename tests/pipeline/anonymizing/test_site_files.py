"""A hosts file and a site file with other names say the same of what stands for theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import SiteFileError
from auditor.pipeline.anonymizing.site_files import hosts_anew, site_file_anew
from auditor.pipeline.anonymizing.stand_ins import StandIns
from auditor.site.resolver import read_hosts
from auditor.site.site_file import SiteFile, read_site_file

STAND_INS = StandIns(b"a key")
HOSTS = "10.1.0.1 One.example one # secret\n2001:db8::1 one.example\n10.1.0.9 secret.example\n"
SITE = """
hosts:
  one.example.com: [203.0.113.7, 2001:db8::10]
  Two.example.com.: 203.0.113.8
daemons:
  file daemon my  fd: {addresses: [203.0.113.9]}
  director dir1: {addresses: 203.0.113.10}
keepalive: {idle: 600}
idle_limit:
  all: 60m
  4: aws-nat-gateway
  203.0.113.0/24, 10.2.0.0/16: never
  2001:db8::/32 - 10.3.0.0/16: 350s
same_network: [[VLAN 10, no VLAN, VLAN 7 VNI 5001]]
waivers:
  - {rule: cleartext-connection, daemon: fd9, until: 2027-03-31, reason: secret}
  - {rule: secret-rule, daemon: file daemon fd9, until: 2027-03-31, reason: secret}
  - {network: 203.0.113.77/24, connection: 10, until: 2027-06-30, reason: secret}
  - {address: 203.0.113.9, connection: 5a, until: 2027-06-30, reason: secret}
  - {finding: login-refused-0a08056218, until: 2027-01-31, reason: secret}
"""


def anew(folder: Path, text: str) -> tuple[SiteFile, SiteFile, str, int]:
    true, new = folder / "true.yaml", folder / "new.yaml"
    true.write_text(text)
    made, missing = site_file_anew(true, STAND_INS)
    new.write_text(made)
    return read_site_file(true), read_site_file(new), made, missing


def test_of_a_hosts_file_the_names_of_the_configuration_are_kept(tmp_path: Path) -> None:
    (tmp_path / "true").write_text(HOSTS)
    (tmp_path / "new").write_text(hosts_anew(tmp_path / "true", ["ONE.example."], STAND_INS))
    addresses = {STAND_INS.address(one) for one in ("10.1.0.1", "2001:db8::1")}
    assert read_hosts(tmp_path / "new") == {STAND_INS.host("one.example"): addresses}


def test_a_site_file_says_the_same_of_other_names(tmp_path: Path) -> None:
    true, new, text, missing = anew(tmp_path, SITE)
    address = STAND_INS.address
    assert new.hosts == {
        STAND_INS.host(name): frozenset(map(address, listed)) for name, listed in true.hosts.items()
    }
    assert new.daemons == {
        f"file daemon {STAND_INS.name('my fd')}": {address("203.0.113.9")},
        f"director {STAND_INS.name('dir1')}": {address("203.0.113.10")},
    }
    assert new.keepalive == true.keepalive
    assert new.same_network == true.same_network == (("VLAN 10", "no VLAN", "VLAN 7 VNI 5001"),)
    assert new.idle_limits.everywhere == true.idle_limits.everywhere
    assert new.idle_limits.by_connection == true.idle_limits.by_connection
    pairs = zip(new.idle_limits.between, true.idle_limits.between, strict=True)
    for one, other in pairs:
        assert one.limit == other.limit
        assert str(one.one) == STAND_INS.network(other.one)
        assert str(one.other) == STAND_INS.network(other.other)
    assert missing == 1
    for secret in ("secret", "203.0.113", "example", "fd9", "2001:db8"):
        assert secret not in text


def test_a_waiver_is_for_the_same_findings(tmp_path: Path) -> None:
    true, new, _, _ = anew(tmp_path, SITE)
    assert [(one.rule, one.connection, one.until) for one in new.waivers] == [
        (one.rule.replace("secret-rule", "left-out"), one.connection, one.until)
        for one in true.waivers[:-1]
    ]
    name = STAND_INS.name("fd9")
    assert [one.daemon for one in new.waivers] == [name, f"file daemon {name}", "", ""]
    assert new.waivers[3].address == STAND_INS.address("203.0.113.9")
    network = true.waivers[2].network
    assert network is not None
    assert str(new.waivers[2].network) == STAND_INS.network(network)


@pytest.mark.parametrize("text", ["", "idle_limit: 60m\n", "idle_limit: 350\n", "waivers: []\n"])
def test_a_short_site_file_stays_short(tmp_path: Path, text: str) -> None:
    true, new, _, missing = anew(tmp_path, text)
    assert (new.idle_limits, new.waivers, missing) == (true.idle_limits, true.waivers, 0)


def test_a_site_file_that_is_wrong_is_refused(tmp_path: Path) -> None:
    (tmp_path / "true").write_text("hosts: secret\n")
    with pytest.raises(SiteFileError):
        site_file_anew(tmp_path / "true", STAND_INS)
