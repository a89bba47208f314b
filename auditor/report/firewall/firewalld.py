"""firewalld: a script of ``firewall-cmd`` that makes one policy a direction, with rich rules.

A policy is older than the zones of its traffic with a negative priority, and its rules with a
positive one come after those that accept (firewalld.policies(5), firewalld.richlanguage(5)).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.judge.openings_seen import Seen
from auditor.report.firewall import comments
from auditor.site.openings.opening import Chain, Closed, Direction, Gap, Openings, family

BEGIN = ("#!/bin/sh",)
USAGE = (
    "",
    "Run it as root with sh (firewalld 0.9 or newer). It makes its policies anew and touches no",
    "other; firewall-cmd --permanent --delete-policy NAME takes one away. What is established, and",
    "what goes over the loopback, firewalld accepts by itself.",
)
#: Zones that traffic comes from and goes to.
_ZONES = {
    Direction.INBOUND: ("ANY", "HOST"),
    Direction.OUTBOUND: ("HOST", "ANY"),
    Direction.FORWARD: ("ANY", "ANY"),
}
#: After every rule that accepts (-32768 to 32767).
_LAST = 32000


def rules(openings: Openings, seen: Seen | None) -> Iterator[str]:
    """Yield the script, a line each."""
    yield "set -eu"
    for chain in openings.chains:
        yield from _policy(chain, seen)
    yield "firewall-cmd --reload"


def _policy(chain: Chain, seen: Seen | None) -> Iterator[str]:
    name = f"bareos-{chain.direction}"
    ingress, egress = _ZONES[chain.direction]
    command = "firewall-cmd --permanent"
    yield f"{command} --delete-policy {name} >/dev/null 2>&1 || true"
    yield f"{command} --new-policy {name}"
    yield f"{command} --policy {name} --set-target CONTINUE"
    yield f"{command} --policy {name} --add-ingress-zone {ingress}"
    yield f"{command} --policy {name} --add-egress-zone {egress}"
    add = f"{command} --policy {name} --add-rich-rule"
    for one in chain.openings:
        yield from comments.commented(comments.opening_lines(one, chain.direction, seen))
        yield f"{add} '{_rule(one.family, one.source, one.address, one.port)} accept'"
    for gap in chain.gaps:
        yield from _gap(add, gap)
    for closed in chain.closed:
        for version in _versions(closed):
            rule = _rule(version, "", closed.address, closed.port, _LAST)
            yield f"{add} '{rule} reject type=\"tcp-reset\"'"


def _versions(closed: Closed) -> tuple[int, ...]:
    return (family(closed.address),) if closed.address else (4, 6)


def _rule(
    version: int, source: str | None, address: str | None, port: int, priority: int = 0
) -> str:
    words = ["rule"]
    if priority:
        words.append(f'priority="{priority}"')
    words.append(f'family="ipv{version}"')
    if source != "":
        words.append(f'source address="{source or "SOURCE"}"')
    if address != "":
        words.append(f'destination address="{address or "ADDRESS"}"')
    return " ".join([*words, f'port port="{port}" protocol="tcp"'])


def _gap(add: str, gap: Gap) -> Iterator[str]:
    yield from comments.commented(comments.missing(gap))
    for version in comments.families(gap.source, gap.address):
        yield f"# {add} '{_rule(version, gap.source, gap.address, gap.port)} accept'"
