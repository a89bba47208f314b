"""Files that hold the same octets as another."""

from __future__ import annotations

import gzip
from pathlib import Path
from unittest.mock import patch

import changed
import pytest
from cutting import differences
from paths import CAPTURES
from pcapfile import shortened
from pieces_of_tape import PORTS, later, written
from scene import DIR, DIRECTOR, FD1, Wire

import auditor
from auditor.evidence.thin_file import thin_capture
from auditor.outputs import evidence_guard
from auditor.pipeline.recordings import copies
from auditor.pipeline.recordings.copies import COPY, apart_from_copies, apart_from_twins
from auditor.pipeline.recordings.merging import Merging
from auditor.pipeline.recordings.survey import survey


def files(folder: Path, **held: bytes) -> list[str]:
    for name, data in held.items():
        (folder / name).write_bytes(data)
    return [str(folder / name) for name in held]


def test_only_files_of_the_same_octets_are_copies(tmp_path: Path) -> None:
    head, long = b"h" * 70_000, b"h" * 70_001
    given = files(tmp_path, a=head + b"x", b=head + b"y", c=long, d=head + b"x", e=b"", f=b"")
    unlike, like = apart_from_copies([*given, "s3://bucket/a", "nowhere", "a\0b"])
    assert like == {given[3]: given[0]}
    assert sorted(unlike) == sorted([*given[:3], *given[4:], "s3://bucket/a", "nowhere", "a\0b"])


def test_what_cannot_be_read_is_no_copy(tmp_path: Path) -> None:
    given = files(tmp_path, a=b"x" * 70_000, b=b"x" * 70_000)
    with patch.object(Path, "open", side_effect=PermissionError):
        assert apart_from_copies(given) == ([given[0]], {given[1]: given[0]})
    with patch.object(copies, "cmp", side_effect=PermissionError):
        assert apart_from_copies(given) == (given, {})


@pytest.mark.parametrize("count", [50, 200])
def test_each_file_is_compared_with_one_other_at_most(count: int, tmp_path: Path) -> None:
    head = b"h" * 70_000
    given = files(tmp_path, **{f"f{n}": head + n.to_bytes(4, "big") for n in range(count)})
    with patch.object(copies, "cmp", return_value=False) as compared:
        assert apart_from_copies(given) == (given, {})
    assert compared.call_count == count - 1


@pytest.mark.parametrize("times", [1, 3])
def test_a_recording_that_is_given_again_is_read_once(times: int, tmp_path: Path) -> None:
    path = CAPTURES / "refusals" / "capture.pcap"
    whole = auditor.audit(path)
    given = files(tmp_path, **{f"again{n}.pcap": path.read_bytes() for n in range(times)})
    with patch("auditor.pipeline.recordings.survey.survey", side_effect=survey) as surveyed:
        found = auditor.audit([given[0], str(path), *given[1:]])
    assert surveyed.call_count == 0
    assert differences(whole, found) == []
    rows = found.captures
    assert rows["name"].tolist() == [given[0], str(path), *given[1:]]
    assert rows["recording"].tolist() == [1] * (times + 1)
    packets = int(rows["packets"][0])
    assert rows["frames_before"].tolist() == [packets * n for n in range(times + 1)]
    assert [COPY in notes for notes in rows["notes"]] == [False] + [True] * times


def test_the_same_segments_in_another_form_are_followed_once(tmp_path: Path) -> None:
    """In another format, of less resolution, cut by a snap length."""
    path = CAPTURES / "refusals" / "capture.pcap"
    whole = auditor.audit(path)
    (tmp_path / "cut.pcap").write_bytes(shortened(path.read_bytes(), 120))
    changed.written(tmp_path / "fine.pcap", "refusals", changed.frames_of("refusals"))
    (tmp_path / "same.gz").write_bytes(gzip.compress(path.read_bytes()))
    given = [tmp_path / "cut.pcap", path, tmp_path / "fine.pcap", tmp_path / "same.gz"]
    for order in (given, given[::-1]):
        with patch.object(Merging, "merged") as merged:
            found = auditor.audit(order)
        assert merged.call_count == 0
        assert differences(whole, found, frames=False) == []
        assert [COPY in notes for notes in found.captures["notes"]] == [False, True, True, True]


@pytest.mark.parametrize("what", ["less", "other", "thinned"])
def test_what_differs_by_one_segment_is_no_twin(what: str, tmp_path: Path) -> None:
    frames = Wire().dial(DIR, FD1, 9102, DIRECTOR).beats(9, 3).frames
    other = {"less": frames[:-1], "other": [*frames[:-1], *later(frames[-1:], 1)]}
    given = written(tmp_path, a=frames, b=other.get(what, frames))
    if what == "thinned":
        thin_capture(given[0], given[1], PORTS, guard=evidence_guard(force=True))
    known = survey(given, PORTS)
    assert apart_from_twins(known) == (known, {})
