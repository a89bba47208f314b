"""What an IP literal says of where it is: inside of a site, outside, or beside another."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from auditor.site.resolver import canonical, is_loopback

#: RFC 1918, 3927 and 4193, and the link-local addresses of IPv6. Ranges for documentation stand for
#: public ones, wherever somebody writes them.
_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
#: RFC 6598: neither inside of a site nor reached from everywhere.
_SHARED = ipaddress.ip_network("100.64.0.0/10")
#: Addresses that differ within such a network differ without any router between.
_ONE_NETWORK = {4: 24, 6: 64}
#: How much of two addresses must agree for a LAN that may have routers inside.
_ONE_LAN = {4: 16, 6: 48}
_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})


def family(address: str) -> int:
    """Return 4 or 6 of an IP literal."""
    return ipaddress.ip_address(address).version


def is_local(address: str) -> bool:
    """Tell whether a literal or name means the machine that dials it, whichever that is."""
    literal = canonical(address)
    return address.lower() in _LOCAL_NAMES or (literal is not None and is_loopback(literal))


@lru_cache(1 << 12)
def is_private(address: str) -> bool:
    """Tell whether a literal is of those that every site may use inside."""
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in _PRIVATE)


@lru_cache(1 << 12)
def is_public(address: str) -> bool:
    """Tell whether a literal is one that is reached from everywhere."""
    parsed = ipaddress.ip_address(address)
    special = parsed.is_loopback or parsed.is_multicast or parsed.is_unspecified
    return not (special or is_private(address) or parsed in _SHARED)


def same_network(one: str, other: str) -> bool:
    """Tell whether two literals lie in one network as people mostly cut them: /24 or /64."""
    return _share(one, other, _ONE_NETWORK)


def same_lan(one: str, other: str) -> bool:
    """Tell whether two literals may lie in one LAN: they share a /16 or a /48."""
    return _share(one, other, _ONE_LAN)


def _share(one: str, other: str, lengths: dict[int, int]) -> bool:
    if family(one) != family(other):
        return False
    network = ipaddress.ip_network(f"{one}/{lengths[family(one)]}", strict=False)
    return ipaddress.ip_address(other) in network
