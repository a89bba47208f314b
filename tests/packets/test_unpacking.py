"""Packed streams: whole, in many parts, cut, damaged, and made to take all memory."""

from __future__ import annotations

import io
import lzma
import random
from contextlib import closing
from itertools import accumulate

import lz4.frame
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from packed import PACKERS, skippable, zstd_blocks

from auditor.packets.byte_stream import DamagedStreamError, Stream
from auditor.packets.unpacking import PACKED_HEAD, is_packed

EVERY = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
FRAMED = pytest.mark.parametrize("pack", [PACKERS["zstd"], PACKERS["lz4"]], ids=["zstd", "lz4"])
NOISE = random.Random(1).randbytes(300_000)
DATA = NOISE + bytes(400_000)
LARGE, SMALL = ({name: pack(data) for name, pack in PACKERS.items()} for data in (DATA, NOISE))
NAMES = pytest.mark.parametrize("name", PACKERS)


def read(packed: bytes, chunk: int = 1 << 16) -> tuple[bytes, str]:
    """Return what is unpacked, and what is said of the end; empty: that it is whole."""
    found, target = bytearray(), memoryview(bytearray(chunk))
    with closing(Stream("a", io.BytesIO(packed))) as stream:
        try:
            while count := stream.fill(target):
                found += target[:count]
        except DamagedStreamError as damage:
            return bytes(found), str(damage)
    return bytes(found), ""


@EVERY
@settings(max_examples=25, deadline=None)
@given(parts=st.lists(st.binary(max_size=300), min_size=1, max_size=5), chunk=st.integers(1, 400))
def test_what_was_packed_in_several_parts_is_one_stream(pack, parts, chunk):
    parts = [b"\0", *parts]  # no magic by chance
    assert read(b"".join(map(pack, parts)), chunk) == (b"".join(parts), "")


@EVERY
def test_large_parts_are_put_together(pack):
    assert read(pack(DATA) + pack(b"") + pack(DATA)) == (DATA * 2, "")


@NAMES
@settings(max_examples=20, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_whatever_is_cut_off_is_noticed_and_what_was_before_is_read(name, share):
    packed = LARGE[name]
    found, said = read(packed[: PACKED_HEAD + round((len(packed) - PACKED_HEAD - 1) * share)])
    assert said == "its packed data end early"
    assert DATA.startswith(found)


@EVERY
def test_of_what_is_cut_nearly_all_is_read_that_is_there(pack):
    found, said = read(pack(NOISE * 4)[:-3])
    assert said
    assert len(found) > (len(NOISE) * 2 if pack is PACKERS["bzip2"] else len(NOISE) * 4 - 140_000)


@EVERY
@pytest.mark.parametrize(
    "rest", [b"other data that are not packed", b"\xff" * 40], ids=["text", "ones"]
)
def test_what_follows_and_is_not_packed_is_told_and_costs_nothing_before_it(pack, rest):
    found, said = read(pack(DATA) + rest)
    assert found == DATA
    assert said not in {"", "its packed data end early"}


@NAMES
@settings(max_examples=20, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_damage_neither_ends_the_program_nor_hides_what_was_before(name, place, change):
    packed = bytearray(SMALL[name])
    at = PACKED_HEAD + int((len(packed) - PACKED_HEAD) * place)
    packed[at] ^= change
    found, said = read(bytes(packed))
    sure = max(0, at - 400_000)  # of bzip2 a block is lost
    assert found[:sure] == NOISE[:sure]
    assert said or len(found) <= len(NOISE)


def test_zstd_that_ends_between_two_blocks_is_cut():
    parts = zstd_blocks(NOISE, 20_000)
    for count, packed in enumerate(accumulate(parts[:-1])):
        if count:
            assert read(packed) == (NOISE[: 20_000 * count], "its packed data end early")
    assert read(b"".join(parts)) == (NOISE, "")


def test_zstd_that_ends_before_its_checksum_is_cut_and_a_false_one_is_told():
    packed = b"".join(zstd_blocks(NOISE, 20_000, checksum=True))
    assert read(packed) == (NOISE, "")
    assert read(packed[:-4]) == (NOISE, "its packed data end early")
    assert read(packed[:-4] + b"\0\0\0\0") == (
        NOISE,
        "zstd decompress error: Restored data doesn't match checksum",
    )


@FRAMED
@pytest.mark.parametrize("content", [b"", b"x" * 5, bytes(600_000)], ids=len)
@pytest.mark.parametrize("kind", [0, 15])
def test_frames_to_skip_are_skipped_wherever_they_are(pack, content, kind):
    skip, packed = skippable(content, kind), pack(DATA)
    assert read(skip + skip + packed + skip + packed + skip) == (DATA * 2, "")
    assert read((skip + packed + skip)[:-1]) == (DATA, "its packed data end early")
    assert read(skip[:-1])[0] == b""
    assert read(skip) == (b"", "")


def test_what_follows_frames_to_skip_and_is_not_packed_is_taken_as_it_is():
    assert read(skippable(b"abc") + b"plain text") == (b"plain text", "")


def test_xz_may_be_padded():
    packed = lzma.compress(DATA)
    assert read(packed + bytes(8) + packed + bytes(4)) == (DATA * 2, "")


@pytest.mark.parametrize(
    "packed",
    [
        lzma.compress(DATA, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 512 << 20}]),
        bytes.fromhex("28b52ffd 00 90 010000"),  # a window of 256 MiB
        bytes.fromhex("28b52ffd 00 a8 010000"),
    ],
    ids=["xz", "zstd", "zstd, more"],
)
def test_what_takes_too_much_memory_is_not_unpacked(packed):
    assert read(packed) == (
        b"",
        "it takes more than 128 MiB of memory to unpack it: unpack it first",
    )


def test_what_the_tools_pack_as_small_as_they_can_is_unpacked():
    assert read(lzma.compress(NOISE, preset=9 | lzma.PRESET_EXTREME)) == (NOISE, "")
    assert read(zstandard.compress(NOISE, 22)) == (NOISE, "")


@EVERY
def test_what_is_packed_is_known_by_its_beginning(pack):
    assert is_packed(pack(DATA)[:PACKED_HEAD])
    assert not is_packed(DATA[:PACKED_HEAD])


@pytest.mark.parametrize("head", [b"BZh", b"BZhx12", b"\xfd7zXZ", b"\x04\x22\x4d", b"PK\x03\x04"])
def test_nothing_else_is(head):
    assert not is_packed(head)


def test_every_block_of_lz4_may_be_of_any_size():
    for size in (lz4.frame.BLOCKSIZE_MAX64KB, lz4.frame.BLOCKSIZE_MAX4MB):
        packed = lz4.frame.compress(DATA, block_size=size, content_checksum=True)
        assert read(packed) == (DATA, "")
        assert "hecksum" in read(packed[:-1] + bytes([packed[-1] ^ 1]))[1]
