"""Networks (VLANs, tunnels) that the site file says are one, called as reports call them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from auditor.site.shapes import Shapes, shown

if TYPE_CHECKING:
    from auditor.text.yamlfile import Place

_VLAN = "(?:[1-9][0-9]{0,2}|[1-3][0-9]{3}|40[0-8][0-9]|409[0-5])"
_ONE = f"(?:(?:VLAN|mirrored VLAN) {_VLAN}|(?:VNI|VSID|I-SID|GRE key) [1-9][0-9]{{0,9}})"
#: What a network is called (``packets.named_networks``), as a regular expression.
NETWORK = f"^(?:no VLAN|network 0x[0-9a-f]{{4}}|{_ONE}(?: {_ONE})*)$"
_NETWORK = re.compile(NETWORK, re.ASCII)

#: Names of networks that are one, for each such.
SameNetwork = tuple[tuple[str, ...], ...]


def read_same_network(shapes: Shapes, value: Any, place: Place) -> SameNetwork:
    """Return which networks are one; raise SiteFileError, with the line, for what is none."""
    return tuple(
        _one(shapes, names, (*place, number))
        for number, names in enumerate(shapes.items(value, "same_network", place))
    )


def _one(shapes: Shapes, value: Any, place: Place) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for number, name in enumerate(shapes.items(value, "an entry of same_network", place)):
        if not isinstance(name, str) or not _NETWORK.fullmatch(name):
            message = (
                f"{shown(name)} is no network as FLOWS calls them: "
                "write VLAN 10, no VLAN, or VLAN 7 VNI 5001"
            )
            raise shapes.wrong(message, (*place, number))
        found[name] = None
    if len(found) < 2:
        raise shapes.wrong("an entry of same_network must name two networks or more", place)
    return tuple(found)
