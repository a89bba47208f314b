"""Address and port as one word, ``10.0.0.31:9102`` or ``[2001:db8::1]:9102``, and back."""

from __future__ import annotations

import ipaddress


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
