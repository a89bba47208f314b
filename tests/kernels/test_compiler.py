"""What may be a kernel, when an entry is compiled, and which names numba sees meanwhile."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any

import pytest

from auditor.flows import streams
from auditor.flows.sequence import position
from auditor.kernels import compiler, entry, kernel
from auditor.kernels.compiler import compile_entry
from auditor.kernels.native import Native
from auditor.kernels.registry import KERNELS


@kernel
def twice(value: int) -> int:
    return value * 2


def run(value: int) -> int:
    return twice(value)


def test_a_kernel_is_registered_and_stays_the_function_that_it_was() -> None:
    assert twice in KERNELS
    assert type(twice) is FunctionType
    assert twice(4) == 8


def test_a_function_that_uses_what_surrounds_it_is_no_kernel() -> None:
    """What it uses would not be found among the globals, neither by numba nor by the digest."""
    factor = 3
    count = len(KERNELS)
    with pytest.raises(AssertionError):

        @kernel
        def times(value: int) -> int:
            return value * factor

    with pytest.raises(AssertionError):
        kernel(len)
    assert len(KERNELS) == count


@pytest.mark.parametrize(("setting", "plain"), [("1", True), ("0", False), ("", False)])
def test_an_entry_is_plain_python_where_compiling_is_switched_off(
    monkeypatch: pytest.MonkeyPatch, setting: str, plain: bool
) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", setting)
    made = entry(run)
    assert (made is run) is plain
    assert isinstance(made, Native) is not plain


class Numba:
    """Stands in for numba: notes what the modules hold while it compiles an entry."""

    def __init__(self, error: Exception | None = None) -> None:
        self.seen: list[Any] = []
        self.types: tuple[object, ...] = ()
        self._error = error

    def typeof(self, value: object) -> object:
        return type(value)

    def njit(self, **_: bool) -> Callable[[FunctionType], Any]:
        return self._dispatcher

    def _dispatcher(self, function: FunctionType) -> Any:
        def compile_for(types: tuple[object, ...]) -> None:
            self.types = types
            self.seen = [function.__globals__["twice"], streams.position, position]
            if self._error:
                raise self._error

        library = SimpleNamespace(serialize_using_object_code=lambda: ("", "", (b"code", b"")))
        result = SimpleNamespace(library=library, fndesc=SimpleNamespace(mangled_name="symbol"))
        return SimpleNamespace(compile=compile_for, overloads={0: result}, plain=function)


def test_while_numba_compiles_every_module_holds_compiled_kernels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numba = Numba()
    monkeypatch.setitem(sys.modules, "numba", numba)
    assert compile_entry(run, (1, 2.0)) == (b"code", "symbol")
    assert numba.types == (int, float)
    assert [seen.plain for seen in numba.seen] == [twice, streams.position, position]
    assert type(twice) is type(position) is type(streams.position) is FunctionType


def test_kernels_are_plain_again_when_compiling_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    numba = Numba(ValueError("cannot infer"))
    monkeypatch.setitem(sys.modules, "numba", numba)
    with pytest.raises(ValueError, match="cannot infer"):
        compile_entry(run, (1,))
    assert type(numba.seen[0]) is SimpleNamespace
    assert type(twice) is type(streams.position) is FunctionType


#: What numba would obey, and files that it would write.
HOSTILE = """\
disable_jit: 1
boundscheck: 1
opt: 0
cpu_name: generic
chrome_trace: {0}/trace
dump_html: {0}/html
"""
PROGRAM = """
import numpy as np
from auditor.kernels import entry

@entry
def total(octets: np.ndarray, count: int) -> int:
    found = 0
    for at in range(count):
        found += octets[at]
    return found

print(total(np.arange(10, dtype=np.uint8), 10))
"""


@pytest.mark.slow
def test_a_file_in_the_working_directory_says_nothing_to_the_compiler(tmp_path: Path) -> None:
    """What root runs, and keeps for later, is the same in whatever folder it is compiled."""
    hostile, peaceful = tmp_path / "hostile", tmp_path / "peaceful"
    codes = []
    for folder in (hostile, peaceful):
        cache = tmp_path / f"cache of {folder.name}"
        folder.mkdir()
        cache.mkdir(0o700)
        if folder is hostile:
            (folder / ".numba_config.yaml").write_text(HOSTILE.format(tmp_path))
        program = tmp_path / "program.py"
        program.write_text(PROGRAM)
        environment = {**os.environ, "BAREOS_AUDIT_CACHE": str(cache)}
        environment.pop("NUMBA_DISABLE_JIT", None)
        done = subprocess.run(
            [sys.executable, str(program)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("45\n", "")
        (stored,) = cache.glob("total-*.o")
        codes.append((stored.name, stored.read_bytes()))
    assert codes[0] == codes[1]
    assert not (tmp_path / "trace").exists()
    assert not (tmp_path / "html").exists()


@pytest.mark.parametrize("alone", [True, False])
def test_numba_is_imported_in_the_root_folder_and_nobody_else_is_there_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    """A container may forbid a thread to have a working directory of its own."""
    folders: list[str] = []
    config = SimpleNamespace(_config_fname=".numba_config.yaml")

    def imported(name: str) -> Any:
        if "numba" not in sys.modules:
            folders.append(str(Path.cwd()))
            monkeypatch.setitem(sys.modules, "numba", Numba())
            monkeypatch.setitem(sys.modules, "numba.core.config", config)
        return sys.modules[name]

    for name in [name for name in sys.modules if name.split(".")[0] == "numba"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(compiler, "import_module", imported)
    if not alone:
        monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(unshare=lambda _: -1))
    monkeypatch.chdir(tmp_path)
    compile_entry(run, (1,))
    assert (folders, Path.cwd()) == (["/"], tmp_path)
    assert config._config_fname == ""  # what is read again at every compilation
