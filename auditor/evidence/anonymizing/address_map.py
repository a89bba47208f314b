"""Addresses that stand for others: two agree in as many leading bits as those that they stand for.

Each bit is changed or not by a keyed function of those before it, as in Crypto-PAn (Xu, Fan, Ammar
and Moon, 2002). Where a reserved range lies below these bits nothing is changed: so each such range
stands for itself, and no other address comes to lie in it. The function is BLAKE2b with a key (RFC
7693), of the standard library: no library for this is on the package index that is kept up and of
which this rule could be asked.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

#: Ranges of which an audit, or who reads it, knows what they are for (RFC 6890): what is in them
#: stays in them.
_RESERVED = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32"),
    *("::/128", "::1/128", "::ffff:0:0/96", "64:ff9b::/96", "fc00::/7", "fe80::/10", "ff00::/8"),
)
#: Of these nothing is changed: no host of a network can be told by them.
_AS_THEY_ARE = tuple(
    map(ip_network, ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32"))
) + tuple(map(ip_network, ("::/128", "::1/128", "ff00::/8")))
#: An IPv4 address behind these is changed as it is by itself.
_WITH_IPV4 = tuple(ip_network(network).network_address.packed[:12] for network in _RESERVED[12:14])


def _above_reserved() -> frozenset[tuple[int, int, int]]:
    """Return (bits of the address, length, leading bits) of what has a reserved range below it."""
    found = set()
    for network in map(ip_network, _RESERVED):
        bits, number = network.max_prefixlen, int(network.network_address)
        found |= {(bits, size, number >> bits - size) for size in range(network.prefixlen)}
    return frozenset(found)


_ABOVE_RESERVED = _above_reserved()


class AddressMap:
    """What stands for addresses, by a key of at most 64 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.packed = lru_cache(1 << 16)(self._packed)
        """Return what stands for an address of 4 or 16 bytes."""

    def text(self, address: str) -> str:
        """Return what stands for an IP literal; an IPv6 address loses its zone."""
        return str(ip_address(self.packed(ip_address(address.partition("%")[0]).packed)))

    def _packed(self, address: bytes) -> bytes:
        parsed = IPv4Address(address) if len(address) == 4 else IPv6Address(address)
        if any(parsed in network for network in _AS_THEY_ARE if network.version == parsed.version):
            return address
        if address[:12] in _WITH_IPV4 and len(address) == 16:
            return address[:12] + self.packed(address[12:])
        bits, number, out = parsed.max_prefixlen, int(parsed), 0
        for size in range(bits):
            before = number >> bits - size
            bit = number >> bits - size - 1 & 1
            out = out << 1 | bit ^ self._flips(bits, size, before)
        return out.to_bytes(bits // 8, "big")

    def _flips(self, bits: int, size: int, before: int) -> int:
        if (bits, size, before) in _ABOVE_RESERVED:
            return 0
        said = bytes([bits, size]) + before.to_bytes(16, "big")
        return blake2b(said, digest_size=1, key=self._key, person=b"address").digest()[0] & 1
