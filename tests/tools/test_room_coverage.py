"""Coverage counts by room: what tests of other rooms execute does not count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
import room_coverage
from bareosconf import plant
from coverage import CoverageData
from room_coverage import EXCEPTIONS, Module, inside_functions, ranges, violations

#: Two modules of ten lines each; the body of the function is the last seven.
BODY = "X = 1\n\n\ndef f() -> int:\n    a = 1\n    b = 2\n    c = 3\n    d = 4\n    return a\n"


@pytest.fixture(autouse=True)
def exceptions(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[float, str]]:
    """Take the place of today's exceptions."""
    found: dict[str, tuple[float, str]] = {}
    monkeypatch.setattr(room_coverage, "EXCEPTIONS", found)
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a package of two modules in two rooms."""
    return plant(
        tmp_path,
        {"auditor/__init__.py": "", "auditor/flows/track.py": BODY, "auditor/judge/ttl.py": BODY},
    )


def executed(root: Path, **rooms: Mapping[str, Iterable[int]]) -> str:
    """Write which lines of which module tests of a room execute; return the file's name."""
    data = CoverageData(str(root / "data"))
    for room, lines in rooms.items():
        data.set_context("" if room == "collecting" else room)
        data.add_lines({str(root / "auditor" / name): numbers for name, numbers in lines.items()})
    data.write()
    return str(root / "data")


def run(root: Path, data: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    code = room_coverage.main([data, str(root)])
    return code, capsys.readouterr().out.splitlines()


def test_what_tests_of_other_rooms_execute_does_not_count(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = executed(
        root,
        collecting={"flows/track.py": [1, 4], "judge/ttl.py": [1, 4]},
        flows={"flows/track.py": [5, 6, 7, 8, 9]},
        judge={"flows/track.py": [5, 6], "judge/ttl.py": [5, 6, 9]},
    )
    code, lines = run(root, data, capsys)
    assert code == 1
    assert lines[-1] == (
        "auditor/judge/ttl.py:7: 71 % of 7 lines are executed by tests of judge, "
        "less than 90 %: not 7-8"
    )
    assert not [line for line in lines if line.startswith("auditor/flows")]


def test_the_table_has_a_line_a_room(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = [1, 4, 5, 6, 7, 8, 9]
    data = executed(root, flows={"flows/track.py": whole}, judge={"judge/ttl.py": whole})
    code, lines = run(root, data, capsys)
    assert code == 0
    assert [line.split() for line in lines[2:]] == [
        ["flows", "1", "7", "100.0", "%", "flows/track.py", "100", "%"],
        ["judge", "1", "7", "100.0", "%", "judge/ttl.py", "100", "%"],
    ]


def test_lines_of_an_import_count_whoever_was_first(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = executed(
        root,
        judge={"flows/track.py": [1, 4], "judge/ttl.py": [1, 4, 5, 6, 7, 8, 9]},
        flows={"flows/track.py": [5, 6, 7, 8, 9]},
    )
    assert run(root, data, capsys)[0] == 0
    whole = {"flows/track.py": range(1, 10), "judge/ttl.py": range(1, 10)}
    assert run(root, executed(root, collecting=whole), capsys)[0] == 0


def test_an_exception_has_a_gate_of_its_own_and_must_be_needed(
    exceptions: dict[str, tuple[float, str]],
) -> None:
    module = Module("judge/ttl.py", 100, tuple(range(40)))
    assert len(list(violations([module]))) == 1
    exceptions["judge/ttl.py"] = (60.0, "it runs elsewhere")
    assert list(violations([module])) == []
    (worse,) = violations([Module("judge/ttl.py", 100, tuple(range(41)))])
    assert "59 % of 100 lines" in worse and "less than 60 %" in worse
    (needless,) = violations([Module("judge/ttl.py", 100, ())])
    assert needless == "auditor/judge/ttl.py:1: 100 % are executed: it needs no exception"
    (gone,) = violations([])
    assert gone == "auditor/judge/ttl.py:1: it has an exception and does not exist"


def test_every_exception_has_a_reason() -> None:
    for share, reason in EXCEPTIONS.values():
        assert 0 <= share < room_coverage.GATE
        assert len(reason.split()) > 3


def test_bodies_of_functions_are_told_from_what_an_import_executes() -> None:
    source = (
        "import a\n\n\n@a\ndef f(\n    b=1,\n):\n    '''Doc.'''\n    return 1\n\n\nX = [\n    1]\n"
    )
    assert inside_functions(source) == {8, 9}
    assert inside_functions("class A:\n    x = 1\n\n    def f(self):\n        pass\n") == {5}


def test_lines_are_told_as_ranges() -> None:
    assert ranges([]) == ""
    assert ranges([9, 1, 3, 4, 5]) == "1, 3-5, 9"
