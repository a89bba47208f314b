"""Reads captures: pcap and pcapng, plain or compressed, into columns of TCP segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditor.packets.segments import SEGMENT, Batch, CaptureInfo

if TYPE_CHECKING:
    from auditor.packets.decoder import Decoder
    from auditor.packets.reader import CaptureReader, read_capture

__all__ = ["SEGMENT", "Batch", "CaptureInfo", "CaptureReader", "Decoder", "read_capture"]

_LAZY = {"Decoder": "decoder", "CaptureReader": "reader", "read_capture": "reader"}


def __getattr__(name: str) -> Any:
    # Lazily: whoever wants only the types must not wait for numba.
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
