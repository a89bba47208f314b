"""A capture is read while it is written: a file, a ring of files, a pipe, standard input."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from decoding import PORTS, ethernet
from foreign import snoop
from packed import PACKERS
from pcapfile import Pcapng, pcap

from auditor.errors import CaptureError
from auditor.packets import Decoder
from auditor.packets.growing import Growing, same_ring

FRAME = ethernet(b"data")
WHOLE = pcap([(n * 1000, FRAME) for n in range(1, 9)])


def ring_name(number: int, suffix: str = ".pcapng") -> str:
    return f"r_{number:05d}_20261126{number:06d}{suffix}"


def read(path: Path, *steps: Callable[[], object], ends: bool = False) -> tuple[bytes, Growing]:
    """Return what is read of a capture; each time that nothing is there, the next step is taken."""
    left, found = list(steps), []
    waited: list[float] = []
    with closing(Growing(str(path), waited.append)) as source:
        while (data := source.read(0.01)) is not None:
            if data:
                found.append(data)
            elif left:
                left.pop(0)()
            else:
                break
        assert (data is None) == ends
        assert source.read(0.01) == (None if ends else b"")
    return b"".join(found), source


def appended(path: Path, data: bytes) -> Callable[[], object]:
    def step() -> None:
        with path.open("ab") as file:
            file.write(data)

    return step


def test_a_file_is_read_as_it_grows(tmp_path):
    path = tmp_path / "a.pcap"
    path.touch()
    steps = [appended(path, WHOLE[at : at + 37]) for at in range(0, len(WHOLE), 37)]
    found, source = read(path, *steps, lambda: None)
    assert (found, source.notes) == (WHOLE, [])


def test_a_file_that_is_cut_ends_and_says_so(tmp_path):
    path = tmp_path / "a\x1b.pcap"
    path.write_bytes(WHOLE)
    found, source = read(path, lambda: os.truncate(path, 50), ends=True)
    assert found == WHOLE
    (note,) = source.notes
    assert note.endswith("a?.pcap was cut while it was followed: what came after is missing.")


@pytest.mark.parametrize("suffix", [".pcapng", "", ".cap"])
def test_a_ring_is_followed_to_its_next_file(tmp_path, suffix):
    parts = [bytes(Pcapng().interface().enhanced(n, FRAME)) for n in (1, 2, 3)]
    first, second, third = (tmp_path / ring_name(n, suffix) for n in (7, 8, 9))
    first.write_bytes(parts[0][:-9])
    (tmp_path / ring_name(8, ".other")).write_bytes(b"of another ring")
    (tmp_path / ring_name(6, suffix)).write_bytes(b"older")

    def begin() -> None:
        appended(first, parts[0][-9:])()
        second.write_bytes(parts[1])

    steps = [begin, lambda: third.write_bytes(parts[2][:20]), appended(third, parts[2][20:])]
    found, source = read(first, *steps)
    assert (found, source.notes) == (b"".join(parts), [])
    decoder = Decoder(PORTS)
    assert sum(len(batch.segments) for batch in decoder.feed(found)) == 3


def test_a_ring_of_pcap_files_is_read_file_by_file(tmp_path):
    first, second = tmp_path / ring_name(1, ".pcap"), tmp_path / ring_name(2, ".pcap")
    first.write_bytes(WHOLE[:150])
    found, source = read(first, lambda: second.write_bytes(WHOLE[:24] + WHOLE[150:]))
    assert found == WHOLE[:150] + WHOLE[:24] + WHOLE[150:]
    assert source.path == str(second)


def test_files_that_were_gone_are_counted(tmp_path):
    file = bytes(Pcapng().interface())
    first = tmp_path / ring_name(1)
    first.write_bytes(file)
    found, source = read(first, lambda: (tmp_path / ring_name(5)).write_bytes(file))
    assert found == file * 2
    assert source.notes == ["3 files of the ring were gone before they could be followed."]


def test_a_file_that_the_ring_removed_is_read_to_its_end(tmp_path):
    file = bytes(Pcapng().interface())
    first = tmp_path / ring_name(1)
    first.write_bytes(file)

    def rotate() -> None:
        appended(first, file)()
        first.unlink()
        (tmp_path / ring_name(2)).write_bytes(file)

    assert read(first, rotate)[0] == file * 3


def test_a_pipe_is_read_to_its_end_without_waiting_for_more(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    keep = os.open(path, os.O_RDWR)
    with closing(Growing(str(path), pytest.fail)) as source:
        assert source.read(0.01) == b""
        os.write(keep, WHOLE[:100])
        assert source.read(1) == WHOLE[:100]
        assert source.read(0.01) == b""
        os.close(keep)
        assert source.read(1) is None


def test_standard_input_is_read_and_stays_open(monkeypatch):
    reads, writes = os.pipe()
    with io.TextIOWrapper(io.FileIO(reads)) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        os.write(writes, WHOLE)
        os.close(writes)
        with closing(Growing("-", pytest.fail)) as source:
            assert (source.read(1), source.read(1)) == (WHOLE, None)
        os.fstat(reads)


def test_closed_standard_input_is_refused(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(CaptureError, match="Standard input is closed"):
        Growing("-", pytest.fail)


@pytest.mark.parametrize("data", [*(pack(WHOLE) for pack in PACKERS.values()), snoop([])])
def test_what_is_packed_or_of_another_format_is_refused(tmp_path, data):
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(CaptureError, match=r"a cannot be followed: it is packed, or neither pcap"):
        read(tmp_path / "a")


@pytest.mark.parametrize(
    ("name", "why"), [("none", "No such file"), ("a\0b", "embedded null"), ("n" * 300, "too long")]
)
def test_what_cannot_be_opened_is_refused(tmp_path, name, why):
    with pytest.raises(CaptureError, match=f"cannot be followed: .*{why}"):
        Growing(str(tmp_path / name), pytest.fail)


def test_a_folder_is_refused_when_it_is_read(tmp_path):
    said = pytest.raises(CaptureError, match=r"cannot be read on: Is a directory\.")
    with closing(Growing(str(tmp_path), pytest.fail)) as source, said:
        source.read(0.01)


def test_files_of_one_ring_are_known(tmp_path):
    one, two = (str(tmp_path / ring_name(n)) for n in (1, 2))
    assert same_ring([one]) and same_ring([one, two])
    assert not same_ring([one, str(tmp_path / "other.pcapng")])
    assert not same_ring([one, str(tmp_path / ring_name(2, ".pcap"))])
    assert not same_ring([one, str(tmp_path / "sub" / ring_name(2))])
    assert not same_ring([])
