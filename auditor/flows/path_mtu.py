"""Packets that are too big for the way: named by ICMP, or swallowed without a word (RFC 2923).

A sender that hears ICMP sends smaller segments at once. From one that goes on with the same a
firewall keeps it away: then all that is small passes, and nothing else. After a silence the way may
have forgotten the connection, and whoever sees it can write such an error: then only a peer that is
heard again shows that it is the size.
"""

from __future__ import annotations

from auditor.flows.flow import Flow, Outcome, Side
from auditor.flows.giving_up import gave_up
from auditor.flows.hosts import Hosts
from auditor.flows.how_ended import Ender, Ending, HowEnded, IcmpError, Stall
from auditor.flows.loss import SHORTEST_LIMIT, seconds

#: A way that takes less payload (bytes) is none for TCP: IPv6 guarantees packets of 1280 bytes, and
#: smaller segments are lost for other reasons.
_LARGE = 1000
#: Headers of IP and TCP without options, by version.
_HEADERS = {4: 40, 6: 60}


def find_path_mtu(flow: Flow, hosts: Hosts) -> HowEnded | None:
    """Return how a flow was lost to packets that were too big; None: it was not."""
    if flow.one_sided or flow.outcome not in (Outcome.ESTABLISHED, Outcome.MIDSTREAM):
        return None
    for sender, peer in ((flow.initiator, flow.acceptor), (flow.acceptor, flow.initiator)):
        stall, error = sender.stall, flow.too_big
        if stall is None or (peer.shut and not stall.defied):
            continue
        told = ""
        if error is not None and error.of_initiator == (sender is flow.initiator):
            told = _told(sender, peer, stall, error)
        elsewhere = hosts.heard_after(peer.address, stall.first, flow.index)
        said = told or _untold(sender, peer, stall, elsewhere)
        if said:
            return HowEnded(Ending.LOST, Ender.WAY, said, certain=bool(told), too_big=True)
    return None


def _told(sender: Side, peer: Side, stall: Stall, error: IcmpError) -> str:
    """The same was sent again after ICMP had said that it was too big."""
    fits = error.mtu and stall.length + _HEADERS[error.version] <= error.mtu
    if fits or stall.sends < 2 or stall.last <= error.time:
        return ""
    if stall.silence >= SHORTEST_LIMIT and not _is_heard(peer, stall):
        return ""
    size = error.size or stall.length + _HEADERS[error.version]
    limit = f", and that {error.mtu} bytes fit" if error.mtu else ""
    return (
        f"{sender.address} sent the same {stall.length} bytes {stall.sends} times, the last "
        f"{seconds(stall.last - error.time)} after {error} had said that packets of {size} bytes "
        f"are too big{limit}"
    )


def _untold(sender: Side, peer: Side, stall: Stall, elsewhere: int | None) -> str:
    """A large segment never arrives while the peer is heard and small ones were acknowledged.

    ``elsewhere``: when (ns) its host was heard on another flow; after a silence that tells nothing,
    for the way may have forgotten this one.
    """
    here = _is_heard(peer, stall)
    heard = here or (elsewhere is not None and stall.silence < SHORTEST_LIMIT)
    if not (gave_up(stall) and heard and stall.length >= _LARGE > sender.largest_acked > 0):
        return ""
    where = "" if here else " on another connection"
    return (
        f"{sender.address} sent the same {stall.length} bytes {stall.sends} times in "
        f"{seconds(stall.last - stall.first)} and {peer.address}, which was heard meanwhile"
        f"{where}, never acknowledged them; of what it sent no segment above "
        f"{sender.largest_acked} bytes arrived"
    )


def _is_heard(peer: Side, stall: Stall) -> bool:
    """Tell whether the peer said anything on this flow since the segment was first sent."""
    return peer.spoke is not None and peer.spoke > stall.first
