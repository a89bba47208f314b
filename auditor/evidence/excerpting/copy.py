"""Copies the chosen packets of a capture into a pcapng file, with what is to be said of them."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.errors import CaptureError
from auditor.evidence.excerpting.pieces import is_piece
from auditor.evidence.excerpting.raw_blocks import raw_blocks
from auditor.evidence.excerpting.selection import Chosen
from auditor.outputs import Write
from auditor.packets.pcapng_scanner import SECTION


def copy_packets(path: str, chosen: Chosen, comments: Sequence[str], write: Write) -> int:
    """Write the chosen packets of a capture, and IP fragments that belong to them; return how many.

    ``comments`` are those of every section. Raises CaptureError if the capture is not what it was
    when they were chosen.
    """

    def wants(number: int, data: memoryview) -> bool:
        return number in chosen.numbers or (bool(chosen.pieces) and is_piece(data, chosen.pieces))

    packets = found = 0
    for block in raw_blocks(path, wants):
        if block.kind == SECTION:
            write(block.commented(comments))
            continue
        write(block.commented(chosen.comments(block.number)))
        packets += block.number > 0
        found += block.number in chosen.numbers
    if found != len(chosen.numbers):
        raise CaptureError(f"{path} was changed while it was read: try once more.")
    return packets
