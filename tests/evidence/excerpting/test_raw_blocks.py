"""Packets are copied as they are, of every format that is read."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
import zstandard
from excerpts import copied, everything, packets, segments
from paths import CAPTURES
from pcapfile import Pcapng, pcap
from tape import Endpoint, Tape

from auditor.errors import CaptureError
from auditor.evidence.excerpting.raw_blocks import raw_blocks
from auditor.packets import Decoder

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("2001:db8::20", 9103)
SECRETS, CUSTOM = 10, 0xBAD


def tape() -> Tape:
    """Return some packets of one connection."""
    sd = Endpoint("10.77.0.20", 9103)
    return Tape().syn(FD, sd).synack().ack().send(FD, b"x" * 301).ack().fin(FD).ack()


def frames() -> list[tuple[int, bytes]]:
    """Return them as (time in ns, bytes)."""
    return [(frame.time, frame.data) for frame in tape().frames]


def recordings() -> list[Path]:
    """Return one recording of each kind of file."""
    found = [CAPTURES / "trouble" / "capture.pcap"]
    found += sorted(CAPTURES.rglob("*.pcapng"))[:2]
    return found


@pytest.mark.parametrize("path", recordings(), ids=lambda path: path.name)
def test_a_copy_of_all_packets_has_the_same_segments(path: Path, tmp_path: Path) -> None:
    copy = copied(path, tmp_path / "copy.pcapng")
    assert segments(copy) == segments(path) != []


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("how", [{}, {"nanoseconds": True}, {"modified": True}])
def test_pcap_of_every_kind_is_copied(order: str, how: dict[str, bool], tmp_path: Path) -> None:
    path = tmp_path / "full.pcap"
    path.write_bytes(pcap(frames(), order=order, snaplen=200, **how))  # type: ignore[arg-type]
    assert segments(copied(path, tmp_path / "copy.pcapng")) == segments(path)
    found = packets(everything(path))
    assert [block.number for block in found] == [*range(1, 8)]
    assert [len(block.data) for block in found].count(len(found[3].data)) == 1
    assert found[3].data[28 : 28 + 200] == frames()[3][1][:200]


@pytest.mark.parametrize("resolution", [6, 9, 0x8A])
@pytest.mark.parametrize("order", ["big", "little"])
def test_blocks_of_pcapng_are_not_touched(order: str, resolution: int, tmp_path: Path) -> None:
    file = Pcapng(order).interface(tsresol=resolution, snaplen=300)  # type: ignore[arg-type]
    for number, (_, data) in enumerate(frames()):
        (file.enhanced, file.obsolete)[number % 2](number << 33 | 7, data)
    file.simple(frames()[0][1]).statistics(0, ifdrop=3, osdrop=4)
    path = tmp_path / "full.pcapng"
    path.write_bytes(bytes(file))
    assert b"".join(block.data for block in everything(path)) == bytes(file)
    assert len(packets(everything(path))) == 8


def test_secrets_and_what_is_not_known_are_left_out(tmp_path: Path) -> None:
    file = Pcapng().interface()
    before = bytes(file)
    file.block(SECRETS, b"master secret").block(CUSTOM, b"whatever")
    path = tmp_path / "full.pcapng"
    data = frames()[0][1]
    path.write_bytes(bytes(file.enhanced(1, data)))
    copy = copied(path, tmp_path / "copy.pcapng").read_bytes()
    assert copy == before + bytes(file)[-(len(data) + 32 + -len(data) % 4) :]
    assert b"secret" not in copy


def test_every_section_keeps_its_byte_order_and_interfaces(tmp_path: Path) -> None:
    file = Pcapng("little").interface(tsresol=9).enhanced(5, frames()[0][1])
    file.section("big").interface(tsresol=6).interface(tsresol=9)
    file.enhanced(7000, frames()[1][1], interface=1).enhanced(7, frames()[2][1])
    path = tmp_path / "full.pcapng"
    path.write_bytes(bytes(file))
    assert segments(copied(path, tmp_path / "copy.pcapng")) == segments(path)
    last = everything(path)[-1]
    assert (last.order, last.number) == ("big", 3)
    assert segments(copied(path, tmp_path / "one.pcapng", 2)) == segments(path)[1:2]


def test_compressed_captures_are_copied_unpacked(tmp_path: Path) -> None:
    plain = pcap(frames())
    for name, data in (
        ("a.gz", gzip.compress(plain)),
        ("a.zst", zstandard.ZstdCompressor().compress(plain)),
    ):
        (tmp_path / name).write_bytes(data)
        assert segments(copied(tmp_path / name, tmp_path / "copy")) == segments(tmp_path / name)


@pytest.mark.parametrize("cut", [1, 17, 300])
def test_it_ends_where_a_reader_of_the_capture_ends(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "cut"
    file = Pcapng().interface()
    for time, data in frames():
        file.enhanced(time // 1000, data)
    for whole in (pcap(frames()), bytes(file), pcap(frames()) + b"\xff" * 16):
        path.write_bytes(whole[:-cut])
        assert len(packets(everything(path))) == counted(whole[:-cut])


@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
def test_a_damaged_file_has_the_packets_that_a_reader_finds(kind: str, tmp_path: Path) -> None:
    path, chance = tmp_path / "damaged", random.Random(7)
    file = Pcapng().interface().section("big").interface(tsresol=9)
    for time, data in frames():
        file.enhanced(time // 1000, data).section("little").interface()
    whole = bytes(file) if kind == "pcapng" else pcap(frames())
    counts = set()
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 1, 3])):
            damaged[chance.randrange(24, len(whole))] = chance.choice([0, 1, 0x0A, 0xFF])
        path.write_bytes(damaged)
        count = counted(bytes(damaged))
        assert len(packets(everything(path))) == count
        counts.add(count)
    assert len(counts) > 3


def counted(data: bytes) -> int:
    """Return how many packets a reader finds; none in what is no capture."""
    decoder = Decoder({9103})
    list(decoder.feed(data))
    try:
        return decoder.finish().packets
    except CaptureError:
        return 0


def test_a_damaged_archive_is_copied_as_far_as_it_can_be_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    noise = random.Random(1).randbytes(3 << 20)
    many = [*frames(), *((k, noise[k : k + 1000]) for k in range(0, len(noise), 1000))]
    path.write_bytes(gzip.compress(pcap(many))[:-100_000])
    found = packets(everything(path))
    assert len(frames()) < len(found) < len(many)
    assert found[0].data[28 : 28 + len(many[0][1])] == many[0][1]


@pytest.mark.parametrize(
    "data", [b"", b"\xa1\xb2", b"nothing of the kind, but long enough", Pcapng.__name__.encode()]
)
def test_what_is_no_capture_has_no_blocks(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(data)
    assert everything(tmp_path / "a") == []


def test_a_file_that_is_gone_is_refused() -> None:
    with pytest.raises(CaptureError, match="does not exist"):
        list(raw_blocks("/nowhere.pcap", lambda _number, _data: True))


def test_comments_come_before_what_the_block_has(tmp_path: Path) -> None:
    file = Pcapng("big", "a recorder").interface(tsresol=9).enhanced(5, frames()[0][1])
    file.simple(frames()[0][1])
    (tmp_path / "a").write_bytes(bytes(file))
    section, _, enhanced, simple = everything(tmp_path / "a")
    assert section.commented([]) == section.data
    longer = section.commented(["a", "é" * 4000])
    assert longer.index(b"a recorder") > 4000
    assert int.from_bytes(longer[4:8], "big") == len(longer) == int.from_bytes(longer[-4:], "big")
    told = enhanced.commented(["what it is"])
    assert told[8 : len(enhanced.data) - 4] == enhanced.data[8:-4]
    assert told[len(enhanced.data) - 4 :][:14] == b"\0\1\0\x0awhat it is"
    assert simple.commented(["no room"]) == simple.data
