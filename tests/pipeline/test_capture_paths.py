"""What is meant by files, folders, patterns and the name of a ring."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packed import PACKERS
from pcapfile import Pcapng, pcap

from auditor.errors import CaptureError
from auditor.pipeline import capture_paths as module
from auditor.pipeline.capture_paths import CapturePaths, capture_paths
from auditor.text import printable

CAPTURE = pcap([])
RING = ["r_00001_20261126235959.pcapng", "r_00002_20261127000000.pcapng"]


def fill(folder: Path, **files: bytes) -> Path:
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def found(*given: str | Path, folder: Path) -> list[str]:
    return [os.path.relpath(path, folder) for path in capture_paths(given)]


def test_files_and_standard_input_are_what_they_are(tmp_path):
    fill(tmp_path, a=CAPTURE)
    given = [str(tmp_path / "a"), "-", str(tmp_path / "none"), "a\0b", str(tmp_path / "a"), ""]
    given += [str(tmp_path / ("n" * 300)), "n/" * 3000, str(tmp_path / "no" / "where")]
    assert capture_paths(given) == given
    assert capture_paths(tmp_path / "a") == [str(tmp_path / "a")]
    assert capture_paths("-") == ["-"]


def test_what_was_found_is_not_looked_for_again(tmp_path):
    paths = CapturePaths([str(tmp_path)])
    assert capture_paths(paths) is paths


def test_a_folder_means_all_captures_in_it_and_below_by_what_they_hold(tmp_path):
    fill(tmp_path, a10=CAPTURE, a9=bytes(Pcapng()), sub__deep__b=CAPTURE, _dot_hidden=CAPTURE)
    for name, pack in PACKERS.items():
        fill(tmp_path, **{f"p{name}": pack(CAPTURE)})
    paths = capture_paths(tmp_path)
    packed = sorted(f"p{name}" for name in PACKERS)
    assert [os.path.relpath(path, tmp_path) for path in paths] == [
        "a9", "a10", *packed, "sub/deep/b",
    ]  # fmt: skip
    assert paths.notes == {}


def test_what_is_no_capture_is_named_and_passed_over(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "system").symlink_to("/proc/kmsg")
    fill(
        tmp_path, a=CAPTURE, text=b"some words, and more of them", empty=b"", sub__cut=CAPTURE[:20]
    )
    fill(tmp_path, half=bytes(Pcapng())[:26], wrong=PACKERS["gzip"](CAPTURE)[:12])
    paths = capture_paths([str(tmp_path), str(tmp_path / "a")])
    assert paths == [str(tmp_path / "a")] * 2
    assert paths.notes == {
        str(tmp_path / "a"): f"In {tmp_path} these are no captures, or hold nothing yet: empty, "
        "fifo, half, sub/cut, text and 3 more."
    }


def test_a_file_under_several_names_is_taken_once(tmp_path):
    fill(tmp_path, b=CAPTURE, d__c=CAPTURE)
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "d/b2").hardlink_to(tmp_path / "b")
    (tmp_path / "loop").symlink_to(".")
    assert found(tmp_path, folder=tmp_path) == ["b", "d/c"]


def test_a_link_to_a_capture_elsewhere_is_followed(tmp_path):
    fill(tmp_path, there__b=CAPTURE)
    (tmp_path / "here").mkdir()
    (tmp_path / "here/link").symlink_to("../there/b")
    assert found(tmp_path / "here", folder=tmp_path) == ["here/link"]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "it is empty"),
        ({"a": b"x"}, r"what is in it is none \(a\)"),
        ({"_dot_a": CAPTURE}, "it is empty"),
    ],
)
def test_a_folder_without_captures_is_an_error(tmp_path, files, why):
    fill(tmp_path, **files)
    sentence = f"^{tmp_path} has no captures: {why}; name a folder that has some.$"
    with pytest.raises(CaptureError, match=sentence):
        capture_paths(tmp_path)


def test_a_capture_that_may_not_be_read_is_not_passed_over(tmp_path, monkeypatch):
    fill(tmp_path, a=CAPTURE, b=CAPTURE)

    opened = Path.open

    def refuse(path, *args):
        if path.name == "b":
            raise PermissionError(13, "Permission denied")
        return opened(path, *args)

    monkeypatch.setattr(Path, "open", refuse)
    assert found(tmp_path, folder=tmp_path) == ["a", "b"]


def test_a_folder_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(module.os, "scandir", refuse)
    with pytest.raises(CaptureError, match=r"The folder .* cannot be read: Permission denied."):
        capture_paths(tmp_path)


def test_a_pattern_is_what_a_shell_makes_of_it(tmp_path, monkeypatch):
    fill(tmp_path, a1=CAPTURE, a2=b"", a10=CAPTURE, b1=CAPTURE, _dot_a=CAPTURE, d__a3=CAPTURE)
    assert found(tmp_path / "a?", folder=tmp_path) == ["a1"]
    assert found(tmp_path / "[ab]*", folder=tmp_path) == ["a1", "a10", "b1"]
    assert found(tmp_path / "**/a[13]*", folder=tmp_path) == ["a1", "a10", "d/a3"]
    monkeypatch.chdir(tmp_path)
    assert capture_paths("a*") == ["a1", "a10"]
    assert capture_paths(["?"]) == ["d/a3"], "a folder that matches is one that was named"
    with pytest.raises(CaptureError, match=r"^No file matches c\*: check the pattern.$"):
        capture_paths("c*")


def test_a_file_that_is_called_like_a_pattern_is_that_file(tmp_path):
    fill(tmp_path, **{"a[1]": CAPTURE, "a1": CAPTURE})
    assert found(tmp_path / "a[1]", folder=tmp_path) == ["a[1]"]


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_the_name_of_a_ring_means_its_files(tmp_path, suffix):
    fill(tmp_path, **{name + suffix: CAPTURE for name in RING})
    fill(tmp_path, **{"r_1_20261126235959.pcapng": b"", "r2_00001_20261126235959.pcapng": b""})
    assert found(tmp_path / "r.pcapng", folder=tmp_path) == [name + suffix for name in RING]
    assert found(tmp_path / "r.pcap", folder=tmp_path) == ["r.pcap"]
    fill(tmp_path, **{"r.pcapng": CAPTURE})
    assert found(tmp_path / "r.pcapng", folder=tmp_path) == ["r.pcapng"]


def test_the_number_of_files_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_FILES", 3)
    fill(tmp_path, **{f"a{number}": CAPTURE for number in range(3)})
    assert len(capture_paths(tmp_path)) == len(capture_paths(tmp_path / "a*")) == 3
    fill(tmp_path, a3=CAPTURE)
    for path in (tmp_path, tmp_path / "a*"):
        with pytest.raises(CaptureError, match=r"has more than 3 files: name fewer captures\."):
            capture_paths(path)


NAMES = st.binary(min_size=1, max_size=20).filter(
    lambda name: not set(name) & set(b"\0/") and not name.startswith(b".")
)


@settings(max_examples=30)
@given(names=st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_any_name_is_found_and_none_harms_a_sentence(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("names")
    for number, name in enumerate(names):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(CAPTURE if number else b"")
    try:
        paths = capture_paths(folder)
    except CaptureError as error:
        sentences = [str(error)]
    else:
        assert sorted(os.fsencode(os.path.relpath(path, folder)) for path in paths) == sorted(
            names[1:]
        )
        sentences = [*paths.notes.values()]
    assert len(sentences) == 1
    assert sentences[0] == printable(sentences[0], len(sentences[0]))
    sentences[0].encode()


def test_what_matches_a_pattern_and_is_no_capture_is_named_and_passed_over(tmp_path):
    fill(tmp_path, a1=CAPTURE, a2=b"", a3=b"a text that is long enough", a4=CAPTURE[:20])
    os.mkfifo(tmp_path / "a5")
    (tmp_path / "a6").symlink_to("nowhere")
    pattern = tmp_path / "a*"
    paths = capture_paths(pattern)
    assert paths == [str(tmp_path / name) for name in ("a1", "a5", "a6")]
    told = ", ".join(str(tmp_path / name) for name in ("a2", "a3", "a4"))
    assert paths.notes == {
        paths[0]: f"Of {pattern} these are no captures, or hold nothing yet: {told}."
    }
    with pytest.raises(CaptureError, match=r"No file that matches .* is a capture \(.*a3"):
        capture_paths(tmp_path / "a[23]")


@pytest.mark.parametrize("begun", [b"", CAPTURE[:4], CAPTURE[:23]])
def test_of_several_files_one_in_which_nothing_is_yet_is_passed_over(tmp_path, begun):
    """As tcpdump leaves the last of its files until its buffer is full."""
    fill(tmp_path, a=CAPTURE, b=begun, c=CAPTURE, d=begun)
    a, b, c, d = (str(tmp_path / name) for name in "abcd")
    paths = capture_paths([b, a, c, d, b])
    assert paths == [a, c]
    assert paths.notes == {a: f"These captures hold nothing yet, and were passed over: {b}, {d}."}
    assert capture_paths([b]) == [b]
    assert capture_paths([b, d]) == [b, d]
    assert capture_paths([b, "-"]) == ["-"]
    fill(tmp_path, b=b"a text")
    assert capture_paths([a, b]) == [a, b], "whoever reads it says what it is"


def test_all_that_is_passed_over_is_told_of_one_capture(tmp_path):
    fill(tmp_path, r__a=CAPTURE, r__text=b"some words, and more", b=b"")
    paths = capture_paths([tmp_path / "r", tmp_path / "b"])
    (told,) = paths.notes.values()
    assert "text. These captures hold nothing yet" in told
