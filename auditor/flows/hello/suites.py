"""Cipher suites of TLS 1.2 and before in which a pre-shared key authenticates the sides.

From the IANA registry "TLS Cipher Suites": RFC 4279, 4785, 5487, 5489, 6209, 6367, 6655, 7905
and 8442. In all of them the ClientKeyExchange begins with the identity (RFC 4279 §2).
"""

from __future__ import annotations

_PSK_RANGES = (
    (0x002C, 0x002E),
    (0x008A, 0x0095),
    (0x00A8, 0x00B9),
    (0xC033, 0xC03B),
    (0xC064, 0xC071),
    (0xC08E, 0xC09B),
    (0xC0A4, 0xC0AB),
    (0xCCAB, 0xCCAE),
    (0xD001, 0xD003),
    (0xD005, 0xD005),
)


def is_psk(suite: int) -> bool:
    """Whether ``suite`` is PSK, DHE_PSK, RSA_PSK or ECDHE_PSK with any cipher."""
    return any(first <= suite <= last for first, last in _PSK_RANGES)
