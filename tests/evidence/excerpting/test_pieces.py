"""IP fragments follow the segment that they are of."""

from __future__ import annotations

from pathlib import Path

import pytest
from cut_up import carried, piece, pieces
from excerpts import everything, packets
from pcapfile import pcap

from auditor.evidence.excerpting.copy import copy_packets
from auditor.evidence.excerpting.pieces import Piece, is_piece
from auditor.evidence.excerpting.selection import Wanted, choose_packets

ENDS = {4: ("10.77.0.31", "10.77.0.20"), 6: ("2001:db8::31", "2001:db8::20")}


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("places", [(24,), (24, 48), (24, 48, 72, 96)])
def test_all_fragments_of_a_segment_are_kept(
    version: int, places: tuple[int, ...], tmp_path: Path
) -> None:
    mine = pieces(version, carried(version, b"x" * 100), *places)
    # The same hosts: a whole segment, and fragments of another datagram.
    whole = pieces(4, carried(4, b"y", sport=40009)) if version == 4 else []
    other = [piece(version, 800, b"z" * 8, proto=17, id=9)] if version == 4 else []
    path = tmp_path / "full.pcap"
    path.write_bytes(pcap([(k * 1000, f) for k, f in enumerate([*whole, *mine, *other])]))
    initiator, acceptor = ENDS[version]
    chosen, info = choose_packets(
        str(path), [Wanted("f1", "T", initiator, acceptor, 40001, 9103, 0)]
    )
    written: list[bytes] = []
    count = copy_packets(str(path), chosen, [], written.append)
    assert count == len(mine)
    copy = tmp_path / "copy.pcapng"
    copy.write_bytes(b"".join(written))
    assert [
        block.data[28 : 28 + len(f)]
        for block, f in zip(packets(everything(copy)), mine, strict=True)
    ] == mine
    assert info.packets == len(whole) + len(mine) + len(other)


def test_what_only_looks_like_a_fragment_is_none() -> None:
    source, target = bytes([10, 77, 0, 31]), bytes([10, 77, 0, 20])
    asked = {Piece(source, target, b"\0\7")}
    (first, _) = pieces(4, carried(4, b"x" * 100), 24)
    assert is_piece(first, asked)
    assert not is_piece(first, {Piece(target, source, b"\0\7")})
    assert not is_piece(first, {Piece(source, target, b"\0\x08")})
    (whole,) = pieces(4, carried(4, b"x" * 100))
    assert not is_piece(whole, asked)
    assert not is_piece(source + target, asked), "no room for a header before them"
    assert not is_piece(b"", asked)
