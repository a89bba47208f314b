"""Rules for nftables, as the real program and the kernel take them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from firewalls import HOSTILE, answers, of_two, read, recorded, rules, tried
from netns import join, listening, namespaces
from scene import FD1, SD1
from site_of import site_of

from auditor.report.firewall.syntax import Syntax

CHECK = ("nft", "-c", "-f", "-")
LOAD = ("nft", "-f", "-")


def test_nft_takes_the_rules_of_every_recording_and_of_each_of_its_hosts() -> None:
    with namespaces(1) as (inside,):
        for config in recorded():
            site = read(config)
            hosts = {str(peer) for peer in site.peers if not peer.generic}
            # One file of many tables: a process each would take longer than all else.
            text = "".join(rules(site, Syntax.NFT, host) for host in ("", *sorted(hosts)))
            assert tried(inside, CHECK, text) == "", config


@pytest.mark.parametrize("more", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_inert(more: str, tmp_path: Path) -> None:
    site = of_two(tmp_path, hostile=more)
    plain = of_two(tmp_path)
    for host in ("", "10.77.0.1"):
        text = rules(site, Syntax.NFT, host)
        assert _code(text) == _code(rules(plain, Syntax.NFT, host))
        with namespaces(1) as (inside,):
            assert tried(inside, LOAD, text) == ""
            listed = inside.run("nft", "list", "ruleset")
            assert tried(inside, LOAD, listed) == "", "what the kernel has can be loaded again"
        assert re.findall("^table", listed, re.M) == ["table"]
        kept = re.findall('comment "(.*)"', text)
        assert kept
        assert max(len(one.encode()) for one in kept) < 128
        assert all(line.isprintable() for line in text.replace("\t", "").splitlines())


def _code(text: str) -> list[str]:
    """Return the lines without comments of either kind."""
    lines = (re.sub('comment ".*",', "", line).strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def test_each_line_says_its_number_and_the_file_that_calls_for_it(tmp_path: Path) -> None:
    text = rules(site_of(tmp_path), Syntax.NFT, "sd1")
    element = next(line for line in text.splitlines() if line.strip().startswith(f"{FD1} . 9103"))
    assert 'comment "6 fd1 > sd1 ' in element
    assert re.search(r"bareos-dir.conf:\d+\"", element)
    above = text.splitlines()[text.splitlines().index(element) - 1].strip()
    assert above.startswith("# 6: file daemon fd1 -> storage daemon sd1 (")
    assert f"{SD1} . 9103" not in text, "its own address does not matter"


def test_what_has_no_address_can_be_filled_in(tmp_path: Path) -> None:
    text = rules(of_two(tmp_path), Syntax.NFT, "dir")
    assert "# left out: console admin may be started on any machine; give it in a site" in text
    with namespaces(1) as (inside,):
        for version, address in ((4, "10.77.0.2"), (6, "fd77::2")):
            line = f"# add element inet bareos_audit inbound_ipv{version} {{ SOURCE . 9101 }}"
            assert line in text
            filled = text.replace(line, line[2:].replace("SOURCE", address))
            assert tried(inside, LOAD, filled) == ""
            assert f"{address} . 9101" in inside.run("nft", "list", "ruleset")


# ---------------------------------------------------------------- what the kernel does with them


def test_the_kernel_lets_in_who_is_expected_and_refuses_others(tmp_path: Path) -> None:
    with namespaces(2) as (director, storage):
        join(director, storage)
        # The same machine at addresses that nobody expects.
        director.run("ip", "addr", "add", "10.77.0.66/24", "dev", "wire0")
        director.run("ip", "addr", "add", "fd77::66/64", "dev", "wire0", "nodad")
        with listening(storage, 9103, 22):
            kept = answers(director, "10.77.0.2", 9103, "10.77.0.66")
            assert kept, "without rules everybody gets in"
            assert tried(storage, LOAD, rules(of_two(tmp_path), Syntax.NFT, "sd1")) == ""
            for address, expected, other in (
                ("10.77.0.2", "10.77.0.1", "10.77.0.66"),
                ("fd77::2", "fd77::1", "fd77::66"),
            ):
                assert answers(director, address, 9103, expected)
                assert not answers(director, address, 9103, other)
                assert answers(director, address, 22, other), "other ports are nobody's business"
                assert answers(storage, address, 9103), "the host itself"


def test_the_kernel_lets_out_what_the_host_is_to_dial(tmp_path: Path) -> None:
    site = of_two(tmp_path)
    with namespaces(2) as (director, storage):
        join(director, storage)
        with listening(storage, 9103), listening(director, 9101):
            assert tried(director, LOAD, rules(site, Syntax.NFT, "dir")) == ""
            for address, back in (("10.77.0.2", "10.77.0.1"), ("fd77::2", "fd77::1")):
                assert answers(director, address, 9103)
                assert not answers(storage, back, 9101), "no 4 is called for"
            assert tried(storage, LOAD, rules(site, Syntax.NFT, "sd1")) == ""
            assert not answers(storage, "10.77.0.1", 9101), "nor let out"
            counted = storage.run("nft", "list", "chain", "inet", "bareos_audit", "outbound")
            assert re.search("closed_ipv4 counter packets [1-9]", counted)


def test_a_router_forwards_what_is_expected(tmp_path: Path) -> None:
    with namespaces(3) as (director, router, storage):
        join(director, router, "left", addresses=False)
        join(router, storage, "right", addresses=False)
        for side, wire, own, other in (
            (director, "left", "10.77.0.1", "10.77.0.2"),
            (storage, "right", "10.77.0.2", "10.77.0.1"),
        ):
            side.run("ip", "addr", "add", own, "dev", wire)
            side.run("ip", "route", "add", "10.77.0.254", "dev", wire)
            side.run("ip", "route", "add", other, "via", "10.77.0.254")
            router.run("ip", "addr", "add", "10.77.0.254/32", "dev", wire)
            router.run("ip", "route", "add", own, "dev", wire)
        router.sysctl("net/ipv4/ip_forward", 1)
        director.run("ip", "addr", "add", "10.77.0.66", "dev", "left")
        storage.run("ip", "route", "add", "10.77.0.66", "via", "10.77.0.254")
        router.run("ip", "route", "add", "10.77.0.66", "dev", "left")
        assert tried(router, LOAD, rules(of_two(tmp_path), Syntax.NFT)) == ""
        with listening(storage, 9103):
            assert answers(director, "10.77.0.2", 9103, "10.77.0.1")
            assert not answers(director, "10.77.0.2", 9103, "10.77.0.66")
