"""Addresses as they are usually written; with a port as one word, ``10.0.0.31:9102`` or
``[2001:db8::1]:9102``, and back."""

from __future__ import annotations

import ipaddress

#: What stands before an IPv4 address in the 128 bits of IPv6 (RFC 4291 §2.5.5.2).
_IPV4_MAPPED = 0xFFFF


def address_to_text(number: int) -> str:
    """Return the usual spelling of an address of 128 bits; that of IPv4, which is mapped into IPv6,
    in a fraction of what a class takes."""
    if number >> 32 == _IPV4_MAPPED:
        return ".".join(map(str, (number & 0xFFFFFFFF).to_bytes(4, "big")))
    return str(ipaddress.IPv6Address(number))


def endpoint_to_text(address: str, port: object) -> str:
    """Return an address and a port as one word."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def endpoint_from_text(text: str) -> tuple[str, int] | None:
    """Return address, in its usual spelling, and port of such a word; None: it is none."""
    address, _, port = text.rpartition(":")
    try:
        usual = str(ipaddress.ip_address(address.strip("[]")))
    except ValueError:
        return None
    return (usual, int(port)) if int(port) < 65536 else None
