"""Patterns mean what glob(3) says, within the paths given and within bounds."""

from __future__ import annotations

import glob
import os
from pathlib import Path

import pytest
from bareosconf import plant

from auditor.config import patterns
from auditor.config.given_paths import GivenPaths
from auditor.config.patterns import Patterns, fixed, wildcards


def expanded(root: Path, pattern: str) -> list[str]:
    found, _ = Patterns(GivenPaths.of([root])).expand(root, pattern)
    return [str(path.relative_to(root)) for path in found]


@pytest.mark.parametrize(
    "pattern",
    [
        *("*.conf", "?.conf", "[ab].conf", "[!a].conf", "*/x.conf", "s*/*", "s*/x.conf", ".*", "*"),
        *("**", "sub/../*.conf", "./*.conf", "*/..", "sub/*x*", "a.conf/*", "*/gone", "gone/*"),
        *("[x", "q[1].c"),
    ],
)
def test_a_pattern_means_what_the_library_says(tmp_path: Path, pattern: str) -> None:
    names = "a.conf b.conf .hidden.conf sub/x.conf sub/.y sub2/x.conf [x q1.c"
    plant(tmp_path, dict.fromkeys(names.split(), ""))
    theirs = glob.glob(f"{glob.escape(str(tmp_path))}/{pattern}")  # noqa: PTH207
    ours = [os.path.normpath(name) for name in expanded(tmp_path, pattern)]
    wanted = [os.path.normpath(Path(name).relative_to(tmp_path)) for name in theirs]
    assert sorted(ours) == sorted(wanted)


def test_a_file_of_that_very_name_is_meant_before_any_it_matches(tmp_path: Path) -> None:
    plant(tmp_path, {"q[1].c": "", "q1.c": ""})
    assert expanded(tmp_path, "q[1].c") == ["q[1].c"]


def test_no_folder_outside_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, {"tree/x.conf": "", "out/x.conf": ""})
    (tmp_path / "tree/link").symlink_to("../out")
    listed: list[str] = []
    iterdir = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda self: listed.append(str(self)) or iterdir(self))
    found = Patterns(GivenPaths.of([tmp_path / "tree"]))
    for pattern in ("*/x.conf", "l*/*.conf", "link/*", "../*", "../out/*", "*/../../out/*"):
        assert found.expand(tmp_path / "tree", pattern) == ([], True), pattern
    assert set(listed) == {str(tmp_path / "tree")}


def test_names_that_are_looked_at_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, {f"{n}.conf": "" for n in range(10)})
    monkeypatch.setattr(patterns, "MOST_NAMES", 55)
    found = Patterns(GivenPaths.of([tmp_path]))
    assert [len(found.expand(tmp_path, "*.conf")[0]) for _ in range(4)] == [10, 10, 10, 0]
    assert found.exhausted


def test_wildcards_are_counted_by_folders() -> None:
    assert [wildcards(one) for one in ("/a/b", "/a/*.c", "*/?x/[a]", "/**/x")] == [0, 1, 3, 1]
    assert [fixed(one) for one in ("/a/b", "/a/*.c", "*/b", "/a/?/c")] == ["/a/b", "/a", "", "/a"]


def test_a_folder_in_which_nothing_is_counts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of includes of empty folders took ten seconds within the bound on names."""
    monkeypatch.setattr(patterns, "MOST_NAMES", 25)
    found = Patterns(GivenPaths.of([tmp_path]))
    for _ in range(3):
        assert not found.exhausted
        found.expand(tmp_path, "*.conf")
    assert found.exhausted
