"""What stands before and after firewall rules: what they are for, what they lack, what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.judge.openings_seen import Cut, Seen
from auditor.report.firewall.comments import numbers
from auditor.report.told.words import count
from auditor.site.openings.opening import Direction, Openings
from auditor.text.endpoint_text import endpoint_to_text
from auditor.text.listing import first_of
from auditor.version import __version__

#: What one list names: settings, daemons of a host, and what is missing.
_MOST = 8
#: Lines on traffic without a rule; a scan has thousands of them.
_MOST_CUT = 200


def preface(openings: Openings, seen: Seen | None, given: Sequence[str]) -> Iterator[str]:
    """Yield what a reader has to know before the rules, a line each."""
    yield f"Least-privilege rules for {_scope(openings)}, made by bareos-audit {__version__}"
    yield f"from {first_of(given, _MOST) or 'a configuration'}: what it requires or allows."
    if openings.host:
        yield (
            "The host's own addresses do not matter: what comes in is for it, what goes out is its"
            " own."
        )
    else:
        yield "Addresses are those that are dialled, and what a router with NAT makes of them."
    yield from summary(openings, seen)
    if openings.local:
        stay = "stays" if len(openings.local) == 1 else "stay"
        yield f"{count(len(openings.local), 'connection')} {stay} on one machine, without a rule."
    yield (
        "Only the ports of Bareos' daemons are closed to others; that of a catalog's database is"
        " not, since other programs may use it."
    )
    yield from _silence(openings)


def _scope(openings: Openings) -> str:
    if not openings.host:
        return "a firewall between the hosts"
    shown = [
        f"{one} ({first_of(sorted(one.addresses), 2) or 'no address known'})"
        for one in openings.peers
    ]
    return f"the host of {first_of(shown, _MOST)}"


def summary(openings: Openings, seen: Seen | None = None) -> Iterator[str]:
    """Yield what the rules come to, and what they lack, a sentence each."""
    made = sum(len(chain.openings) for chain in openings.chains)
    used = "" if seen is None else f"; {len(seen.used)} used in {first_of(seen.captures, _MOST)}"
    yield f"{count(made, 'rule')} {'lets' if made == 1 else 'let'} connections through{used}."
    if seen is not None and seen.cut:
        closed = sum(one.closed for one in seen.cut)
        yield (
            f"Seen there without a rule: {closed} refused, {len(seen.cut) - closed} left alone; the"
            " list is at the end."
        )
    lacking: dict[tuple[str, str], set[str]] = {}
    for chain in openings.chains:
        for gap in chain.gaps:
            found = lacking.setdefault((gap.missing, gap.remedy), set())
            found.update(use.id for use in gap.uses)
    if lacking:
        number = len(set().union(*lacking.values()))
        yield f"{_connections(number)} left out, for want of a fact:"
    shown = list(lacking.items())
    for (what, remedy), uses in shown[:_MOST]:
        yield f"  {count(len(uses), 'connection')}: {what}; {remedy}."
    if len(shown) > _MOST:
        yield f"  … and {count(len(shown) - _MOST, 'more fact')}."


def _connections(number: int) -> str:
    return f"{count(number, 'connection')} {'is' if number == 1 else 'are'}"


def _silence(openings: Openings) -> Iterator[str]:
    """Yield which connections may be silent for hours, so that a firewall forgets them."""
    silent = openings.silent
    if not silent:
        return
    yield (
        f"Connections without a HeartbeatInterval are silent for {openings.idle} s and up to an"
        " eighth more. A firewall on the way that forgets silent connections earlier ends them:"
        " Linux after nf_conntrack_tcp_timeout_established (432000 s if nobody set it), many others"
        " after 3600 s. Set the interval, or their limit. Without one:"
    )
    listed = [
        f"  {numbers(found)}: {place or 'the system sets it'}" for place, found in silent.items()
    ]
    yield from listed[:_MOST]
    if len(listed) > _MOST:
        yield f"  … and {count(len(listed) - _MOST, 'more place')}"


def epilogue(seen: Seen | None) -> Iterator[str]:
    """Yield which of the traffic seen has no rule, and why, a line each."""
    if seen is None:
        return
    for closed, heading in (
        (True, "Seen, and refused by these rules:"),
        (False, "Seen, not opened by these rules, and not refused by them either:"),
    ):
        found = [one for one in seen.cut if one.closed is closed]
        if found:
            yield heading
        yield from (f"  {_cut(one)}" for one in found[:_MOST_CUT])
        if len(found) > _MOST_CUT:
            yield f"  … and {len(found) - _MOST_CUT} more"


def _cut(one: Cut) -> str:
    way = "" if one.direction is Direction.FORWARD else f"{one.direction} "
    times = count(one.attempts, "connection")
    ends = f"{one.source} -> {endpoint_to_text(one.address, one.port)}"
    return f"{way}{ends}, {times} ({first_of(one.flows, 3)}): {one.why}"
