"""Reads captures: pcap and pcapng, plain or compressed, into columns of TCP segments."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.packets.decoder import Decoder
    from auditor.packets.reader import CaptureReader, read_capture
    from auditor.packets.segments import SEGMENT, Batch, CaptureInfo

__all__ = ["SEGMENT", "Batch", "CaptureInfo", "CaptureReader", "Decoder", "read_capture"]

_HOMES = {
    "Batch": "segments",
    "CaptureInfo": "segments",
    "CaptureReader": "reader",
    "Decoder": "decoder",
    "SEGMENT": "segments",
    "read_capture": "reader",
}


def __getattr__(name: str) -> Any:
    # Lazily: a capturing process reads comments before it drops its rights, and numpy starts
    # threads, which must not exist then.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
