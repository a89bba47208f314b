"""What a firewall has to let through, for networks that differ in one thing each."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import DB, DIR, FD1, FD2, FD3, SD1, SD2, TRAY, edited
from site_of import site_of

from auditor.site.openings.opening import Chain, Direction, Openings
from auditor.site.openings.plan import plan_openings

#: Everybody in the scene dials and answers at one address.
NUMBERS = {
    (DIR, DB, 5432): {"12"},
    (DIR, SD1, 9103): {"5a", "5b"},
    (DIR, SD2, 9103): {"5a", "5b"},
    (DIR, FD1, 9102): {"3"},
    (DIR, FD2, 9102): {"3"},
    (FD3, DIR, 9101): {"4"},
    (FD1, SD1, 9103): {"6"},
    (FD1, SD2, 9103): {"6"},
    (FD3, SD1, 9103): {"6"},
    (FD3, SD2, 9103): {"6"},
    (SD1, FD2, 9102): {"7"},
    (SD2, FD2, 9102): {"7"},
    (SD1, SD2, 9103): {"8"},
    (SD2, SD1, 9103): {"8"},
}
#: The scene's Director does not write where it is.
HOSTS = f"daemons: {{director dir: {{addresses: [{DIR}]}}}}\n"


def planned(folder: Path, host: str = "", *, site: str = HOSTS, **changes: str | None) -> Openings:
    """Plan the scene's network, with changes."""
    return plan_openings(site_of(folder, site=site, **changes), host)


def opened(chain: Chain) -> dict[tuple[str, str, int], set[str]]:
    """Return the numbers of each opening."""
    return {
        (one.source, one.address, one.port): {use.connection for use in one.uses}
        for one in chain.openings
    }


def lacking(chain: Chain) -> dict[tuple[str | None, str | None, int], str]:
    """Return what is missing of each gap."""
    return {(one.source, one.address, one.port): one.missing for one in chain.gaps}


def test_what_is_allowed_is_opened_once_and_what_is_forbidden_never(tmp_path: Path) -> None:
    (chain,) = planned(tmp_path).chains
    assert chain.direction is Direction.FORWARD
    assert opened(chain) == NUMBERS
    # 3 to fd3, 4 of fd1, 6 of fd2, 7 to fd1 are forbidden.
    for pair in ((DIR, FD3, 9102), (FD1, DIR, 9101), (FD2, SD1, 9103), (SD1, FD1, 9102)):
        assert pair not in opened(chain)
    closed = {(one.address, one.port) for one in chain.closed}
    assert closed == {(a, p) for _, a, p in NUMBERS if p != 5432} | {(FD3, 9102)}


def test_who_may_be_anywhere_is_a_gap_and_no_wide_rule(tmp_path: Path) -> None:
    (chain,) = planned(tmp_path).chains
    assert all(source and address for source, address, _ in opened(chain))
    found = {gap.missing: gap.remedy for gap in chain.gaps}
    assert set(found) == {
        "console admin may be started on any machine",
        "console *UserAgent* may be started on any machine",
        "tray monitor bareos-mon may be started on any machine",
    }
    assert all(gap.source is None and gap.address for gap in chain.gaps)
    remedy = found["console admin may be started on any machine"]
    assert 'daemons: {"console admin": {addresses: [ADDRESS]}}' in remedy


def test_what_the_remedy_says_closes_the_gap(tmp_path: Path) -> None:
    (before,) = planned(tmp_path / "before").chains
    for number, gap in enumerate(before.gaps):
        entry = gap.remedy.partition("daemons: ")[2].replace("ADDRESS", TRAY)
        site = HOSTS.replace("}}\n", "}, ") + entry.removeprefix("{") + "\n"
        (after,) = planned(tmp_path / str(number), site=site).chains
        assert gap.missing not in {one.missing for one in after.gaps}
        assert (TRAY, gap.address, gap.port) in opened(after)


