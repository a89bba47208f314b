"""Archives are no captures, and are said to be what they are."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest
from packed import PACKERS
from pcapfile import pcap

from auditor.errors import CaptureError
from auditor.packets import read_capture
from auditor.packets.archives import ARCHIVE_HEAD, archive_of


def tar(name: str = "a.pcap") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.pcap", pcap([]))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (tar(), "a tar archive"),
        (PACKERS["gzip"](tar()), "a tar archive"),
        (PACKERS["xz"](tar("x" * 200)), "a tar archive"),
        (zipped(), "a zip archive"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(40), "a 7z archive"),
        (b"Rar!\x1a\x07\x01" + bytes(40), "a rar archive"),
        (b"MSCF" + bytes(40), "a cabinet archive"),
        (b"\x1f\x9d\x90" + bytes(40), "packed by compress"),
        (b"LZIP\1" + bytes(40), "packed by lzip"),
        (b"\x89LZO\0\r\n" + bytes(40), "packed by lzop"),
        (b"\x02\x21\x4c\x18" + bytes(40), "packed by lz4 in its format of old"),
        (b"\x5d\x00\x00\x80" + bytes(40), "packed by lzma"),
    ],
    ids=["tar", "tar.gz", "tar.xz", "zip", "7z", "rar", "cab", "Z", "lz", "lzo", "lz4", "lzma"],
)
def test_an_archive_is_refused_as_what_it_is(tmp_path, data, what):
    path = tmp_path / "a.pcap"
    path.write_bytes(data)
    with pytest.raises(CaptureError) as refusal, read_capture(str(path), {9101}) as reader:
        list(reader)
    assert str(refusal.value) == f"{path} is {what}, and no capture: unpack it first."


@pytest.mark.parametrize("head", [b"", b"P", b"text", bytes(ARCHIVE_HEAD), pcap([]), b"ustar" * 40])
def test_nothing_else_is_one(head):
    assert archive_of(head) == ""
