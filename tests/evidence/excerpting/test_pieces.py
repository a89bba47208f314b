"""IP fragments follow the segment that they are of."""

from __future__ import annotations

from pathlib import Path

import pytest
from cut_up import carried, piece, pieces
from excerpts import everything, packets
from layering import fragments, tunnelled
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


def copied(folder: Path, frames: list[bytes], version: int) -> list[bytes]:
    """Return the frames of an excerpt of the connection that ``carried`` makes."""
    path, initiator, acceptor = folder / "full.pcap", *ENDS[version]
    path.write_bytes(pcap([(k * 1000, data) for k, data in enumerate(frames)]))
    chosen, _ = choose_packets(str(path), [Wanted("f1", "T", initiator, acceptor, 40001, 9103, 0)])
    written: list[bytes] = []
    copy_packets(str(path), chosen, [], written.append)
    copy = folder / "copy.pcapng"
    copy.write_bytes(b"".join(written))
    found = [block.data[28:] for block in packets(everything(copy))]
    return [data for data in frames if any(one.startswith(data) for one in found)]


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("outside", [4, 6])
@pytest.mark.parametrize("name", ["VXLAN", "GRE", "IP in IP", "GENEVE"])
@pytest.mark.parametrize("within", [False, True])
def test_all_fragments_of_what_is_in_a_tunnel_are_kept(
    version: int, outside: int, name: str, within: bool, tmp_path: Path
) -> None:
    """Whether the outer packet is in fragments, or the inner one."""
    (whole,) = pieces(version, carried(version, b"x" * 200))
    inner = whole[14:]
    cut = fragments(inner, 64, 128, ident=7) if within else [inner]
    outer = [tunnelled(one, name, outside, ident=9) for one in cut]
    if not within:
        outer = fragments(outer[0], 64, 128, 192, ident=9)
    other = fragments(tunnelled(inner[:-1] + b"y", name, outside, ident=10), 64, ident=10)
    kind = b"\x08\0" if outside == 4 else b"\x86\xdd"
    mine = [bytes(12) + kind + one for one in outer]
    strangers = [bytes(12) + kind + one for one in other[:1]]
    assert len(mine) > 2
    assert copied(tmp_path, [*strangers, *mine], version) == mine


@pytest.mark.parametrize("version", [4, 6])
def test_fragments_before_the_end_of_the_tcp_header_are_kept(version: int, tmp_path: Path) -> None:
    mine = pieces(version, carried(version, b"x" * 100), 8, 16, 64)
    assert copied(tmp_path, mine, version) == mine