def test_a_director_that_writes_no_address_is_missing_and_named(tmp_path: Path) -> None:
    changes = dict.fromkeys(("fd3", "con", "tray"))
    (chain,) = planned(tmp_path, site="", **changes).chains
    assert not any(DIR in key for key in opened(chain))
    found = lacking(chain)
    assert found[None, FD2, 9102] == found[None, SD2, 9103] == found[None, DB, 5432]
    assert found[None, DB, 5432] == "the address of director dir is not known"
    assert found[FD3, None, 9101] == "the address of director dir is not known"
    # On its own host what it dials needs no source.
    outbound = planned(tmp_path / "own", "dir", site="", **changes).chains[1]
    assert ("", FD1, 9102) in opened(outbound)
    assert not outbound.gaps


@pytest.mark.parametrize("family", [4, 6])
def test_a_name_without_an_address_is_missing_until_it_has_one(tmp_path: Path, family: int) -> None:
    text = edited("dir", SD1, "sd1.example.com")
    tray = edited("tray", SD1, "sd1.example.com")
    address = SD1 if family == 4 else "2001:db8::20"
    (chain,) = planned(tmp_path / "without", dir=text, tray=tray).chains
    assert lacking(chain)[FD1, None, 9103].startswith("sd1.example.com, the address of storage da")
    remedy = next(gap.remedy for gap in chain.gaps if gap.source == FD1)
    assert "--hosts FILE" in remedy
    assert 'hosts: {"sd1.example.com": [ADDRESS]}' in remedy
    assert SD1 not in {address for _, address, _ in opened(chain)}
    site = site_of(
        tmp_path / "with", site=HOSTS, hosts=f"{address} sd1.example.com\n", dir=text, tray=tray
    )
    (chain,) = plan_openings(site).chains
    if family == 4:
        assert opened(chain) == NUMBERS
    else:
        found = lacking(chain)
        assert found[FD1, None, 9103].endswith("have no IP version in common")
        assert not any(":" in address for _, address, _ in opened(chain))


def test_each_version_meets_only_its_own(tmp_path: Path) -> None:
    hosts = f"{SD1} sd1.example.com\n2001:db8::20 sd1.example.com\n"
    both = f"[{DIR}, '2001:db8::10']"
    site = site_of(
        tmp_path,
        site=HOSTS.replace(f"[{DIR}]", both),
        hosts=hosts,
        dir=edited("dir", SD1, "sd1.example.com"),
        tray=edited("tray", SD1, "sd1.example.com"),
    )
    (chain,) = plan_openings(site).chains
    assert opened(chain) == NUMBERS | {("2001:db8::10", "2001:db8::20", 9103): {"5a", "5b"}}
    assert [one.family for one in chain.openings] == [4] * len(NUMBERS) + [6]


def test_a_source_address_is_the_only_source(tmp_path: Path) -> None:
    own = edited("fd1", "Name = fd1;", "Name = fd1; Source Address = 10.9.0.31;")
    found = {key[0] for key in opened(planned(tmp_path / "a", fd1=own).chains[0])}
    assert "10.9.0.31" in found
    assert FD1 not in found
    site = HOSTS.replace("}}\n", '}, "file daemon fd1": {addresses: [198.51.100.7]}}\n')
    found = {key[0] for key in opened(planned(tmp_path / "b", site=site, fd1=own).chains[0])}
    assert {"10.9.0.31", "198.51.100.7"} <= found
    assert FD1 not in found


def test_a_verify_job_dials_the_plain_address_too(tmp_path: Path) -> None:
    text = edited("dir", f"Address = {SD1}", f"Address = {SD1}; LanAddress = 10.5.0.20")
    text = text.replace(f"Address = {FD1}", f"Address = {FD1}; LanAddress = 10.5.0.31")
    found = {a for s, a, _ in opened(planned(tmp_path / "a", dir=text).chains[0]) if s == FD1}
    assert found == {"10.5.0.20", SD2}
    text += "Job { Name = look; JobDefs = defs; Type = Verify; Level = VolumeToCatalog }\n"
    found = {a for s, a, _ in opened(planned(tmp_path / "b", dir=text).chains[0]) if s == FD1}
    assert found == {"10.5.0.20", SD1, SD2}


