"""Whether a data channel was dialled at the address that bareos.md §4.5 demands."""

from __future__ import annotations

from auditor.flows.flow import Flow
from auditor.judge.matching.match import Match
from auditor.judge.matching.ttl import has_initial_ttl
from auditor.site.resolver import canonical


def dialled_address(match: Match, flow: Flow) -> tuple[str, str]:
    """Return ``expected``, ``other`` or ``untellable``, and why it is not ``expected``.

    These are the words of the public column ``address_verdict``; ``untellable`` means that it
    could not be determined.

    The plain address where the LanAddress is due proves itself: no NAT translates a LanAddress to
    it. Any other address is what the initiator dialled only if no router lay before the tap,
    because a tap behind a destination NAT shows the LanAddress where the Address was dialled.
    """
    rows = match.candidates
    target = flow.acceptor.address
    if any(target in row.addresses for row in rows):
        return "expected", ""
    if all(row.lan.pair and target in row.lan.plain for row in rows):
        return "other", "it is the plain Address"
    if not has_initial_ttl(flow.initiator):
        shown = f"TTL {flow.initiator.ttl}"
        return "untellable", f"a router ({shown}) lay before the tap and may have translated it"
    if any(not row.lan.pair and target in row.lan.addresses for row in rows):
        return "other", "it is the LanAddress"
    if not all(canonical(row.address) in row.addresses for row in rows):
        return "untellable", "a name is configured, and it may have had other addresses then"
    if match.connection == "7" and not all(row.lan.pair for row in rows):
        return "untellable", "the console's setip may have changed the client's address"
    return "other", "it is neither the Address nor the LanAddress"
