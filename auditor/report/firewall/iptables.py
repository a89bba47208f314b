"""iptables: one file of chains of our own for both ``iptables-restore`` and ``ip6tables-restore``,
each of which passes over the lines of the other (iptables(8), ``-4`` and ``-6``)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.judge.openings_seen import Seen
from auditor.report.firewall import comments
from auditor.site.openings.opening import Chain, Closed, Direction, Gap, Openings, family

BEGIN = ()
USAGE = (
    "",
    "Load it with iptables-restore --noflush FILE and ip6tables-restore --noflush FILE; without",
    "--noflush every other rule of the table is lost. With --test nothing is loaded.",
)
_BUILT_IN = {
    Direction.INBOUND: "INPUT",
    Direction.OUTBOUND: "OUTPUT",
    Direction.FORWARD: "FORWARD",
}
_LOOPBACK = {Direction.INBOUND: "-i lo", Direction.OUTBOUND: "-o lo"}


def rules(openings: Openings, seen: Seen | None) -> Iterator[str]:
    """Yield the table, a line each."""
    yield "*filter"
    yield from (f":{_name(chain)} - [0:0]" for chain in openings.chains)
    for chain in openings.chains:
        yield f"-I {_BUILT_IN[chain.direction]} 1 -j {_name(chain)}"
        yield from _chain(chain, seen)
    yield "COMMIT"


def _name(chain: Chain) -> str:
    return f"BAREOS-AUDIT-{_BUILT_IN[chain.direction]}"


def _chain(chain: Chain, seen: Seen | None) -> Iterator[str]:
    add = f"-A {_name(chain)}"
    if chain.direction in _LOOPBACK:
        yield f"{add} {_LOOPBACK[chain.direction]} -j RETURN"
    yield f"{add} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    for one in chain.openings:
        yield from comments.commented(comments.opening_lines(one, chain.direction, seen))
        match = _match(one.source, one.address, one.port)
        kept = f'-m comment --comment "{comments.kept_by_kernel(one)}"'
        yield f"-{one.family} {add} {match} {kept} -j ACCEPT"
    for gap in chain.gaps:
        yield from _gap(add, gap)
    for closed in chain.closed:
        yield f"{_version(closed)}{add} {_match('', closed.address, closed.port)} -j {_REFUSE}"


_REFUSE = "REJECT --reject-with tcp-reset"


def _version(closed: Closed) -> str:
    return f"-{family(closed.address)} " if closed.address else ""


def _match(source: str | None, address: str | None, port: int) -> str:
    words = []
    if source != "":
        words.append(f"-s {source or 'SOURCE'}")
    if address != "":
        words.append(f"-d {address or 'ADDRESS'}")
    return " ".join([*words, f"-p tcp -m tcp --dport {port}"])


def _gap(add: str, gap: Gap) -> Iterator[str]:
    match = _match(gap.source, gap.address, gap.port)
    lines = [
        f"-{version} {add} {match} -j ACCEPT"
        for version in comments.families(gap.source, gap.address)
    ]
    yield from comments.commented([*comments.missing(gap), *lines])