def test_without_the_director_nobody_knows_who_dials_for_data(tmp_path: Path) -> None:
    files = {
        "fd/bareos-fd.conf": f"Client {{ Name = fd1; Address = {FD1} }}\n"
        f"Director {{ Name = dir; Password = a; Address = {DIR} }}\n",
        "sd/bareos-sd.conf": f"Storage {{ Name = sd1; Address = {SD1} }}\n"
        "Director { Name = dir; Password = b }\n"
        "Device { Name = d; Media Type = F; Archive Device = /a }\n",
    }
    (chain,) = plan_openings(site_of(tmp_path, files)).chains
    assert not {(FD1, SD1, 9103), (SD1, FD1, 9102)} & opened(chain).keys()
    for key in ((FD1, SD1, 9103), (SD1, FD1, 9102)):
        assert lacking(chain)[key].startswith("whether the client is passive")
    alone = {"fd/bareos-fd.conf": files["fd/bareos-fd.conf"]}
    (chain,) = plan_openings(site_of(tmp_path / "alone", alone)).chains
    assert (
        lacking(chain)[FD1, None, 9103] == "no configuration says which storage daemons there are"
    )


def test_a_host_has_what_it_dials_and_what_dials_it(tmp_path: Path) -> None:
    inbound, outbound = planned(tmp_path, "sd1").chains
    assert opened(inbound) == {
        (DIR, "", 9103): {"5a", "5b"},
        (FD1, "", 9103): {"6"},
        (FD3, "", 9103): {"6"},
        (SD2, "", 9103): {"8"},
    }
    assert [*inbound.closed] == [("", 9103)]
    assert opened(outbound) == {("", FD2, 9102): {"7"}, ("", SD2, 9103): {"8"}}
    assert (SD1, 9103) not in outbound.closed
    assert {(SD2, 9103), (DIR, 9101), (FD1, 9102)} <= {*outbound.closed}


def test_a_daemon_without_an_address_may_be_on_any_host(tmp_path: Path) -> None:
    """Director and Storage Daemon mostly share a host: what the one dials is closed to it else."""
    changes = dict.fromkeys(("fd3", "con", "tray"))
    inbound, outbound = planned(tmp_path / "a", "sd2", site="", **changes).chains
    assert (FD1, 9102) in outbound.closed
    found = lacking(outbound)
    assert found["", FD1, 9102] == (
        "the address of director dir is not known, so it may be on this host"
    )
    assert lacking(inbound)[None, "", 9103] == "the address of director dir is not known"
    assert {address for _, address, _ in found} == {FD1, FD2, SD1, DB}
    _, outbound = planned(tmp_path / "b", "sd2", **changes).chains
    assert not outbound.gaps


def test_a_router_may_forward_another_port_to_a_host(tmp_path: Path) -> None:
    text = edited("dir", f"Address = {SD1}", f"Address = {SD1}; Port = 19103")
    own = edited("sd1", "Name = sd1;", "Name = sd1; Port = 9203;")
    inbound, _ = planned(tmp_path / "in", "sd1", dir=text, sd1=own).chains
    assert {port for _, _, port in opened(inbound)} == {9203}
    assert [*inbound.closed] == [("", 9203)]
    _, outbound = planned(tmp_path / "out", "fd1", dir=text, sd1=own).chains
    assert ("", SD1, 19103) in opened(outbound)
    assert {(SD1, 9203), (SD1, 19103)} <= {*outbound.closed}


