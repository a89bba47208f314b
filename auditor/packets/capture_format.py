"""The capture formats that can be read."""

from __future__ import annotations

from enum import StrEnum


class CaptureFormat(StrEnum):
    """What a capture file is."""

    PCAP = "pcap"
    PCAPNG = "pcapng"
