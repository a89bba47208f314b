"""What to type into Wireshark to see the packets of a finding (its display filter language)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from auditor.report.cells import number, text
from auditor.report.told.groups import Row

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
    return " && ".join(parts)


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return "%" not in word
