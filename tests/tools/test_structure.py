"""Each rule of the structure is broken once in a small tree, and found with file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import structure
from bareosconf import plant
from paths import ROOT
from structure_imports import ROOMS, Room, allowed, circles, imports, module_names
from structure_source import code_lines, read

#: A checkout in which all is well: packets below flows, each with a test.
SOUND = {
    "auditor/__init__.py": "",
    "auditor/packets/__init__.py": "",
    "auditor/packets/frame.py": "SIZE = 14\n",
    "auditor/flows/__init__.py": "",
    "auditor/flows/track.py": "from auditor.packets.frame import SIZE\n",
    "tests/packets/test_frame.py": "def test_it():\n    assert True\n",
    "tests/flows/test_track.py": "def test_it():\n    assert True\n",
    "tests/support/tape.py": "x = 1\n" * 999,
    "tools/other.py": "",
}


def found(root: Path, changes: Mapping[str, str]) -> list[tuple[str, int, str, str]]:
    """Return the violations of the sound tree with these changes."""
    plant(root, {**SOUND, **changes})
    return [
        (path.relative_to(root).as_posix(), line, what, rule)
        for path, line, what, rule in structure.violations(read(root))
    ]


def test_a_sound_tree_breaks_no_rule(tmp_path: Path) -> None:
    assert found(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("import auditor.flows.track", 1),
        ("from auditor.flows import track", 1),
        ("from auditor.flows.track import SIZE", 1),
        ("from ..flows import track", 1),
        ("def lazily():\n    from auditor.flows import track", 2),
        ("if TYPE_CHECKING:\n    from auditor.flows.track import SIZE", 2),
        ("import_module('auditor.flows.track')", 1),
        ("HOMES = {\n  'track': 'auditor.flows.track'}", 2),
        ("import_module(f'auditor.flows.{name}')", 1),
    ],
)
def test_a_room_may_not_import_a_later_one_however_it_does(
    tmp_path: Path, statement: str, line: int
) -> None:
    changes = {
        "auditor/packets/frame.py": f"{statement}\n",
        "auditor/flows/track.py": "SIZE = 1\n",
    }
    assert found(tmp_path, changes) == [
        ("auditor/packets/frame.py", line, "packets imports auditor.flows.track", "rooms")
    ]


def test_a_name_of_a_package_is_an_import_of_the_package(tmp_path: Path) -> None:
    changes = {
        "auditor/packets/frame.py": "from auditor.flows import SIZE\n",
        "auditor/flows/track.py": "",
    }
    assert [what for _, _, what, _ in found(tmp_path, changes)] == ["packets imports auditor.flows"]


def test_a_folder_that_is_no_room_of_the_table_is_named(tmp_path: Path) -> None:
    changes = {"auditor/cellar/wine.py": "", "tests/cellar/test_wine.py": ""}
    assert found(tmp_path, changes) == [
        ("auditor/cellar/wine.py", 1, "cellar is no room of the table", "rooms")
    ]


def test_what_a_room_may_import_may_be_imported_by_those_after_it() -> None:
    rooms = (Room("a", "", ""), Room("b", "a", ""), Room("c", "b", ""))
    assert allowed(rooms) == {"a": {"a"}, "b": {"a", "b"}, "c": {"a", "b", "c"}}


def test_rooms_in_a_circle_are_no_table() -> None:
    with pytest.raises(ValueError, match="b may import rooms above it only, not c"):
        allowed((Room("b", "c", ""), Room("c", "b", "")))


def test_configuration_and_packets_do_not_know_one_another() -> None:
    rooms = allowed()
    assert rooms["site"] == {"errors", "text", "outputs", "config", "site"}
    assert not rooms["capture"] & {"config", "site", "judge"}
    assert {"site", "flows"} < rooms["judge"]
    assert rooms["cli"] >= rooms["api"] | rooms["report"]
    assert len(rooms) == len(ROOMS)


@pytest.mark.parametrize(
    "back",
    [
        "from auditor.flows import track",
        "def lazily():\n    import auditor.flows.track",
        "if TYPE_CHECKING:\n    from auditor.flows.track import SIZE",
    ],
)
def test_a_circle_of_imports_is_told_whole(tmp_path: Path, back: str) -> None:
    changes = {
        "auditor/flows/track.py": "from auditor.flows import idle\n",
        "auditor/flows/idle.py": f"{back}\n",
    }
    assert found(tmp_path, changes) == [
        (
            "auditor/flows/idle.py",
            back.count("\n") + 1,
            "auditor.flows.idle -> auditor.flows.track -> auditor.flows.idle",
            "circle",
        )
    ]


def test_a_package_and_the_module_it_shows_are_a_circle_only_if_both_import(
    tmp_path: Path,
) -> None:
    shown = {"auditor/flows/__init__.py": "from auditor.flows.track import SIZE\n"}
    assert found(tmp_path / "a", shown) == []
    back = {"auditor/flows/track.py": "from auditor.flows import SIZE\n"}
    assert [rule for *_, rule in found(tmp_path / "b", shown | back)] == ["circle"]


def test_each_circle_is_told_once_and_no_import_twice(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "auditor/flows/a.py": "from auditor.flows import b\n",
            "auditor/flows/b.py": "from auditor.flows import a\nfrom auditor.flows import c\n",
            "auditor/flows/c.py": "from auditor.flows import b\n",
        },
    )
    modules = module_names(tmp_path)
    told = [[one.module[-1] for one in circle] for circle in circles(imports(modules))]
    assert sorted(map(sorted, told)) == [["a", "b"], ["b", "c"]]


def function(lines: int, head: str = "def long():") -> str:
    """Return a function of so many lines."""
    return head + "\n" + "    x = 1\n" * (lines - 1)


def test_sizes_are_held_to_the_line(tmp_path: Path) -> None:
    fits = {"auditor/packets/frame.py": "x = 1\n" * 250, "auditor/flows/track.py": function(60)}
    assert "module-size" not in {rule for *_, rule in found(tmp_path / "a", fits)}
    assert "function-size" not in {rule for *_, rule in found(tmp_path / "b", fits)}
    large = {
        "auditor/packets/frame.py": "x = 1\n" * 251,
        "tools/other.py": "\n@decorated\n" + function(61),
        "auditor/capture/bpf/keep.h": "\n" * 251,
    }
    told = found(tmp_path / "c", large)
    assert ("auditor/packets/frame.py", 251, "251 lines", "module-size") in told
    assert ("auditor/capture/bpf/keep.h", 251, "251 lines", "module-size") in told
    assert ("tools/other.py", 3, "long has 61 lines", "function-size") in told


def test_the_median_module_and_nearly_all_functions_are_short(tmp_path: Path) -> None:
    long = {f"auditor/flows/m{number}.py": "x = 1\n" * 131 for number in range(9)}
    assert found(tmp_path / "a", long) == [
        ("auditor", 1, "the median module has 131 lines", "median-size"),
        ("tests", 1, "1003 lines of tests for 1181 of source", "test-lines"),
    ]
    short = "".join(function(2, f"def f{number}():") for number in range(18))
    many = {"auditor/flows/track.py": short + function(46) + function(46)}
    assert found(tmp_path / "b", many) == [
        ("auditor", 1, "of 20 functions one or more has over 45 lines", "p95-size")
    ]
    one = {"auditor/flows/track.py": short + function(2) + function(46)}
    assert found(tmp_path / "c", one) == []


def test_a_method_and_a_function_inside_another_count(tmp_path: Path) -> None:
    inner = "\n".join("        " + line for line in function(61).splitlines())
    code = f"class A:\n    async def outer(self):\n{inner}\n"
    told = found(tmp_path, {"auditor/flows/track.py": code})
    assert [(line, what) for _, line, what, rule in told if rule == "function-size"] == [
        (2, "outer has 62 lines"),
        (3, "long has 61 lines"),
    ]


def test_a_file_name_occurs_twice_at_most(tmp_path: Path) -> None:
    folders = ("flows", "flows/hello", "packets")
    same = {f"auditor/{folder}/side.py": "" for folder in folders[:2]}
    tests = {f"tests/{folder}/test_side.py": "" for folder in folders}
    assert found(tmp_path / "a", same | tests) == []
    third = {"auditor/packets/side.py": ""}
    assert found(tmp_path / "b", same | tests | third) == [
        (
            "auditor/packets/side.py",
            1,
            "side.py is the name of auditor/flows/hello/side.py, auditor/flows/side.py too",
            "same-name",
        )
    ]


@pytest.mark.parametrize(
    ("comment", "waives"),
    [
        ("# noqa", "# noqa"),
        ("# noqa: D103", "# noqa: D103"),
        ("# noqa: E501, ANN001", "# noqa: E501, ANN001"),
        ("# type: ignore", "# type: ignore"),
        ("# noqa: E501 - D is not meant", ""),
        ("# noqa: PTH123", ""),
        ("# type: ignore[no-any-return]", ""),
    ],
)
def test_docstrings_and_types_are_not_waived(tmp_path: Path, comment: str, waives: str) -> None:
    told = found(tmp_path, {"auditor/packets/frame.py": f"x = 1\ny = 2  {comment}\n"})
    expected = [("auditor/packets/frame.py", 2, waives, "waived")] if waives else []
    assert told == expected


def test_tests_lie_where_their_room_does(tmp_path: Path) -> None:
    stray = {"tests/hello/test_tls.py": "", "auditor/flows/hello/tls.py": ""}
    assert found(tmp_path / "a", stray) == [
        ("tests/hello", 1, "auditor/hello does not exist", "mirror"),
        ("auditor/flows/hello", 1, "tests/flows/hello has no test", "mirror"),
    ]
    other = {"tests/tools/test_other.py": "", "tests/support/test_tape.py": ""}
    assert found(tmp_path / "b", other) == [], "folders of the checkout have tests too"


def test_there_are_as_many_lines_of_tests_as_of_source(tmp_path: Path) -> None:
    told = found(
        tmp_path,
        {"tests/support/tape.py": "\n# comment\n", "auditor/capture/bpf/a.c": "int a;\n" * 9},
    )
    assert told == [("tests", 1, "4 lines of tests for 11 of source", "test-lines")]


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("a.py", '"""Doc.\n\nMore.\n"""\n\nX = """a\n\nb"""  # c\n# d\n', 2),
        ("a.py", 'def f():\n    """Doc."""\n    return 1\n', 2),
        ("a.c", "/* a\n * b\n */\nint a; /* c */\n\n// d\nint b; // e\n", 2),
    ],
)
def test_only_code_counts_as_a_line(tmp_path: Path, name: str, text: str, lines: int) -> None:
    (tmp_path / name).write_text(text)
    assert code_lines(tmp_path / name) == lines


def test_a_violation_is_one_line_with_its_rule_and_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path, {**SOUND, "auditor/packets/frame.py": "import auditor.flows\n"})
    assert structure.main([str(tmp_path)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("auditor/packets/frame.py:1: packets imports auditor.flows (rooms: a ")


def test_nothing_is_printed_where_all_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path, SOUND)
    assert structure.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""


def test_explaining_prints_every_rule_every_room_and_the_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert structure.main(["--explain", str(ROOT)]) == 0
    told = capsys.readouterr().out
    assert all(f"{rule}: {text}\n" in told for rule, text in structure.RULES.items())
    assert all(re.search(rf"^  {room.name} +<- ", told, re.MULTILINE) for room in ROOMS)
    assert re.search(r"^\d+ modules, median \d+ lines, largest auditor/\S+\.py, \d+$", told, re.M)
    assert re.search(r"^\d+ functions, 95 % up to \d+ lines, longest \S+:\d+ \w+, \d+$", told, re.M)
    assert re.search(r"^\d+ lines of source, \d+ of tests$", told, re.M)
