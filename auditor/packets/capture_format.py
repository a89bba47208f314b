"""The capture formats that can be read."""

from __future__ import annotations

from enum import StrEnum


class CaptureFormat(StrEnum):
    """What a capture file is: of formats that Wireshark reads for us, what it calls them."""

    PCAP = "pcap"
    PCAPNG = "pcapng"
    SNOOP = "snoop"
    NETMON = "netmon"
    NGSNIFFER = "ngsniffer"
    NETXRAY = "netxray"
    VISUAL = "visual"
    FIVE_VIEWS = "5views"
    LANALYZER = "lanalyzer"
    IPTRACE = "iptrace"
    PEEK = "peektagged"
    OBSERVER = "observer"
    NETTL = "nettl"
    IXIA = "ixia"
    ERF = "erf"
