"""What to type into Wireshark to see the packets of a finding (its display filter language)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from auditor.packets.named_networks import NO_NUMBER, named_numbers
from auditor.report.cells import number, text, texts
from auditor.report.told.groups import Row

#: Fields that hold the number of a network.
_FIELDS = {
    "VLAN": ("vlan.id",),
    "VNI": ("vxlan.vni", "geneve.vni"),
    "GRE key": ("gre.key",),
    "I-SID": ("ieee8021ah.isid",),
    "mirrored VLAN": ("erspan.vlan",),
}
#: Conversations that one filter names; a longer one nobody reads, and ends alone do.
_MOST = 8


def display_filter(flows: Iterable[Row]) -> str:
    """Return the filter that shows these flows; empty: there is none.

    Few are named one by one; many by their ends without the port that each chose itself.
    """
    rows = list(flows)
    named = list(dict.fromkeys(filter(None, (_conversation(row) for row in rows))))
    if len(named) > _MOST:
        named = list(dict.fromkeys(filter(None, (_conversation(row, whole=False) for row in rows))))
    return _either(named[:_MOST])


def _either(filters: list[str]) -> str:
    return filters[0] if len(filters) == 1 else " || ".join(f"({one})" for one in filters)


def _conversation(row: Row, *, whole: bool = True) -> str:
    ends = [text(row, f"{side}_address") for side in ("initiator", "acceptor")]
    if not all(map(_is_address, ends)):
        return ""
    parts = [f"{'ipv6' if ':' in end else 'ip'}.addr == {end}" for end in dict.fromkeys(ends)]
    ports = [number(row, "acceptor_port")]
    if whole and (number(row, "attempts") or 1) == 1:  # others dialled from other ports
        ports.append(number(row, "initiator_port"))
    parts += [f"tcp.port == {port:.0f}" for port in dict.fromkeys(filter(None, ports))]
    networks = [_network(words) for words in texts(row, "networks")]
    if all(networks):  # in one of them anything might be that has no field
        parts += [f"({_either(networks)})" if len(networks) > 1 else one for one in networks[:1]]
    return " && ".join(parts)


def _network(words: str) -> str:
    """Return the filter for a network in words; empty: it has none."""
    if words == NO_NUMBER:
        return "!vlan"
    named = named_numbers(words)
    if not all(name in _FIELDS for name, _ in named):
        return ""
    return " && ".join(_holds(_FIELDS[name], value) for name, value in named)


def _holds(fields: tuple[str, ...], value: int) -> str:
    either = " || ".join(f"{field} == {value}" for field in fields)
    return f"({either})" if len(fields) > 1 else either


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return "%" not in word
