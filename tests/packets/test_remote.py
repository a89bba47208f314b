"""Captures that lie elsewhere are read as files are, and no secret of their address is shown."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from paths import CAPTURES

from auditor.errors import CaptureError
from auditor.packets import read_capture
from auditor.packets.remote import FileState, is_url, matching_urls, open_url, shown_url, url_state

PORTS = (9101, 9102, 9103)
TROUBLE = CAPTURES / "trouble" / "capture.pcap"


@pytest.fixture
def store() -> Iterator[MemoryFileSystem]:
    memory = MemoryFileSystem()
    yield memory
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


class Broken(MemoryFileSystem):
    """A place that fails in words which tell a secret."""

    protocol = "broken"

    def _open(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("AWSAccessKeyId=SECRET was refused")


def segments(path: str) -> tuple[int, str]:
    with read_capture(path, PORTS) as reader:
        for _ in reader:
            pass
        return reader.info.segments, reader.info.name


@pytest.mark.parametrize("packed", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_remote_capture_is_read_as_the_file_is(store: MemoryFileSystem, packed: Any) -> None:
    store.pipe_file("/taps/a.pcap", packed(TROUBLE.read_bytes()))
    assert segments("memory://taps/a.pcap") == (segments(str(TROUBLE))[0], "memory://taps/a.pcap")


def test_a_local_url_is_the_file() -> None:
    assert segments(f"file://{TROUBLE}")[0] == segments(str(TROUBLE))[0]


def test_a_file_whose_name_looks_like_a_url_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s3:" / "x").mkdir(parents=True)
    (tmp_path / "s3:" / "x" / "a.pcap").write_bytes(TROUBLE.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert segments("s3://x/a.pcap")[0] == segments(str(TROUBLE))[0]


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("s3://bucket/a.pcap", True),
        ("sftp://host/a", True),
        ("file:///a", True),
        ("-", False),
        ("a.pcap", False),
        ("/a://b", False),
        ("a::s3://b", False),
        ("", False),
    ],
)
def test_what_is_a_url(path: str, url: bool) -> None:
    assert is_url(path) is url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sftp://backup:hunter2@host:22/taps/a.pcap", "sftp://backup@host:22/taps/a.pcap"),
        ("https://h/a.pcap?X-Amz-Signature=abc&x=1#f", "https://h/a.pcap?…"),
        ("s3://bucket/a.pcap", "s3://bucket/a.pcap"),
        ("ftp://u:p@ss@host/a", "ftp://u@host/a"),
        ("http://[broken/secret", "http://…"),
        ("/taps/a?b.pcap", "/taps/a?b.pcap"),
    ],
)
def test_no_secret_of_an_address_is_shown(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_a_pattern_and_a_folder_mean_the_files_in_them(store: MemoryFileSystem) -> None:
    for name in ("b.pcap", "a.pcap", "c.txt", "empty.pcap"):
        store.pipe_file(f"/taps/{name}", b"" if name == "empty.pcap" else b"x")
    both = ["memory:///taps/a.pcap", "memory:///taps/b.pcap"]
    assert matching_urls("memory://taps/*.pcap", 10) == both
    assert matching_urls("memory://taps", 10) == [*both, "memory:///taps/c.txt"]
    assert matching_urls("memory://taps/a.pcap", 10) == ["memory://taps/a.pcap"]
    with pytest.raises(CaptureError, match="has no captures"):
        matching_urls("memory://taps/*.pcapng", 10)
    with pytest.raises(CaptureError, match="has more than 1 files"):
        matching_urls("memory://taps/*.pcap", 1)


def test_a_file_that_was_written_anew_has_another_state(store: MemoryFileSystem) -> None:
    store.pipe_file("/taps/a.pcap", b"one")
    first = url_state("memory://taps/a.pcap")
    assert first and first == url_state("memory://taps/a.pcap")
    store.pipe_file("/taps/a.pcap", b"one and more")
    assert url_state("memory://taps/a.pcap") != first
    assert url_state("memory://taps/nothing") == FileState("", 0)
    assert first.octets == 3


@pytest.mark.parametrize(
    ("info", "known"),
    [
        ({"size": 5, "ETag": '"a"'}, True),
        ({"size": 5, "mtime": 7.5}, True),
        ({"size": 5, "LastModified": "2026-11-27"}, True),
        ({"size": 5, "mimetype": "application/x-pcap"}, False),
        ({"size": None}, False),
    ],
)
def test_a_place_that_tells_no_change_has_no_state(
    info: dict[str, object], known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A web server without marks hands out another file under the same address and size."""
    store = fsspec.filesystem("memory")
    monkeypatch.setattr(type(store), "info", lambda *_: {"name": "a", "type": "file", **info})
    state = url_state("memory://taps/a.pcap")
    assert bool(state.mark) is known
    assert state.octets == (info["size"] or 0)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("memory://taps/none.pcap", "does not exist"),
        ("nonsense://u:hunter2@x/a", "of a kind that fsspec does not know"),
        ("broken://u:hunter2@x/a?SECRET", "cannot be read: RuntimeError"),
    ],
)
def test_what_cannot_be_opened_is_a_sentence_without_secrets(url: str, words: str) -> None:
    fsspec.register_implementation("broken", Broken, clobber=True)
    with pytest.raises(CaptureError, match=words) as raised:
        open_url(url)
    assert "hunter2" not in str(raised.value) and "SECRET" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_place_that_fails_in_the_middle_leaves_what_was_read(
    store: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.pipe_file("/taps/a.pcap", TROUBLE.read_bytes())
    file = open_url("memory://taps/a.pcap")

    class Failing:
        def readinto(self, _: object) -> int:
            raise RuntimeError("SECRET")

    monkeypatch.setattr(file.raw, "_file", Failing())  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="RuntimeError") as raised:
        file.read(10)
    assert "SECRET" not in str(raised.value)


def test_without_fsspec_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(CaptureError, match=r"bareos-audit\[cluster\]"):
        open_url("s3://bucket/a.pcap")
