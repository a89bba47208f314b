"""nftables: one table, with a chain a direction and a set of what it lets through."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.judge.openings_seen import Seen
from auditor.report.firewall import comments
from auditor.site.openings.opening import Chain, Closed, Direction, Gap, Openings, family

_TABLE = "inet bareos_audit"
BEGIN = ("#!/usr/sbin/nft -f",)
USAGE = (
    "",
    "nft -c -f FILE tries it, nft -f FILE loads it in place of an earlier one and touches no other",
    f"table, nft delete table {_TABLE} takes it away. What is accepted here can still be refused",
    "by another table of the same host: its chain needs these rules too.",
)
_HOOKS = {Direction.INBOUND: "input", Direction.OUTBOUND: "output", Direction.FORWARD: "forward"}
_LOOPBACK = {Direction.INBOUND: "iif", Direction.OUTBOUND: "oif"}
_TYPES = {4: "ipv4_addr", 6: "ipv6_addr"}
_HEADERS = {4: "ip", 6: "ip6"}


def rules(openings: Openings, seen: Seen | None) -> Iterator[str]:
    """Yield the table, a line each, and after it what may be added."""
    yield f"table {_TABLE}"
    yield f"delete table {_TABLE}"
    yield f"table {_TABLE} {{"
    for chain in openings.chains:
        for version in _TYPES:
            yield from _set(chain, version, seen)
        yield from _closed_sets(chain)
    for chain in openings.chains:
        yield from _chain(chain)
    yield "}"
    for chain in openings.chains:
        for gap in chain.gaps:
            yield from _gap(chain.direction, gap)


def _set(chain: Chain, version: int, seen: Seen | None) -> Iterator[str]:
    """Yield the set of what one chain lets through of one IP version."""
    types = [_TYPES[version] for side in _sides(chain.direction) if side]
    found = [one for one in chain.openings if one.family == version]
    yield f"\tset {chain.direction}_ipv{version} {{"
    yield f"\t\ttype {' . '.join([*types, 'inet_service'])}"
    if found:
        yield "\t\telements = {"
        for one in found:
            told = comments.opening_lines(one, chain.direction, seen)
            yield from comments.commented(told, "\t\t\t")
            kept = comments.kept_by_kernel(one)
            yield f'\t\t\t{_element(one.source, one.address, one.port)} comment "{kept}",'
        yield "\t\t}"
    yield "\t}"


def _sides(direction: Direction) -> tuple[str, str]:
    """Return which addresses a rule looks at."""
    source = "saddr" if direction is not Direction.OUTBOUND else ""
    return source, "daddr" if direction is not Direction.INBOUND else ""


def _element(source: str | None, address: str | None, port: int) -> str:
    known = ("SOURCE" if source is None else source, "ADDRESS" if address is None else address)
    return " . ".join([*filter(None, known), str(port)])


def _closed_sets(chain: Chain) -> Iterator[str]:
    for version, found in _closed_by_version(chain).items():
        yield f"\tset {chain.direction}_closed_ipv{version} {{"
        yield f"\t\ttype {_TYPES[version]} . inet_service"
        yield "\t\telements = {"
        yield from (f"\t\t\t{one.address} . {one.port}," for one in found)
        yield "\t\t}"
        yield "\t}"


def _closed_by_version(chain: Chain) -> dict[int, list[Closed]]:
    found: dict[int, list[Closed]] = {}
    for one in chain.closed:
        if one.address:
            found.setdefault(family(one.address), []).append(one)
    return found


def _chain(chain: Chain) -> Iterator[str]:
    direction = chain.direction
    yield f"\tchain {direction} {{"
    yield f"\t\ttype filter hook {_HOOKS[direction]} priority filter; policy accept;"
    if direction in _LOOPBACK:
        yield f"\t\t{_LOOPBACK[direction]} lo accept"
    yield "\t\tct state established,related accept"
    for version, header in _HEADERS.items():
        fields = [f"{header} {side}" for side in _sides(direction) if side]
        looked = " . ".join([*fields, "tcp dport"])
        yield f"\t\t{looked} @{direction}_ipv{version} counter accept"
    refuse = "counter reject with tcp reset"
    anywhere = [str(one.port) for one in chain.closed if not one.address]
    if anywhere:
        yield f"\t\ttcp dport {{ {', '.join(anywhere)} }} {refuse}"
    for version in _closed_by_version(chain):
        closed = f"@{direction}_closed_ipv{version}"
        yield f"\t\t{_HEADERS[version]} daddr . tcp dport {closed} {refuse}"
    yield "\t}"


def _gap(direction: Direction, gap: Gap) -> Iterator[str]:
    element = _element(gap.source, gap.address, gap.port)
    lines = [
        f"add element {_TABLE} {direction}_ipv{version} {{ {element} }}"
        for version in comments.families(gap.source, gap.address)
    ]
    yield from comments.commented([*comments.missing(gap), *lines])
