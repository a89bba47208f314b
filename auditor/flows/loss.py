"""Lost connections: one side sends, and the other is heard no more.

Two causes look alike from one place: a device on the way forgot the connection, or the peer is
gone. A host that is heard on another connection afterwards is not gone; where nothing is heard of
it, both causes are named. A capture that merely ends soon after shows nothing: giving up takes
repetitions, a RST, or a peer that is at work elsewhere.
"""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

from auditor.flows.flow import Flow, Outcome, Side
from auditor.flows.giving_up import GIVING_UP_PROBES, gave_up, heeds_rst, resets_when_due
from auditor.flows.hops import is_foreign_rst
from auditor.flows.hosts import Hosts
from auditor.flows.how_ended import Ender, Ending, HowEnded

#: The shortest idle limit (ns) that is believed of a device on the way. Shorter ones are unknown,
#: and a peer that is busy for a moment must not be taken for one.
SHORTEST_LIMIT = 5_000_000_000
#: With a peer that is at work elsewhere one repetition will do, if so long (ns) went by.
_FEW_SENDS, _PATIENCE = 2, 3_000_000_000
#: A RST within this (ns) answers what was sent.
_AT_ONCE = 3_000_000_000


class _Silenced(NamedTuple):
    """A side that was heard no more, while its peer sent the same again and again."""

    who: Ender
    silent: Side
    sender: Side
    first: int
    """Time (ns) of the first send that nobody answered."""
    last: int
    silence: int
    what: str
    gave_up: bool
    """So often, and for so long, that no capture merely ended too early."""
    sends: int
    """How often data were sent; 0: keepalive probes were."""
    repeated: bool
    """It was sent often enough if the silent side's host is at work elsewhere."""


def find_loss(flow: Flow, hosts: Hosts, end: int) -> HowEnded | None:
    """Return how a flow was lost; None: it was not, as far as packets tell.

    ``end`` is the time (ns) at which the capture ended.
    """
    if flow.outcome not in (Outcome.ESTABLISHED, Outcome.MIDSTREAM):
        return None
    if flow.one_sided or not hosts.sees_both(flow):
        return None
    for found in _silenced(flow, hosts):
        if _is_shut(found) or _is_heard(flow, found) or _may_be_answered(flow, found):
            continue
        lost = _answered_by_rst(found) or _answered_by_icmp(flow, found)
        lost = lost or _given_up(flow, found, hosts, end)
        if lost is not None:
            return lost
    return None


def _silenced(flow: Flow, hosts: Hosts) -> list[_Silenced]:
    """Return what each side sent in vain, the earliest first: a later silence is shorter.

    A side of which nothing was seen has been silent since before the capture.
    """
    lossy = hosts.may_have_lost(flow)
    found = [
        one
        for who, silent, sender in (
            (Ender.ACCEPTOR, flow.acceptor, flow.initiator),
            (Ender.INITIATOR, flow.initiator, flow.acceptor),
        )
        for one in (
            _unacknowledged(who, silent, sender),
            _unanswered(who, silent, sender, lossy),
        )
    ]
    known = [
        one._replace(silence=one.first - (hosts.since or one.first))
        if one.silent.spoke is None
        else one
        for one in found
        if one is not None
    ]
    return sorted(known, key=lambda one: one.first)


def _is_shut(found: _Silenced) -> bool:
    """Tell whether the silent side takes nothing, if it said so in what its peer heeded."""
    defied = found.sender.stall is not None and found.sender.stall.defied
    return found.silent.shut and not (found.sends and defied)


def _is_heard(flow: Flow, found: _Silenced) -> bool:
    """Tell whether the connection went on afterwards. Who repeats what he sent heard nothing; what
    is said in the name of the silent side shows nothing until somebody goes on by it."""
    if not found.sends:
        return flow.alive > found.first
    return not found.gave_up and _speaks(found) and not gave_up(found.silent.stall)


def _may_be_answered(flow: Flow, found: _Silenced) -> bool:
    """Tell whether the answers to probes may be what was left out for its timestamp. Who repeats
    data, or gives up by a RST, heard nothing."""
    return flow.clock_unclear and not found.sends and (found.sender.rst_last or 0) < found.last


def _speaks(found: _Silenced) -> bool:
    """Tell whether the silent side said anything afterwards; after a RST it has nothing to say."""
    spoke, reset = found.silent.spoke, found.silent.rst
    return spoke is not None and found.first < spoke and (reset is None or spoke <= reset)


