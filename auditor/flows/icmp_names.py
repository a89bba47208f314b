"""What ICMP errors are called and what they mean (RFC 792, RFC 1122, RFC 1812, RFC 4443)."""

from __future__ import annotations

from typing import NamedTuple

_FIREWALL = "a firewall there forbids it"
_NO_WAY = "the way ends there, or the host is down"
_CLOSED = "a firewall there rejects it, since a host without a listener answers TCP with RST"
_LOOP = "packets go round in circles"


class IcmpName(NamedTuple):
    """One type and code."""

    name: str
    """As people know it, such as ``host administratively prohibited``."""
    meaning: str
    """What follows for a TCP connection; empty: nothing by itself."""


#: By version of IP, type and code.
_NAMES = {
    (4, 3, 0): IcmpName("network unreachable", _NO_WAY),
    (4, 3, 1): IcmpName("host unreachable", _NO_WAY),
    (4, 3, 2): IcmpName("protocol unreachable", _FIREWALL),
    (4, 3, 3): IcmpName("port unreachable", _CLOSED),
    (4, 3, 4): IcmpName("fragmentation needed", ""),
    (4, 3, 5): IcmpName("source route failed", _NO_WAY),
    (4, 3, 6): IcmpName("destination network unknown", _NO_WAY),
    (4, 3, 7): IcmpName("destination host unknown", _NO_WAY),
    (4, 3, 8): IcmpName("source host isolated", _NO_WAY),
    (4, 3, 9): IcmpName("network administratively prohibited", _FIREWALL),
    (4, 3, 10): IcmpName("host administratively prohibited", _FIREWALL),
    (4, 3, 11): IcmpName("network unreachable for this type of service", _NO_WAY),
    (4, 3, 12): IcmpName("host unreachable for this type of service", _NO_WAY),
    (4, 3, 13): IcmpName("communication administratively prohibited", _FIREWALL),
    (4, 3, 14): IcmpName("host precedence violation", _FIREWALL),
    (4, 3, 15): IcmpName("precedence cutoff in effect", _FIREWALL),
    (4, 11, 0): IcmpName("time to live exceeded", _LOOP),
    (4, 11, 1): IcmpName("fragment reassembly time exceeded", ""),
    (6, 1, 0): IcmpName("no route to destination", _NO_WAY),
    (6, 1, 1): IcmpName("administratively prohibited", _FIREWALL),
    (6, 1, 2): IcmpName("beyond the scope of the source address", _NO_WAY),
    (6, 1, 3): IcmpName("address unreachable", _NO_WAY),
    (6, 1, 4): IcmpName("port unreachable", _CLOSED),
    (6, 1, 5): IcmpName("source address failed ingress or egress policy", _FIREWALL),
    (6, 1, 6): IcmpName("reject route to destination", _FIREWALL),
    (6, 2, 0): IcmpName("packet too big", ""),
    (6, 3, 0): IcmpName("hop limit exceeded", _LOOP),
    (6, 3, 1): IcmpName("fragment reassembly time exceeded", ""),
}
_TYPES = {
    (4, 3): "destination unreachable",
    (4, 11): "time exceeded",
    (6, 1): "destination unreachable",
    (6, 2): "packet too big",
    (6, 3): "time exceeded",
}


def icmp_name(version: int, kind: int, code: int) -> IcmpName:
    """Return what an error is called; of a code that nobody defined, its type."""
    known = _NAMES.get((version, kind, code))
    return known or IcmpName(_TYPES.get((version, kind), "an error"), "")
