"""Captures become evidence in a folder, once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from paths import CAPTURES

from auditor.engines.gather import Gathered, capture_state, gather
from auditor.engines.unit import Failed, Outcome, Task, Thinned, thin_one
from auditor.errors import OutputError
from auditor.packets.remote import FileState

PORTS = (9103, 9101, 9102)


class Counting:
    """An engine that works here, hands back the last first, and remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[Task] = []

    def run(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        self.given += tasks
        return (thin_one(task) for task in reversed(tasks))


@pytest.fixture
def captures(tmp_path: Path) -> list[str]:
    names = ["trouble", "self-copy", "modes"]
    for name in names:
        shutil.copy(CAPTURES / name / "capture.pcap", tmp_path / f"{name}.pcap")
    return [str(tmp_path / f"{name}.pcap") for name in names]


def test_evidence_comes_in_the_order_of_the_captures(captures: list[str], tmp_path: Path) -> None:
    found = gather(captures, PORTS, Counting(), str(tmp_path / "work"))
    assert [one.capture for one in found] == captures
    for number, one in enumerate(found):
        outcome = thin_one(Task(number, one.capture, tuple(sorted(PORTS))))
        assert isinstance(outcome, Thinned)
        assert Path(one.evidence).read_bytes() == outcome.evidence


def test_a_run_is_taken_up_where_it_ended(captures: list[str], tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    gather(captures[:2], PORTS, first, str(tmp_path / "work"))
    read = list[int]()
    found = gather(captures, PORTS, second, str(tmp_path / "work"), read.append)
    assert [task.path for task in second.given] == captures[2:]
    assert not any(one.missing for one in found)
    assert sum(read) == sum(Path(name).stat().st_size for name in captures)


def test_a_capture_that_grew_is_thinned_again(captures: list[str], tmp_path: Path) -> None:
    gather(captures, PORTS, Counting(), str(tmp_path / "work"))
    whole = Path(captures[0]).read_bytes()
    Path(captures[0]).write_bytes(whole + whole[24:])
    again = Counting()
    gather(captures, PORTS, again, str(tmp_path / "work"))
    assert [task.path for task in again.given] == captures[:1]


def test_what_cannot_be_read_is_named_and_tried_again(captures: list[str], tmp_path: Path) -> None:
    bad = str(tmp_path / "bad.pcap")
    found = gather([captures[0], bad], PORTS, Counting(), str(tmp_path / "work"))
    assert found[1] == Gathered(
        bad, missing=f"{bad} does not exist: check the path of the capture."
    )
    shutil.copy(captures[1], bad)
    found = gather([captures[0], bad], PORTS, Counting(), str(tmp_path / "work"))
    assert not found[1].missing


def test_a_capture_named_twice_is_thinned_once(captures: list[str], tmp_path: Path) -> None:
    engine = Counting()
    found = gather([captures[0]] * 3, PORTS, engine, str(tmp_path / "work"))
    assert len(engine.given) == len(found) == 1


def test_a_capture_is_the_same_from_wherever_it_is_named(
    captures: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gather(captures[:1], PORTS, Counting(), str(tmp_path / "work"))
    monkeypatch.chdir(tmp_path)
    again = Counting()
    gather([Path(captures[0]).name], PORTS, again, str(tmp_path / "work"))
    assert again.given == []


def test_an_engine_may_fail_at_all(captures: list[str], tmp_path: Path) -> None:
    class Dead:
        def run(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
            return (Failed(task.number, "nobody was there.") for task in tasks)

    found = gather(captures, PORTS, Dead(), str(tmp_path / "work"))
    assert {one.missing for one in found} == {"nobody was there."}


def test_what_is_no_file_has_no_state() -> None:
    assert capture_state("no-such-file") == capture_state("a\0b") == FileState("", 0)


def test_evidence_is_not_put_among_the_captures(captures: list[str], tmp_path: Path) -> None:
    """The next run would audit it as well."""
    for folder in (tmp_path, tmp_path.parent):
        with pytest.raises(OutputError, match="would be read as another capture"):
            gather(captures, PORTS, Counting(), str(folder))
    assert sorted(tmp_path.iterdir()) == sorted(map(Path, captures))


def test_files_of_one_address_that_a_query_tells_apart_are_two(tmp_path: Path) -> None:
    """Evidence of one lay in the place of the other's; no query is kept."""

    class Elsewhere(Counting):
        def run(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
            return (Thinned(task.number, task.path.encode(), 1) for task in tasks)

    urls = [f"https://u:hunter2@taps.example/get?file={name}&token=s3cret" for name in "ab"]
    found = gather(urls, PORTS, Elsewhere(), str(tmp_path / "work"))
    assert [Path(one.evidence).read_bytes() for one in found] == [url.encode() for url in urls]
    manifest = (tmp_path / "work" / "manifest.jsonl").read_text()
    assert "hunter2" not in manifest and "s3cret" not in manifest and "u@taps.example" in manifest
