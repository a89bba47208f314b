"""Captures on disk and in pipes."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import threading
import zlib

import numpy as np
import pytest
from decoding import PORTS, ethernet
from packed import PACKERS
from pcapfile import Pcapng, pcap, shortened

from auditor.errors import CaptureError
from auditor.packets import read_capture
from auditor.packets.readahead import CHUNK, HEADROOM

FRAME = ethernet(b"x" * 946)
COUNT = 12_000
LARGE = pcap((i * 1000, FRAME) for i in range(COUNT))
SMALL = pcap((i * 1000, FRAME) for i in range(3))


def times(path, **options):
    """All times in a capture, and its account."""
    found = []
    with read_capture(str(path), PORTS, **options) as reader:
        for batch in reader:
            found += batch.segments["time"].tolist()
    return found, reader.info


@pytest.fixture
def written(tmp_path):
    def write(data, name="a.pcap"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


COMPRESSORS = {
    "plain": bytes,
    **PACKERS,
}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("compress", COMPRESSORS.values(), ids=COMPRESSORS)
def test_a_file_is_read_whole_whatever_its_size_and_compression(written, compress, size):
    path = written(compress(size))
    found, info = times(path)
    assert found == [i * 1000 for i in range(len(found))]
    assert len(found) == info.packets == (3 if size is SMALL else COUNT)
    assert (info.name, info.truncated, info.notes) == (str(path), False, ())


@pytest.mark.parametrize("name", PACKERS)
def test_a_compressed_file_in_several_members_is_one_capture(written, name):
    compress = COMPRESSORS[name]
    assert times(written(compress(SMALL[:100]) + compress(SMALL[100:])))[1].packets == 3


def test_a_record_longer_than_a_chunk_is_put_together(written):
    frame = FRAME + bytes(2 * CHUNK + HEADROOM)
    frames = [FRAME, frame, FRAME] * 2
    data = pcap(((i * 1000, one) for i, one in enumerate(frames)), snaplen=1 << 30)
    assert times(written(data))[0] == [0, 1000, 2000, 3000, 4000, 5000]


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_standard_input_is_read_like_a_file(monkeypatch, data):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    found, info = times("-")
    assert len(found) == info.packets > 0
    assert info.name == "-"


def test_closed_standard_input_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(CaptureError, match="Standard input is closed"):
        read_capture("-", PORTS)


def test_a_pipe_that_dribbles_is_read_to_its_end(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)

    def write():
        with path.open("wb", buffering=0) as pipe:
            for i in range(0, len(SMALL), 7):
                pipe.write(SMALL[i : i + 7])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert len(times(path)[0]) == 3
    finally:
        writer.join()


@pytest.mark.bulk
def test_batches_stay_untouched_until_two_further_ones_were_taken_although_buffers_are_reused(
    written,
):
    held = []
    addresses = set()
    with read_capture(str(written(LARGE + 2 * LARGE[24:])), PORTS) as reader:
        for batch in reader:
            addresses.add(batch.buffer.__array_interface__["data"][0] // (HEADROOM + CHUNK))
            held.append((batch, batch.segments.copy(), batch.buffer.copy()))
            for earlier, segments, buffer in held[-3:-1]:
                np.testing.assert_array_equal(earlier.segments, segments)
                np.testing.assert_array_equal(earlier.buffer, buffer)
    assert len(held) > 10 > len(addresses)


@pytest.mark.bulk
def test_chunks_without_a_segment_of_interest_do_not_starve_the_reader(written):
    other = FRAME.replace(b"\x23\x8e", b"\x00\x50")
    quiet = pcap((i * 1000, other) for i in range(COUNT))[24:]
    found, info = times(written(LARGE + quiet + LARGE[24:]))
    assert len(found) == 2 * COUNT
    assert info.packets == 3 * COUNT


@pytest.mark.bulk
def test_memory_does_not_grow_with_the_file(written):
    import tracemalloc

    peaks = []
    for times_as_long in (1, 4):
        path = written(LARGE + (times_as_long - 1) * LARGE[24:])
        tracemalloc.start()
        try:
            with read_capture(str(path), PORTS) as reader:
                for _ in reader:
                    pass
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert max(peaks) < min(peaks) + CHUNK


@pytest.mark.bulk
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_progress_counts_up_to_the_size_of_the_file_on_disk(written, data):
    counts = []
    path = written(gzip.compress(data))
    with read_capture(str(path), PORTS, progress=counts.append) as reader:
        assert reader.size == path.stat().st_size
        for _ in reader:
            pass
        assert reader.taken == sum(counts) == reader.size
    assert min(counts) >= 0


@pytest.mark.parametrize("name", sorted(PACKERS.keys() - {"bzip2"}))  # of which all is one block
def test_a_compressed_file_cut_short_keeps_what_was_good(written, name):
    whole = COMPRESSORS[name](LARGE)
    found, info = times(written(whole[: len(whole) * 2 // 3]))
    assert found == [i * 1000 for i in range(len(found))]
    assert 0 < len(found) < COUNT
    assert info.truncated


def test_damage_in_the_compression_is_told_with_what_was_good_before_it(written):
    noise = np.random.default_rng(1)
    frames = [(0, FRAME[:54] + noise.bytes(946)) for _ in range(500)]
    whole = bytearray(gzip.compress(SMALL + pcap(frames)[24:]))
    whole[-200_000:-199_000] = bytes(1000)
    info = times(written(bytes(whole)))[1]
    assert info.truncated
    assert 3 <= info.packets < 503
    assert info.notes


def test_a_compressed_file_damaged_from_its_start_is_refused(written):
    with pytest.raises(CaptureError, match=r"cannot be read: .*\.$"):
        times(written(b"\x1f\x8b\x08" + bytes(30)))
    with pytest.raises(CaptureError, match="cannot be read: "):
        times(written(b"\x28\xb5\x2f\xfd" + b"\xff" * 30))


@pytest.mark.parametrize("compress", COMPRESSORS.values(), ids=COMPRESSORS)
def test_what_is_not_a_capture_is_refused_by_name(written, compress):
    path = written(compress(b"not a capture, but long enough to be one" * 10))
    with pytest.raises(CaptureError) as refusal:
        times(path)
    assert str(refusal.value).startswith(f"{path} is not a capture")
    path = written(compress(b""))
    with pytest.raises(CaptureError, match="is empty"):
        times(path)


def test_a_large_file_that_is_not_a_capture_is_not_read_to_its_end(written):
    counts = []
    with pytest.raises(CaptureError, match="is not a capture"):
        times(written(b"\0" * len(LARGE)), progress=counts.append)
    assert len(counts) == 1


def test_a_missing_file_a_directory_and_an_unusable_name_are_refused_at_once(tmp_path):
    for path, sentence in (
        (tmp_path / "none", "does not exist"),
        (tmp_path, "is a directory"),
        ("a\0b", "cannot be opened"),
        ("", "empty name"),
        (tmp_path / ("n" * 300), "cannot be opened"),
    ):
        with pytest.raises(CaptureError, match=sentence) as refusal:
            read_capture(str(path), PORTS)
        assert str(refusal.value).endswith(".")


def test_a_file_of_someone_else_is_refused_at_once(monkeypatch):
    from pathlib import Path

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CaptureError, match="may not be read by this user"):
        read_capture("a.pcap", PORTS)


def test_leaving_early_closes_the_file_and_ends_the_thread(written):
    before = threading.active_count()
    with read_capture(str(written(LARGE)), PORTS) as reader:
        batches = iter(reader)
        next(batches)
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_the_account_is_not_given_before_the_end(written):
    with (
        read_capture(str(written(SMALL)), PORTS) as reader,
        pytest.raises(RuntimeError, match="iterate over the reader first"),
    ):
        _ = reader.info


def test_a_pcapng_file_is_read_like_any_other(written):
    file = Pcapng(application="here").interface().enhanced(5, FRAME)
    found, info = times(written(bytes(file)))
    assert (found, info.format, info.backend) == ([5000], "pcapng", "here")


def test_the_types_are_there_without_waiting_for_numba():
    program = "import sys, auditor.packets, auditor.packets.segments as s; s.SEGMENT; "
    program += "sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_checksum_of_a_gzip_member_is_checked(written):
    whole = bytearray(gzip.compress(SMALL))
    whole[-8:-4] = (zlib.crc32(SMALL) ^ 1).to_bytes(4, "little")
    info = times(written(bytes(whole)))[1]
    assert info.packets == 3
    assert info.truncated
    assert "could not be read to its end (CRC check failed" in info.notes[0]


@pytest.mark.parametrize("told", [0, 1514, 262144])
def test_frames_that_were_cut_say_so_whatever_the_head_of_the_file_says(written, told):
    _, info = times(written(shortened(LARGE, 1514, told)))
    assert info.snaplen == told
    path = written(shortened(SMALL, 128, told))
    with read_capture(str(path), PORTS) as reader:
        assert [one.snaplen for one in reader.interfaces] == []
        assert len(list(reader)) == 1
        assert ([one.snaplen for one in reader.interfaces], reader.info.snaplen) == ([128], 128)
