"""Every syntax opens and closes the same."""

from __future__ import annotations

import re

import pytest
from firewalls import read, rules
from paths import CAPTURES

from auditor.report.firewall.syntax import Syntax

_ADDRESS = re.compile(r"10\.[0-9.]+[0-9]")


def opened(line: str, syntax: Syntax) -> tuple[str, ...] | None:
    """Return the addresses of a line that lets something through, and its port."""
    lets = {Syntax.NFT: ' comment "', Syntax.IPTABLES: "-j ACCEPT", Syntax.FIREWALLD: " accept'"}
    port = re.search(r"\b(9[0-9]{3}|5432)\b", line)
    if line.lstrip().startswith("#") or lets[syntax] not in line or port is None:
        return None
    return (*_ADDRESS.findall(line), port[1])


@pytest.mark.parametrize("host", ["", "sd1", "bareos-dir", "fd3"])
def test_every_syntax_opens_the_same(host: str) -> None:
    site = read(CAPTURES / "modes" / "config")
    found = {
        syntax: [opened(line, syntax) for line in rules(site, syntax, host).splitlines()]
        for syntax in Syntax
    }
    lists = [list(filter(None, lines)) for lines in found.values()]
    assert lists[0]
    assert all(one == lists[0] for one in lists)


@pytest.mark.parametrize("syntax", Syntax)
def test_every_line_ends_and_the_first_is_its_interpreter(syntax: Syntax) -> None:
    text = rules(read(CAPTURES / "modes" / "config"), syntax)
    assert text.endswith("\n")
    beginnings = {Syntax.NFT: "#!/usr/sbin/nft -f\n", Syntax.FIREWALLD: "#!/bin/sh\n"}
    assert text.startswith(beginnings.get(syntax, "# Least-privilege rules for "))
    assert text == rules(read(CAPTURES / "modes" / "config"), syntax), "the same for the same"
