"""Bytes of a file, plain or compressed: whole, or as far as they are good."""

from __future__ import annotations

import gzip
import io
from contextlib import closing
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packed import PACKERS

from auditor.packets import byte_stream
from auditor.packets.byte_stream import DamagedStreamError, Stream

PACKED = {"plain": bytes, **PACKERS}
EVERY = pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)


def fill(stream: Stream, size: int) -> bytes:
    target = memoryview(bytearray(size))
    return bytes(target[: stream.fill(target)])


@EVERY
@settings(max_examples=40)
@given(data=st.binary(max_size=200), sizes=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_targets_are_filled_to_the_last_byte_until_the_stream_ends(
    tmp_path_factory, pack, data, sizes
):
    path, data = tmp_path_factory.getbasetemp() / "stream", b"\0" + data  # no magic by chance
    path.write_bytes(pack(data))
    with closing(Stream(str(path))) as stream:
        got = [fill(stream, size) for size in sizes]
    places = [0, *accumulate(sizes)]
    assert got == [data[begin:end] for begin, end in pairwise(places)]


@pytest.mark.parametrize("data", [b"", b"\x1f", b"\x28\xb5\x2f", b"\0\0\0\0"])
def test_what_only_begins_like_compressed_data_is_taken_as_it_is(tmp_path, data):
    path = tmp_path / "a"
    path.write_bytes(data)
    stream = Stream(str(path))
    assert (fill(stream, 10), stream.size, stream.position) == (data, len(data), len(data))
    stream.close()


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_the_position_is_that_in_the_file_and_not_in_what_was_in_it(tmp_path, pack):
    path = tmp_path / "a"
    path.write_bytes(pack(bytes(1 << 16)))
    stream = Stream(str(path))
    assert fill(stream, 1 << 17) == bytes(1 << 16)
    assert stream.position == stream.size == path.stat().st_size < 1 << 12
    stream.close()


def test_a_gzip_file_that_ends_early_gives_what_was_good_and_then_says_so(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(b"0123456789", 0)[:-10])
    stream = Stream(str(path))
    assert b"0123456789".startswith(fill(stream, 100))
    for _ in range(2):
        with pytest.raises(DamagedStreamError, match="its packed data end early"):
            fill(stream, 100)
    stream.close()


class Medium(io.BytesIO):
    """A disk that fails after its first bytes."""

    def readinto(self, target):
        if self.tell() >= 10:
            raise OSError(5, "Input/output error")
        return super().readinto(memoryview(target)[:4])


def test_a_medium_that_fails_gives_what_was_good_and_then_says_so(monkeypatch, tmp_path):
    (tmp_path / "a").touch()
    monkeypatch.setattr(Path, "open", lambda *_: Medium(b"0123456789rest"))
    stream = Stream(str(tmp_path / "a"))
    assert fill(stream, 100) == b"0123456789"
    with pytest.raises(DamagedStreamError, match="Input/output error"):
        fill(stream, 100)


@EVERY
def test_any_open_file_is_read_from_where_it_is_and_closed(pack):
    file = io.BytesIO(b"before" + pack(b"\0bytes"))
    file.seek(6)
    stream = Stream("a name", file)
    assert (fill(stream, 9), stream.size) == (b"\0bytes", None)
    stream.close()
    assert file.closed


def test_standard_input_stays_open(monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(b"bytes"))
    monkeypatch.setattr("sys.stdin", stdin)
    stream = Stream("-")
    assert (fill(stream, 9), stream.size) == (b"bytes", None)
    stream.close()
    assert not stdin.buffer.closed


# At best, lz4 packs 255 bytes in one.
@pytest.mark.parametrize("name", sorted(PACKERS.keys() - {"lz4"}))
def test_what_unpacks_without_end_is_not_read_on(tmp_path, monkeypatch, name):
    """Ten megabytes can hold ten gigabytes as gzip, and three hundred as zstd."""
    monkeypatch.setattr(byte_stream, "MAX_UNPACKED", 1 << 20)
    path = tmp_path / "a"
    path.write_bytes(PACKERS[name](bytes(8 << 20)))
    with closing(Stream(str(path))) as stream:
        sizes = []
        with pytest.raises(DamagedStreamError, match="more than 250 times its size"):
            while data := fill(stream, 1 << 19):
                sizes.append(len(data))
        assert 1 << 20 < sum(sizes) < 8 << 20


@EVERY
def test_what_shrinks_as_recordings_do_is_read_whatever_its_size(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(byte_stream, "MAX_UNPACKED", 1 << 16)
    path, data = tmp_path / "a", b"".join(b"%032d" % n for n in range(1 << 15))
    path.write_bytes(pack(data))
    with closing(Stream(str(path))) as stream:
        assert fill(stream, len(data) + 1) == data


def test_a_plain_file_of_nothing_but_zeros_is_no_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(byte_stream, "MAX_UNPACKED", 1 << 16)
    path = tmp_path / "a"
    path.write_bytes(bytes(1 << 20))
    with closing(Stream(str(path))) as stream:
        assert len(fill(stream, 2 << 20)) == 1 << 20
