"""The machine code of the kernels: stored once, trusted only when it is ours, equal to Python."""

from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest

from auditor.kernels import entry, kernel, native
from auditor.kernels.compiler import compile_entry
from auditor.outputs import kept_files
from auditor.packets.segments import Array


@kernel
def twice(value: int) -> int:
    return value * 2


def summed(values: Array, start: int, table: Array) -> tuple[int, int]:
    total = np.int64(start)
    for i in range(len(values)):
        total += twice(values[i]["weight"]) + table[i, 1]
        values[i]["weight"] = 0
    return total, len(values)


def arguments() -> tuple[Array, int, Array]:
    values = np.zeros(3, [("weight", "i8"), ("name", "u2")])
    values["weight"] = [5, 6, 7]
    return values, 100, np.arange(6, dtype="u1").reshape(3, 2)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BAREOS_AUDIT_CACHE", str(tmp_path))
    return tmp_path


def test_an_entry_gives_what_python_gives_and_changes_the_arrays() -> None:
    given = arguments()
    assert native.Native(summed)(*given) == summed(*arguments()) == (145, 3)
    assert not given[0]["weight"].any()


def test_compiled_code_is_stored_once_and_found_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    native.Native(summed)(*arguments())
    (stored,) = folder.glob("summed-*.o")
    assert stored.stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(native, "compile_apart", None)
    assert native.Native(summed)(*arguments()) == (145, 3)


@pytest.mark.parametrize("harm", ["writable by others", "damaged", "cut short", "empty"])
def test_a_file_that_is_not_to_be_trusted_is_compiled_anew(folder: Path, harm: str) -> None:
    native.Native(summed)(*arguments())
    (stored,) = folder.glob("summed-*.o")
    content = stored.read_bytes()
    harmed = {
        "writable by others": content,
        "damaged": content[:200] + b"\xcc" + content[201:],
        "cut short": content[:-100],
        "empty": b"",
    }
    stored.write_bytes(harmed[harm])
    if harm == "writable by others":
        stored.chmod(0o666)
    assert native.Native(summed)(*arguments()) == (145, 3)
    assert stored.stat().st_mode & 0o777 == 0o600
    assert native.Native(summed)(*arguments()) == (145, 3)


def test_a_folder_that_others_can_write_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    monkeypatch.setenv("BAREOS_AUDIT_CACHE", str(tmp_path / "open"))
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "own"))
    assert kept_files.cache_directory() == tmp_path / "own"


def test_arguments_of_other_types_are_refused() -> None:
    compiled = native.Native(summed)
    compiled(*arguments())
    values, start, table = arguments()
    with pytest.raises(TypeError, match="compiled for other types"):
        compiled(values, start, table.astype("u4"))


def test_without_a_cache_it_runs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_files, "cache_directory", lambda: None)
    compiled = native.Native(summed)
    assert compiled(*arguments()) == (145, 3)
    assert not compiled.is_stored()


def test_what_is_stored_is_known_beforehand() -> None:
    assert not native.Native(summed).is_stored()
    native.Native(summed)(*arguments())
    assert native.Native(summed).is_stored()


def test_who_waits_is_told_before_the_compiler_begins_and_not_of_stored_code() -> None:
    told: list[str] = []
    with native.when_compiling(lambda: told.append("waits")):
        native.Native(summed)(*arguments())
        native.Native(summed)(*arguments())
    with native.when_compiling(lambda: told.append("waits in vain")):
        native.Native(summed)(*arguments())
    native.Native(summed)(*arguments())
    assert told == ["waits"]


class Begun:
    """What another process made ahead of a call: code of another entry point, to know it again."""

    def __init__(self, function: FunctionType, ahead: tuple[Any, ...]) -> None:
        self.asked = [function, ahead]

    def result(self, arguments: tuple[Any, ...]) -> tuple[bytes, str] | None:
        self.asked.append(arguments)
        return compile_entry(doubled, arguments)


def doubled(values: Array, start: int, table: Array) -> tuple[int, int]:
    return 2 * start, len(table) + 0 * len(values)


def test_what_was_compiled_ahead_is_what_is_called_and_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(native, "Beside", Begun)
    compiled = native.Native(summed)
    told: list[str] = []
    with native.when_compiling(lambda: told.append("waits")):
        native.compile_ahead(compiled, *arguments())
        assert told == ["waits"]
    begun = compiled._beside
    native.compile_ahead(compiled, *arguments())
    assert compiled._beside is begun is not None
    assert compiled(*arguments()) == (200, 3)
    assert native.Native(summed)(*arguments()) == (200, 3)


def test_nothing_is_begun_for_what_is_stored_or_is_plain_python() -> None:
    native.Native(summed)(*arguments())
    stored = native.Native(summed)
    native.compile_ahead(stored, *arguments())
    native.compile_ahead(summed, *arguments())
    assert stored._beside is None


def test_kernels_stay_plain_functions_after_compiling() -> None:
    native.Native(summed)(*arguments())
    assert type(twice) is type(summed)


def test_with_jit_switched_off_an_entry_is_the_function_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert entry(summed) is summed


def test_a_folder_that_somebody_else_could_swap_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs").chmod(0o777)
    monkeypatch.setenv("BAREOS_AUDIT_CACHE", str(tmp_path / "theirs" / "ours"))
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "own"))
    assert kept_files.cache_directory() == tmp_path / "own"


def test_a_link_is_not_followed_to_code(folder: Path) -> None:
    native.Native(summed)(*arguments())
    (stored,) = folder.glob("summed-*.o")
    moved = stored.rename(folder / "elsewhere")
    stored.symlink_to(moved)
    assert native.Native(summed)(*arguments()) == (145, 3)
    assert not stored.is_symlink()
