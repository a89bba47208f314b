"""The packet filter in libpcap's language: what reaches this program at all."""

from __future__ import annotations

from collections.abc import Collection

#: An IPv6 header whose next header is an extension header (RFC 8200 §4): ``tcp port`` does not
#: look behind one, so all of them are let through for the decoder to look.
_EXTENDED = "ip6[6] == 0 or ip6[6] == 43 or ip6[6] == 44 or ip6[6] == 51 or ip6[6] == 60"

#: Fragments of TCP segments but the first, which have no ports.
_PIECES = "ip[6:2] & 0x1fff != 0 and ip[9] == 6"

#: ICMP errors about TCP (unreachable, time exceeded, packet too big), whatever ports they quote:
#: where those stand depends on the quoted header.
_ERRORS = "(icmp[0] == 3 or icmp[0] == 11) and icmp[17] == 6"
_ERRORS_6 = "icmp6 and ip6[40] < 4 and ip6[54] == 6"


def capture_filter(ports: Collection[int], *, tagged: bool = True) -> str:
    """Return the filter for TCP segments with one of ``ports`` at either end, and ICMP errors.

    Fragments without a TCP header pass, whatever they belong to.

    IPv4 and IPv6 match, also behind one or two VLAN tags (``vlan`` moves the offsets of all that
    follows it, so it comes last). ``tagged=False`` leaves the tags out: on Linux's ``any`` device
    libpcap cannot express them.
    """
    alternatives = " or ".join(f"tcp port {port}" for port in sorted(ports))
    plain = f"{alternatives} or {_EXTENDED} or ({_PIECES}) or ({_ERRORS}) or ({_ERRORS_6})"
    if not tagged:
        return plain
    return f"{plain} or (vlan and ({plain} or (vlan and ({plain}))))"
