"""Captures of which packets are copied: the copy is read as the capture is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from auditor.errors import CaptureError
from auditor.evidence.excerpting.raw_blocks import raw_blocks
from auditor.packets import CaptureInfo, read_capture
from fuzz.promises import one_sentence
from fuzz.targets import capture_formats

PORTS = capture_formats.PORTS
#: What is told of a segment, wherever it lies in its file.
_TOLD = ("src_hi", "src_lo", "dst_hi", "dst_lo", "sport", "dport", "seq", "ack", "flags", "length")


def check(data: bytes) -> None:
    """Copy all packets with a comment each, and hold that a reader sees the same packets."""
    with tempfile.TemporaryDirectory() as folder, one_sentence():
        full, copy = Path(folder) / "full", Path(folder) / "copy"
        full.write_bytes(data)
        segments, info = _read(full)
        blocks = list(raw_blocks(str(full), lambda _number, _data: True))
        numbers = [block.number for block in blocks if block.number]
        assert numbers == [*range(1, info.packets + 1)]
        copy.write_bytes(b"".join(block.commented(["told"]) for block in blocks))
        again, other = _read(copy)
        assert (other.packets, other.first, other.last) == (info.packets, info.first, info.last)
        assert np.array_equal(again, segments)


def _read(path: Path) -> tuple[np.ndarray, CaptureInfo]:
    try:
        with read_capture(str(path), PORTS) as reader:
            found = [batch.segments[[*_TOLD]].copy() for batch in reader]
    except CaptureError as error:
        if path.name == "copy":
            raise AssertionError(f"the copy is no capture: {error}") from error
        raise
    return (np.concatenate(found) if found else np.zeros(0)), reader.info


def seeds() -> Iterator[bytes]:
    """Yield a pcap and a pcapng file."""
    yield from (seed[2:] for seed in capture_formats.seeds())
