"""The site file: every key, and a sentence for every mistake."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from scene import DIR, DIRECTOR, ELSEWHERE, FD1, SD1, Wire, audit, cleartext, edited, numbers
from site_of import row, site_of

from auditor.errors import SiteFileError
from auditor.site.site_file import Keepalive, SiteFile, read_site_file
from auditor.site.waivers import Waiver


def read(folder: Path, text: str) -> SiteFile:
    path = folder / "site.yaml"
    path.write_text(text)
    return read_site_file(path)


WHOLE = """
hosts:
  Backup1.Example.: [192.0.2.10, 2001:DB8::10]
  backup2: 192.0.2.11
daemons:
  director  bareos-dir: {addresses: [198.51.100.7]}
  file daemon fd3: {addresses: 203.0.113.9}
keepalive: {idle: 600, interval: 60}
same_network: [[VLAN 10, no VLAN, VLAN 10], [VLAN 7 VNI 5001, network 0x8a31]]
waivers:
  - {rule: cleartext-connection, daemon: fd9, until: 2027-03-31, reason: "old printer server"}
  - {rule: heartbeat-unset, until: 2027-03-31, reason: all}
"""


def test_every_key_is_read(tmp_path: Path) -> None:
    day = dt.date(2027, 3, 31)
    assert read(tmp_path, WHOLE) == SiteFile(
        hosts={
            "backup1.example": frozenset({"192.0.2.10", "2001:db8::10"}),
            "backup2": frozenset({"192.0.2.11"}),
        },
        daemons={
            "director bareos-dir": frozenset({"198.51.100.7"}),
            "file daemon fd3": frozenset({"203.0.113.9"}),
        },
        keepalive=Keepalive(600, 60),
        same_network=(("VLAN 10", "no VLAN"), ("VLAN 7 VNI 5001", "network 0x8a31")),
        waivers=(
            Waiver("cleartext-connection", "fd9", day, "old printer server"),
            Waiver("heartbeat-unset", "", day, "all"),
        ),
        path=str(tmp_path / "site.yaml"),
    )


@pytest.mark.parametrize(
    "text", ["", "{}", "hosts:\ndaemons:\nkeepalive:\nwaivers:\n", "keepalive: {idle: 7200}"]
)
def test_what_is_left_out_keeps_its_default(text: str, tmp_path: Path) -> None:
    found = read(tmp_path, text)
    assert (found.hosts, found.daemons, found.keepalive, found.waivers) == (
        {},
        {},
        Keepalive(7200, 75),
        (),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- a", "the file must be a mapping of names to values"),
        (
            "host: {}",
            "'host' in the file is not one of daemons, hosts, idle_limit, keepalive, same_network, "
            "waivers",
        ),
        ("hosts: [a]", "hosts must be a mapping"),
        ("hosts: {a: b}", "'b' of a is not an IP address"),
        ("hosts: {a: 5}", "a must be a list"),
        ("hosts: {a: [5]}", "a int of a is not an IP address"),
        ("hosts: {a: []}", "a has no address"),
        ("hosts: {a: }", "a has no address"),
        ("hosts: {5: 10.0.0.1}", "a host name must be text"),
        ("daemons: {fd3: {addresses: 10.0.0.1}}", "'fd3' must begin with one of director, file"),
        ("daemons: {director: {addresses: 10.0.0.1}}", "'director' must begin with one of"),
        ("daemons: {director d: 10.0.0.1}", "director d must be a mapping"),
        ("daemons: {director d: {address: 10.0.0.1}}", "'address' in director d is not one of"),
        ("daemons: {director d: {}}", "director d has no address"),
        ("keepalive: 600", "keepalive must be a mapping"),
        ("keepalive: {time: 600}", "'time' in keepalive is not one of idle, interval"),
        ("keepalive: {idle: 0}", "idle of keepalive must be 1 to 32767 whole seconds"),
        ("keepalive: {idle: 40000}", "idle of keepalive must be 1 to 32767 whole seconds"),
        ("keepalive: {idle: 10 min}", "idle of keepalive must be 1 to 32767 whole seconds"),
        ("keepalive: {idle: yes}", "idle of keepalive must be 1 to 32767 whole seconds"),
        ("keepalive: {interval: 7.5}", "interval of keepalive must be 1 to 32767 whole"),
        ("same_network: VLAN 10", "same_network must be a list"),
        ("same_network: [VLAN 10, VLAN 20]", "an entry of same_network must be a list"),
        ("same_network: [[VLAN 10, 20]]", "a int is no network as FLOWS calls them: write VLAN 10"),
        ("same_network: [[VLAN 10, VLAN 4096]]", "'VLAN 4096' is no network as FLOWS calls them"),
        ("same_network: [[VLAN 10, VLAN 10]]", "must name two networks or more"),
        ("waivers: {rule: a}", "waivers must be a list"),
        ("waivers: [a]", "a waiver must be a mapping"),
        ("waivers: [{rule: a, reason: b}]", "a waiver needs until, the last day it holds"),
        ("waivers: [{rule: a, reason: b, until: soon}]", "a waiver needs until"),
        ("waivers: [{rule: a, reason: b, until: 2027-03-31 10:00:00}]", "a waiver needs until"),
        ("waivers: [{reason: b, until: 2027-03-31}]", "a waiver needs one of rule, finding, "),
        ("waivers: [{rule: , reason: b, until: 2027-03-31}]", "rule of a waiver must be text"),
        ("waivers: [{connection: 13, reason: b, until: 2027-03-31}]", "must be one of 1, 2, 3, 4"),
        ("waivers: [{address: fd1, reason: b, until: 2027-03-31}]", "'fd1' of a waiver is not an"),
        ("waivers: [{address: [10.0.0.1], reason: b, until: 2027-03-31}]", "address of a waiver"),
        ("waivers: [{network: 10.1/33, reason: b, until: 2027-03-31}]", "is not a network such"),
        ("waivers: [{rule: a, until: 2027-03-31}]", "reason of a waiver must be text"),
        ("waivers: [{rule: a, reason: b, until: 2027-03-31, daemon: }]", "daemon of a waiver"),
        ("waivers: [{rule: a, reason: b, until: 2027-03-31, by: me}]", "'by' in a waiver is not"),
        ("hosts: {a: [[]]}", "a list of a is not an IP address"),
        ("hosts: {a: &a [*a]}", "aliases, nest too deeply"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SiteFileError) as refused:
        read(tmp_path, text)
    assert refused.value.file == str(tmp_path / "site.yaml")
    assert sentence in refused.value.message
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "key", ["hosts", "daemons", "keepalive", "idle_limit", "same_network", "waivers", "x"]
)
@pytest.mark.parametrize(
    "value",
    [
        *(
            '" "',
            "5",
            "1.5",
            "yes",
            "[]",
            "[1]",
            "[[a]]",
            "{}",
            "{a: 1}",
            "{a: [1]}",
            "{a: {b: c}}",
        ),
        *("{[a]: b}", "{1: x}", "2027-03-31", "[{}]", "[{rule: [a]}]", "{all: []}", "{4: {}}", "~"),
        *(
            "{director d: {addresses: [[]]}}",
            "{idle: 12:30}",
            "{idle: 1e9}",
            f"{{{'x' * 3000}: 1}}",
        ),
        *("[{rule: a, until: 2027-03-31, reason: ' '}]", f"{{a: {'9' * 400}}}"),
    ],
)
def test_whatever_stands_there_it_is_read_or_refused_in_a_sentence(
    key: str, value: str, tmp_path: Path
) -> None:
    try:
        read(tmp_path, f"{key}: {value}\n")
    except SiteFileError as error:
        assert len(str(error)) < 400 + len(str(tmp_path))


def test_networks_with_limits_are_bounded(tmp_path: Path) -> None:
    pairs = "".join(f"  10.{n >> 8}.{n & 255}.0/24 10.255.0.0/16: 60m\n" for n in range(1001))
    with pytest.raises(SiteFileError, match="more than 1000 entries"):
        read(tmp_path, f"idle_limit:\n{pairs}")


def test_a_file_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SiteFileError, match=r"site\.yaml:2: "):
        read(tmp_path, "hosts: {}\n}\n")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteFileError, match="cannot be read: No such file"):
        read_site_file(tmp_path / "nothing.yaml")


# ------------------------------------------------------------------ what it does


def test_a_daemon_has_further_addresses(tmp_path: Path) -> None:
    site = site_of(tmp_path, site=f"daemons: {{file daemon fd1: {{addresses: {ELSEWHERE}}}}}")
    assert row(site, "6:fd1>sd1").initiator.addresses == {FD1, ELSEWHERE}


@pytest.mark.parametrize("name", ["sd1", "store"])
def test_a_storage_daemon_goes_by_its_own_name_or_the_directors(name: str, tmp_path: Path) -> None:
    site = site_of(
        tmp_path,
        site=f"daemons: {{storage daemon {name}: {{addresses: {ELSEWHERE}}}}}",
        dir=_renamed(),
    )
    assert ELSEWHERE in row(site, "5a:dir>sd1(store)").acceptor.addresses
    assert site.problems == ()


def _renamed() -> str:
    changed = edited("dir", "Storage { Name = sd1", "Storage { Name = store")
    return changed.replace("Storage = sd1", "Storage = store")


def test_a_daemon_that_no_configuration_has_becomes_a_problem(tmp_path: Path) -> None:
    site = site_of(tmp_path, site=f"daemons: {{file daemon fd9: {{addresses: {ELSEWHERE}}}}}")
    assert [problem.message for problem in site.problems] == [
        "the site file speaks of 'file daemon fd9', which no configuration has"
    ]


def test_an_address_behind_nat_makes_its_host_known(tmp_path: Path) -> None:
    tape = Wire().dial(ELSEWHERE, SD1, 9103)
    site = f"daemons: {{director dir: {{addresses: {ELSEWHERE}}}}}"
    assert numbers(audit(tmp_path, tape, site=site)) == ["5a"]


OPEN = cleartext("Director dir calling", "R_STORAGE::sd1", "R_DIRECTOR::dir")
WAIVER = "waivers: [{{rule: {}, daemon: {}, until: 2027-03-31, reason: known}}]"
RULE = "cleartext-though-tls-required"


@pytest.mark.parametrize(
    ("rule", "daemon", "day", "waived"),
    [
        (RULE, "sd1", dt.date(2027, 3, 31), True),
        (RULE, "dir", dt.date(2027, 1, 1), True),
        (RULE, "storage daemon sd1", dt.date(2027, 1, 1), True),
        (RULE, "sd1", dt.date(2027, 4, 1), False),
        (RULE, "sd2", dt.date(2027, 1, 1), False),
        ("cleartext-connection", "sd1", dt.date(2027, 1, 1), False),
    ],
)
def test_a_waiver_holds_for_its_rule_and_daemon_until_its_day(
    rule: str, daemon: str, day: dt.date, waived: bool, tmp_path: Path
) -> None:
    tape = Wire().dial(DIR, SD1, 9103, OPEN)
    result = audit(tmp_path, tape, site=WAIVER.format(rule, daemon), today=day)
    found = result.findings.query("rule == 'cleartext-though-tls-required'")
    assert list(found["verdict"]) == ["fail"]
    assert list(found["waived"]) == ["known" if waived else ""]
    assert result.verdict == ("pass" if waived else "fail")


def test_a_waiver_without_a_daemon_holds_for_all(tmp_path: Path) -> None:
    text = f"waivers: [{{rule: {RULE}, until: 2027-03-31, reason: known}}]"
    result = audit(
        tmp_path, Wire().dial(DIR, SD1, 9103, OPEN), site=text, today=dt.date(2027, 1, 1)
    )
    assert result.severity == ""


def test_a_waiver_of_a_rule_that_does_not_exist_becomes_a_problem(tmp_path: Path) -> None:
    text = "waivers: [{rule: clear-text, until: 2027-03-31, reason: known}]"
    result = audit(tmp_path, Wire().dial(DIR, SD1, 9103, DIRECTOR), site=text)
    assert result.problems == (
        f"{tmp_path / 'site.yaml'}:1: a waiver speaks of 'clear-text', which is no rule",
    )