def _unacknowledged(who: Ender, silent: Side, sender: Side) -> _Silenced | None:
    stall = sender.stall
    if stall is None:
        return None
    span = stall.last - stall.first
    often = f"{stall.sends} times in {seconds(span)}" if stall.sends > 1 else "once"
    heard = f"{silent.address} never acknowledged them"
    if stall.defied:
        heard = f"no acknowledgement of {silent.address} kept it from doing so"
    return _Silenced(
        who,
        silent,
        sender,
        stall.first,
        stall.last,
        stall.silence,
        f"{sender.address} sent the same bytes (from {stall.number} on) {often}, and {heard}",
        gave_up=gave_up(stall),
        sends=stall.sends,
        repeated=stall.sends >= _FEW_SENDS,
    )


def _unanswered(who: Ender, silent: Side, sender: Side, lossy: bool) -> _Silenced | None:
    """Keepalive probes to which no answer came; that a lossy capture lost none of them shows only
    the RST of the one who waited in vain."""
    waiting = list(takewhile(lambda probe: probe.answered is None, reversed(sender.probes)))
    if not waiting:
        return None
    first = waiting[-1]
    certain = not lossy or (sender.rst_last or 0) > waiting[0].time
    often = "a keepalive probe" if len(waiting) == 1 else f"{len(waiting)} keepalive probes"
    return _Silenced(
        who,
        silent,
        sender,
        first.time,
        waiting[0].time,
        first.silence,
        f"{sender.address} sent {often}, and {silent.address} never answered",
        gave_up=(len(waiting) >= GIVING_UP_PROBES and certain) or resets_when_due(sender),
        sends=0,
        repeated=False,
    )


def _answered_by_rst(found: _Silenced) -> HowEnded | None:
    """A RST in the name of the silent side, in answer to what ended a silence."""
    silent = found.silent
    if silent.fin is not None or found.silence < SHORTEST_LIMIT:
        return None
    within = found.first, found.last + _AT_ONCE
    resets = (time for time in (silent.rst, silent.rst_last) if time is not None)
    reset = next((time for time in resets if within[0] <= time <= within[1]), None)
    if reset is None:
        return None
    foreign = is_foreign_rst(silent)
    said = (
        f"{found.sender.address} sent after {seconds(found.silence)} of silence, and a RST came "
        f"{seconds(reset - found.first)} later in the name of {silent.address}, "
    )
    if foreign:
        said += f"with TTL {silent.rst_ttl} where that host's segments have {silent.ttl}"
    else:
        said += "from a device on the way that had forgotten the connection or, if it had "
        said += "restarted, from that host"
    return HowEnded(
        Ending.LOST,
        Ender.WAY if foreign else None,
        said,
        certain=foreign,
        silence=found.silence,
        unheard=silent.address,
    )


def _answered_by_icmp(flow: Flow, found: _Silenced) -> HowEnded | None:
    """An ICMP error in answer to what ended a silence, and the same was sent in vain again.

    TCP takes such an error for a passing trouble and goes on (RFC 1122 §4.2.3.9), and so do we
    until then.
    """
    error = flow.rejection
    if error is None or not found.repeated or not found.first <= error.time:
        return None
    said = f"{found.what}; they were answered by {error}"
    if found.silence:
        said += f", after {seconds(found.silence)} of silence"
    idle = found.silence >= SHORTEST_LIMIT
    return HowEnded(
        Ending.LOST if idle else Ending.REJECTED,
        Ender.WAY,
        said,
        silence=found.silence,
        unheard=found.silent.address,
    )


def _given_up(flow: Flow, found: _Silenced, hosts: Hosts, end: int) -> HowEnded | None:
    address = found.silent.address
    heard = hosts.heard_after(address, found.first, flow.index)
    vain = found.repeated and not heeds_rst(found.silent.rst, found.first, found.last)
    elsewhere = heard is not None and vain and end - found.first >= _PATIENCE
    if not (found.gave_up or elsewhere):
        return None
    said = found.what
    if found.silence:
        said += f", after {seconds(found.silence)} of silence"
    if gave_up(found.silent.stall):
        said += f"; {address} itself sends in vain, so both are alive"
        return HowEnded(Ending.LOST, Ender.WAY, said, silence=found.silence, unheard=address)
    if heard is None and _speaks(found):
        said += f", whatever else was sent in the name of {address}"
    elif heard is not None:
        said += f"; that host lived on and was heard {seconds(heard - found.first)} later"
    else:
        said += f"; nothing was heard of {address} any more, so it may have died instead"
    return HowEnded(
        Ending.LOST,
        None if heard is None else Ender.WAY,
        said,
        certain=heard is not None,
        silence=found.silence,
        unheard=address,
    )


def seconds(ns: int) -> str:
    """Return a duration as people read it: three decimals below a second, one above."""
    count = ns / 1e9
    return f"{count:.3f} s" if count < 1 else f"{count:.1f} s"
