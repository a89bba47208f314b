"""What speaks against the address that a Director hands to the dialler of a data channel.

The dialler resolves a name by itself (bareos.md §1.5, §7): what works on the Director's host may
mean nothing, or itself, where it is dialled.
"""

from __future__ import annotations

from collections.abc import Collection

from auditor.site.model import Peer
from auditor.site.networks import is_private
from auditor.site.resolver import canonical, is_loopback

_LOCAL_NAMES = ("localhost", ".localhost", ".localdomain")


def fault_of_address(address: str, resolved: Collection[str], dialler: Peer, acceptor: Peer) -> str:
    """Return what is wrong with ``address`` for a dialler, as a clause that begins with "which" or
    "a"; empty: nothing is known to be. ``resolved``: what it comes to here."""
    if not address or dialler.addresses & acceptor.addresses:
        return ""
    literal = canonical(address)
    if _is_local(address, literal):
        return f"which is {dialler}'s own host"
    if literal is None and "." not in address.rstrip("."):
        return f"a name without a dot, which {dialler} must be able to resolve by itself"
    if literal is None and not resolved:
        return f"a name that does not resolve here, and {dialler} must resolve it by itself"
    private = bool(resolved) and all(is_private(one) for one in resolved)
    if private and dialler.located and not any(is_private(one) for one in dialler.addresses):
        return f"a private address, while {dialler} has a public one"
    return ""


def _is_local(address: str, literal: str | None) -> bool:
    if literal is not None:
        return is_loopback(literal)
    name = address.lower().rstrip(".")
    return name == _LOCAL_NAMES[0] or name.endswith(_LOCAL_NAMES[1:])
