"""The review on somebody's own files."""

from __future__ import annotations

import ast
import re
import sys
from contextlib import chdir
from enum import StrEnum
from pathlib import Path
from typing import Any

import commandline
import nbclient
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient.exceptions import CellExecutionError, DeadKernelError
from paths import CAPTURES

from auditor.errors import ReportError
from auditor.notebook import review
from auditor.notebook.kernel import arguments, kernel_manager
from auditor.notebook.page import page
from auditor.notebook.review import as_text, parameters, run_review

EVIL = '"]; import os; os.system("touch pwned")  # \n\'\'\'"""\\'

_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=9,
)  # fmt: skip


def read(source: str) -> dict[str, Any]:
    """Return what the assignments of a cell say, without running anything."""
    lines = ast.parse(source).body
    assert all(isinstance(line, ast.Assign) for line in lines)
    return {line.targets[0].id: ast.literal_eval(line.value) for line in lines}


@given(st.lists(st.text()), st.dictionaries(st.text(), _PLAIN, max_size=3))
def test_what_is_given_reads_back_equal_and_is_no_code(
    captures: list[str], options: dict[str, Any]
) -> None:
    assert read(parameters(captures, options)) == {"captures": captures, "options": options}


@pytest.mark.parametrize("path", [EVIL, "a\udcff.pcap", "{captures}", "\\N{DEGREE SIGN}", "%run x"])
def test_no_path_is_code(path: str) -> None:
    found = read(parameters([path], {"config": (path,)}))
    assert found == {"captures": [path], "options": {"config": [path]}}
    assert not parameters([path], {}).startswith("%")


class Word(StrEnum):
    ONE = "one"


class Sly(str):
    def __repr__(self) -> str:
        return "__import__('os')"


@pytest.mark.parametrize("value", [Path("a"), Sly("a"), Word.ONE, {1, 2}, b"a", 1j])
def test_what_is_no_plain_value_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="is no plain value"):
        parameters([], {"config": value})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with captures whose modules nobody asked for, and odd names."""
    commandline.warm_up()
    made = tmp_path_factory.mktemp("odd") / "a \"b' $x$"
    made.mkdir()
    for name in ("auditor", "pandas", "IPython"):
        (made / f"{name}.py").write_text("raise SystemExit('taken from here')\n")
    return made


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_review_is_run_on_the_files_that_are_given(folder: Path) -> None:
    odd = folder / "c'a\"p.pcap"
    odd.write_bytes((CAPTURES / "trouble" / "capture.pcap").read_bytes())
    before = sorted(folder.iterdir())
    with chdir(folder):
        found = run_review([odd.name], {"config": [str(CAPTURES / "trouble" / "config")]})
    assert sorted(folder.iterdir()) == before
    assert (found.severity, found.unknown) == ("high", False)
    text = as_text(found)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    sources = [cell.source for cell in notebook.cells]
    assert not any("print(audit.verdict" in source for source in sources)
    assert any(source.startswith("captures = ['c\\'a\"p.pcap']") for source in sources)
    assert text.count('"output_type": "error"') == 0
    shown = page(found.notebook, "Review")
    assert "unknown-initiator" in shown and shown.count("<img") >= 3
    assert "import pandas" not in shown and "<script" not in shown


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_what_the_audit_refuses_is_refused_in_its_words(folder: Path) -> None:
    with chdir(folder), pytest.raises(ReportError, match=r"^none\.pcap does not exist"):
        run_review(["none.pcap"], {})


class Client:
    """Stands for the kernel: prints ``said`` in the last cell, or raises it."""

    said: Any = "fail high False 0"

    def __init__(self, notebook: Any, **how: Any) -> None:
        self.notebook = notebook
        assert how["timeout"] > 3600 and not how["record_timing"]

    def execute(self) -> None:
        if isinstance(self.said, Exception):
            raise self.said
        last = self.notebook.cells[-1]
        last.outputs = [nbformat.v4.new_output("stream", name="stdout", text=f"{self.said}\n")]


@pytest.mark.parametrize(
    ("said", "severity", "unknown"),
    [
        ("fail high False 0", "high", False),
        ("fail low True 1", "low", True),
        ("pass - False 0", "", False),
        ("unknown - True 0", "", True),
        ("unknown - False 2", "", True),
    ],
)
def test_a_review_tells_what_the_audit_came_to(
    said: str, severity: str, unknown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Client, "said", said)
    monkeypatch.setattr(nbclient, "NotebookClient", Client)
    found = run_review(["a.pcap"], {"config": ["b"]})
    assert (found.severity, found.unknown) == (severity, unknown)
    kept = nbformat.reads(as_text(found), as_version=4)
    assert kept.metadata["language_info"] == {"name": "python"}
    code = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert code[0].source == "captures = ['a.pcap']\noptions = {'config': ['b']}"
    assert kept.cells[-1].cell_type == "markdown"


@pytest.mark.parametrize(
    ("raised", "sentence"),
    [
        (CellExecutionError("…", "CaptureError", "a.pcap is cut."), "a.pcap is cut."),
        (CellExecutionError("…", "KeyError", "'x'"), "a cell of the review failed: KeyError: 'x'"),
        (DeadKernelError("gone"), "its kernel died"),
    ],
)
def test_a_review_that_fails_is_one_sentence(
    raised: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Client, "said", raised)
    monkeypatch.setattr(nbclient, "NotebookClient", Client)
    with pytest.raises(ReportError, match=re.escape(sentence)):
        run_review(["a.pcap"], {})


def test_another_mistake_of_a_cell_is_named() -> None:
    told = review._told("KeyError", "'x'")
    assert str(told) == "a cell of the review failed: KeyError: 'x'"
    assert str(review._told("CaptureError", "a is cut.")) == "a is cut."
    assert "a cell" in str(review._told("annotations", "x"))


@pytest.mark.parametrize("missing", ["ipykernel", "nbclient", "nbformat"])
def test_without_the_extra_a_sentence_says_what_to_install(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ReportError, match=r"pip install 'bareos-audit\[notebook\]'"):
        run_review(["a.pcap"], {})


def test_the_notebook_is_found_in_a_wheel_and_missed_where_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "auditor"
    monkeypatch.setattr(review, "__file__", str(package / "notebook" / "review.py"))
    with pytest.raises(ReportError, match="install bareos-audit again"):
        review._template()
    kept = package / "_notebooks" / "security-review.ipynb"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")
    assert review._template() == kept


def test_the_kernel_is_this_python_and_reachable_by_files_only(tmp_path: Path) -> None:
    manager = kernel_manager(str(tmp_path))(kernel_name="another")
    assert manager.kernel_spec.argv == arguments()
    assert arguments()[0] == sys.executable and "-P" in arguments()
    assert (manager.transport, manager.ip) == ("ipc", f"{tmp_path}/kernel")
    assert manager.connection_file == f"{tmp_path}/connection.json"
