"""Whether a data channel was dialled at the address that bareos.md §4.5 demands."""

from __future__ import annotations

from enum import StrEnum

from auditor.flows.flow import Flow
from auditor.judge.matching.match import Match
from auditor.judge.matching.ttl import has_initial_ttl
from auditor.site.resolver import canonical


class AddressVerdict(StrEnum):
    """Whether the address that was dialled is the one that is due."""

    EXPECTED = "expected"
    OTHER = "other"
    UNTELLABLE = "untellable"
    """What was seen may be another address than the one that was dialled."""


def dialled_address(match: Match, flow: Flow) -> tuple[AddressVerdict, str]:
    """Return the verdict on the address, and why it is not the expected one; no reason if it is.

    These are the words of the public column ``address_verdict``; ``untellable`` means that it
    could not be determined.

    The plain address where the LanAddress is due proves itself: no NAT translates a LanAddress to
    it. Any other address is what the initiator dialled only if no router lay before the tap,
    because a tap behind a destination NAT shows the LanAddress where the Address was dialled.
    """
    rows = match.candidates
    target = flow.acceptor.address
    if any(target in row.addresses for row in rows):
        return AddressVerdict.EXPECTED, ""
    if all(row.lan.pair and target in row.lan.plain for row in rows):
        return AddressVerdict.OTHER, "it is the plain Address"
    if not has_initial_ttl(flow.initiator):
        ttl = f"TTL {flow.initiator.ttl}"
        reason = f"a router ({ttl}) lay before the tap and may have translated it"
        return AddressVerdict.UNTELLABLE, reason
    if any(not row.lan.pair and target in row.lan.addresses for row in rows):
        return AddressVerdict.OTHER, "it is the LanAddress"
    if not all(canonical(row.address) in row.addresses for row in rows):
        reason = "a name is configured, and it may have had other addresses then"
        return AddressVerdict.UNTELLABLE, reason
    if match.connection == "7" and not all(row.lan.pair for row in rows):
        reason = "the console's setip may have changed the client's address"
        return AddressVerdict.UNTELLABLE, reason
    return AddressVerdict.OTHER, "it is neither the Address nor the LanAddress"
