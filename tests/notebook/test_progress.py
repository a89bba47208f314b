"""The bar in a notebook's cell."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import IPython.display
import pytest

from auditor.kernels import native
from auditor.notebook import progress
from auditor.notebook.progress import in_notebook, size, watched


class Cell:
    """What a cell shows: each output in all its forms."""

    def __init__(self) -> None:
        self.outputs: list[list[str]] = []

    def display(self, shown: Any, *, display_id: bool) -> Any:
        assert display_id
        forms = [shown.data]
        self.outputs.append(forms)
        return SimpleNamespace(update=lambda later: forms.append(later.data))


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    made = Cell()
    monkeypatch.setattr(IPython.display, "display", made.display)
    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    monkeypatch.setattr(progress, "LARGE", 1000)
    return made


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "a.pcap"
    path.write_bytes(bytes(5 << 20))
    return path


def test_a_bar_grows_is_drawn_when_it_changes_and_goes(cell: Cell, capture: Path) -> None:
    with watched([capture], None) as advance:
        assert advance is not None
        for _ in range(5 * 1024):
            advance(1024)
    (forms,) = cell.outputs
    assert 'value="0"' in forms[0] and "0 of 5 MiB read" in forms[0]
    assert 'value="100"' in forms[-2] and "5 of 5 MiB read" in forms[-2]
    assert forms[-1] == ""
    assert len(forms) == 102


def test_it_goes_too_when_reading_fails(cell: Cell, capture: Path) -> None:
    with pytest.raises(KeyError), watched([capture], None) as advance:
        assert advance is not None
        advance(1024)
        raise KeyError
    assert cell.outputs[0][-1] == ""


def test_for_small_captures_there_is_none(cell: Cell, tmp_path: Path) -> None:
    small = tmp_path / "b.pcap"
    small.write_bytes(bytes(999))
    with watched([small, "-", tmp_path / "none"], None) as advance:
        assert advance is None
    assert cell.outputs == []


def test_that_code_is_compiled_is_told(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    class Compiling:
        def __init__(self, say: Any) -> None:
            told.append(say)

        def __enter__(self) -> None:
            told[0]()

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(native, "when_compiling", Compiling)
    with watched([], None):
        pass
    ((said, gone),) = cell.outputs
    assert said.startswith("Compiling machine code") and gone == ""


def test_what_was_given_is_called_instead(cell: Cell, capture: Path) -> None:
    def given(_: int) -> None:
        pass

    with watched([capture], given) as advance:
        assert advance is given
    assert cell.outputs == []


@pytest.mark.parametrize(
    ("shell", "found"),
    [(None, False), (SimpleNamespace(), False), (SimpleNamespace(kernel=object()), True)],
)
def test_only_a_kernel_is_a_notebook(
    shell: object, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert in_notebook() is found


def test_a_program_that_never_loaded_ipython_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not in_notebook()
    with watched(["a.pcap"], None) as advance:
        assert advance is None


def test_sizes_add_up_and_what_is_no_file_counts_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(3))
    (tmp_path / "b").write_bytes(bytes(4))
    assert size([tmp_path / "a", str(tmp_path / "b"), "-", tmp_path / "c"]) == 7