def test_what_stays_on_a_machine_needs_no_rule(tmp_path: Path) -> None:
    text = edited("dir", SD1, DIR).replace(DB, "localhost")
    plan = planned(tmp_path, dir=text, tray=edited("tray", SD1, DIR), con=edited("con", DIR, "::1"))
    local = {row.connection for row in plan.local if row.permission.value != "forbidden"}
    assert local == {"2", "5a", "5b", "12"}
    (chain,) = plan.chains
    assert not {(DIR, DIR, 9103), (DIR, "127.0.0.1", 5432)} & opened(chain).keys()
    assert (FD1, DIR, 9103) in opened(chain)
    # One host of both: the Director's connections are not cut by the rules of the Storage Daemon.
    plan = planned(tmp_path / "host", "sd1", dir=text, tray=edited("tray", SD1, DIR))
    assert {str(peer) for peer in plan.peers} >= {"director dir", "storage daemon sd1"}
    inbound, outbound = plan.chains
    assert {port for _, port in inbound.closed} == {9101, 9103}
    assert ("", FD1, 9102) in opened(outbound)


def test_hosts_behind_one_address_are_not_one_host(tmp_path: Path) -> None:
    outer = "198.51.100.1"
    text = edited("dir", f"Address = {SD1}", f"Address = {outer}; LanAddress = {SD1}")
    text = text.replace(f"Address = {FD1}", f"Address = {outer}; LanAddress = {FD1}")
    tray = edited("tray", SD1, outer).replace(FD1, outer)
    (chain,) = planned(tmp_path, dir=text, tray=tray).chains
    assert {(FD1, SD1, 9103), (DIR, outer, 9103), (DIR, outer, 9102)} <= opened(chain).keys()
    plan = planned(tmp_path / "host", "fd1", dir=text, tray=tray)
    assert [str(peer) for peer in plan.peers] == ["file daemon fd1"]


def test_a_router_with_nat_sees_what_it_made_of_the_dialled_address(tmp_path: Path) -> None:
    outer = "198.51.100.20"
    text = edited("dir", f"Address = {SD1}", f"Address = {outer}; LanAddress = {SD1}")
    text = text.replace(f"Address = {FD1}", f"Address = 198.51.100.31; LanAddress = {FD1}")
    tray = edited("tray", SD1, outer).replace(FD1, "198.51.100.31")
    (chain,) = planned(tmp_path / "a", dir=text, tray=tray).chains
    found = {(one.source, one.address, one.port): one.translated for one in chain.openings}
    assert found[DIR, outer, 9103] is False
    assert found[DIR, SD1, 9103] is found[FD3, SD1, 9103] is True
    # A pair in one LAN dials the inner address, of which no router makes the outer one.
    assert found[FD1, SD1, 9103] is False
    assert (FD1, outer, 9103) not in found
    # What the site file adds is the outer one mostly, and addresses of one LAN are no NAT.
    site = HOSTS.replace("}}\n", f"}}, storage daemon sd1: {{addresses: [{outer}]}}}}\n")
    (chain,) = planned(tmp_path / "b", site=site).chains
    assert {address for _, address, _ in opened(chain)} == {address for _, address, _ in NUMBERS}
    near = edited("dir", f"Address = {SD1}", f"Address = {SD1}; LanAddress = 10.0.7.20")
    (chain,) = planned(tmp_path / "c", dir=near).chains
    assert {address for _, address, _ in opened(chain)} == {address for _, address, _ in NUMBERS}
    # On the host itself its own addresses do not matter.
    for chain in planned(tmp_path / "d", "sd1", dir=text, tray=tray).chains:
        assert not any(one.translated for one in chain.openings)


def test_silence_is_named_with_the_line_that_ends_it(tmp_path: Path) -> None:
    plan = planned(tmp_path / "none", "fd1", fd1=edited("fd1", "; Heartbeat Interval = 30", ""))
    (place,) = plan.silent
    assert place.endswith("fd1/bareos-fd.conf:2")
    assert {use.connection for use in plan.silent[place]} == {"6"}
    assert planned(tmp_path / "set", "fd1").silent == {}
