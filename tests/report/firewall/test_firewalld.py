"""Rules for firewalld, as its own library takes them."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest
from firewalls import HOSTILE, of_two, read, recorded, rules

from auditor.report.firewall.syntax import Syntax

#: The system's Python has firewalld's library. Policies and rich rules of its permanent
#: configuration are checked so before they are stored.
JUDGE = """
import json, sys
from firewall.core.rich import Rich_Rule
for rule in json.load(sys.stdin):
    Rich_Rule(rule_str=rule).check()
"""


def commands(script: str) -> list[list[str]]:
    """Return the commands of a script as words, as a shell would read them."""
    return list(filter(None, (shlex.split(line, comments=True) for line in script.splitlines())))


def rich(script: str) -> list[str]:
    """Return its rich rules."""
    found = [words for words in commands(script) if "--add-rich-rule" in words]
    assert all(words[:3] == ["firewall-cmd", "--permanent", "--policy"] for words in found)
    return [words[-1] for words in found]


def judged(text: list[str]) -> str:
    """Return what firewalld's library has against rich rules."""
    done = subprocess.run(
        ["/usr/bin/python3", "-c", JUDGE],
        input=json.dumps(text),
        check=False,
        capture_output=True,
        text=True,
    )
    return done.stderr


def test_firewalld_takes_the_rules_of_every_recording() -> None:
    found: dict[str, None] = {}
    for config in recorded():
        site = read(config)
        host = next(str(peer) for peer in site.peers if not peer.generic)
        for text in (rules(site, Syntax.FIREWALLD), rules(site, Syntax.FIREWALLD, host)):
            found |= dict.fromkeys(rich(text))
    assert len(found) > 50
    assert judged([*found]) == ""
    assert "INVALID_ADDR" in judged([next(iter(found)).replace("10.", "x.")])


@pytest.mark.parametrize("host", ["", "sd1"])
def test_a_policy_a_direction_is_made_anew(host: str, tmp_path: Path) -> None:
    script = rules(of_two(tmp_path), Syntax.FIREWALLD, host)
    subprocess.run(["/bin/sh", "-n"], input=script, check=True, text=True)
    zones = [
        w[3:] for w in commands(script) if w[-2] in {"--add-ingress-zone", "--add-egress-zone"}
    ]
    policies = {"": ["bareos-forward"], "sd1": ["bareos-inbound", "bareos-outbound"]}[host]
    assert [words[0] for words in zones] == [name for name in policies for _ in range(2)]
    made = [words[-1] for words in commands(script) if "--new-policy" in words]
    assert made == policies
    assert commands(script)[-1] == ["firewall-cmd", "--reload"]


def test_both_versions_are_opened_and_the_rest_is_refused_last(tmp_path: Path) -> None:
    found = rich(rules(of_two(tmp_path), Syntax.FIREWALLD, "sd1"))
    port = 'port port="9103" protocol="tcp"'
    assert found[:2] == [
        f'rule family="ipv4" source address="10.77.0.1" {port} accept',
        f'rule family="ipv6" source address="fd77::1" {port} accept',
    ]
    last = 'rule priority="32000" family="ipv{}" {} reject type="tcp-reset"'
    assert found[2:4] == [last.format(version, port) for version in (4, 6)]


@pytest.mark.parametrize("more", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_inert(more: str, tmp_path: Path) -> None:
    for host in ("", "10.77.0.1"):
        plain = rules(of_two(tmp_path), Syntax.FIREWALLD, host)
        text = rules(of_two(tmp_path, hostile=more), Syntax.FIREWALLD, host)
        assert _code(text) == _code(plain)


def _code(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_what_has_no_address_can_be_filled_in(tmp_path: Path) -> None:
    text = rules(of_two(tmp_path), Syntax.FIREWALLD, "dir")
    lines = [line[2:] for line in text.splitlines() if 'source address="SOURCE"' in line]
    filled = zip(dict.fromkeys(lines), ("10.0.0.9", "fd00::9"), strict=True)
    assert judged(rich("\n".join(line.replace("SOURCE", one) for line, one in filled))) == ""
