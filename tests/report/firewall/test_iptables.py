"""Rules for iptables, as the real programs and the kernel take them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from firewalls import HOSTILE, answers, of_two, read, recorded, rules, tried
from netns import join, listening, namespaces

from auditor.report.firewall.syntax import Syntax

#: One file for both.
PROGRAMS = ("iptables-restore", "ip6tables-restore")


def test_both_programs_take_the_rules_of_every_recording() -> None:
    with namespaces(1) as (inside,):
        for config in recorded():
            site = read(config)
            host = next(str(peer) for peer in site.peers if not peer.generic)
            text = rules(site, Syntax.IPTABLES) + rules(site, Syntax.IPTABLES, host)
            for program in PROGRAMS:
                assert tried(inside, (program, "--test", "--noflush"), text) == "", config


@pytest.mark.parametrize("more", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_inert(more: str, tmp_path: Path) -> None:
    site, plain = of_two(tmp_path, hostile=more), of_two(tmp_path)
    for host in ("", "10.77.0.1"):
        text = rules(site, Syntax.IPTABLES, host)
        assert _code(text) == _code(rules(plain, Syntax.IPTABLES, host))
        assert max(len(line.encode()) for line in text.splitlines()) < 10_240
        with namespaces(1) as (inside,):
            for program in PROGRAMS:
                assert tried(inside, (program, "--noflush"), text) == ""


def _code(text: str) -> list[str]:
    """Return the lines without comments of either kind."""
    lines = (re.sub('--comment ".*" -j', "-j", line) for line in text.splitlines())
    return [line for line in lines if not line.startswith("#")]


def test_the_kernel_lets_in_who_is_expected_and_refuses_others(tmp_path: Path) -> None:
    text = rules(of_two(tmp_path), Syntax.IPTABLES, "sd1")
    with namespaces(2) as (director, storage):
        join(director, storage)
        director.run("ip", "addr", "add", "10.77.0.66/24", "dev", "wire0")
        director.run("ip", "addr", "add", "fd77::66/64", "dev", "wire0", "nodad")
        for program in PROGRAMS:
            # Whatever else is refused there: the chains come first, and nothing else is lost.
            drop = "*filter\n-A INPUT -p tcp -m tcp --dport 9103 -j DROP\nCOMMIT\n"
            assert tried(storage, (program, "--noflush"), drop) == ""
            for _ in range(2):
                assert tried(storage, (program, "--noflush"), text) == ""
        assert "--dport 9103 -j DROP" in storage.run("iptables-save")
        with listening(storage, 9103, 22):
            for address, expected, other in (
                ("10.77.0.2", "10.77.0.1", "10.77.0.66"),
                ("fd77::2", "fd77::1", "fd77::66"),
            ):
                assert answers(director, address, 9103, expected)
                assert not answers(director, address, 9103, other)
                assert answers(director, address, 22, other)


def test_what_has_no_address_can_be_filled_in(tmp_path: Path) -> None:
    text = rules(of_two(tmp_path), Syntax.IPTABLES, "dir")
    lines = list(dict.fromkeys(line for line in text.splitlines() if "SOURCE" in line))
    assert [line[:4] for line in lines] == ["# -4", "# -6"]
    for line, address, program in zip(lines, ("10.0.0.9", "fd00::9"), PROGRAMS, strict=True):
        filled = text.replace(line, line[2:].replace("SOURCE", address))
        with namespaces(1) as (inside,):
            assert tried(inside, (program, "--noflush"), filled) == ""
            assert f"-s {address}/" in inside.run(program.replace("restore", "save"))
