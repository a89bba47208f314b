"""The unit of work: a file becomes evidence, or a sentence."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import zstandard
from paths import CAPTURES

from auditor.engines import packed
from auditor.engines.unit import Failed, Task, Thinned, thin_one, together
from auditor.evidence import thin_file
from auditor.evidence.thin_file import thin_capture

PORTS = (9101, 9102, 9103)
TROUBLE = CAPTURES / "trouble" / "capture.pcap"


def test_a_capture_becomes_the_evidence_that_thin_makes_of_it(tmp_path: Path) -> None:
    thin_capture(str(TROUBLE), str(tmp_path / "thin.pcapng"), PORTS)
    outcome = thin_one(Task(3, str(TROUBLE), PORTS))
    assert isinstance(outcome, Thinned)
    unpacked = zstandard.ZstdDecompressor().decompressobj().decompress(outcome.evidence)
    assert unpacked == (tmp_path / "thin.pcapng").read_bytes()
    assert (outcome.number, outcome.octets) == (3, TROUBLE.stat().st_size)


def test_the_same_capture_becomes_the_same_bytes() -> None:
    task = Task(0, str(TROUBLE), PORTS)
    assert thin_one(task) == thin_one(task)


@pytest.mark.parametrize("name", ["missing.pcap", "text.pcap", ""])
def test_what_is_no_capture_is_a_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "text.pcap").write_text("nothing of the kind, whatever it is called")
    outcome = thin_one(Task(1, str(tmp_path / name), PORTS))
    assert isinstance(outcome, Failed)
    assert outcome.reason.endswith(".")
    assert str(tmp_path) in outcome.reason


def test_memory_that_ends_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(*_: object, **__: object) -> None:
        raise MemoryError("of hunter2")

    monkeypatch.setattr(thin_file, "thin_to", ended)
    assert thin_one(Task(0, "big.pcap", PORTS)) == Failed(
        0, "big.pcap could not be thinned: MemoryError."
    )


def test_evidence_without_bounds_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MAX_EVIDENCE", 1000)
    outcome = thin_one(Task(0, str(TROUBLE), PORTS))
    assert isinstance(outcome, Failed)
    assert "audit it by itself" in outcome.reason


def test_small_captures_are_handed_over_together_and_large_ones_alone() -> None:
    sizes = [10, 20, 1 << 21, 0, 1 << 19, 1 << 19, 1, *[5] * 33]
    tasks = [Task(number, "a", PORTS, octets=size) for number, size in enumerate(sizes)]
    batches = list(together(tasks))
    assert [len(some) for some in batches] == [2, 1, 1, 2, 16, 16, 2]
    assert [task for some in batches for task in some] == tasks
    assert list(together([])) == []


@pytest.mark.parametrize("what", [Task(0, "a", PORTS), Thinned(0, b"x", 1), Failed(0, "why.")])
def test_all_that_goes_over_a_wire_comes_back_equal(what: object) -> None:
    assert pickle.loads(pickle.dumps(what)) == what
