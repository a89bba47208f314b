"""Machine code that another process makes: nothing of the compiler stays in this one."""

from __future__ import annotations

import io
import os
import pickle
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from auditor.flows.summaries import SUMMARY, summarise
from auditor.flows.tables import FLOW, SIDE, STATE
from auditor.kernels import compile_apart as apart
from auditor.kernels.compile_apart import compile_apart

HERE = (b"compiled here", "symbol")
FUNCTION: FunctionType = summarise._function  # type: ignore[attr-defined]
TABLES = (STATE, FLOW, SIDE, np.dtype("i8"), SUMMARY)


def arguments(count: int = 1) -> tuple[Any, ...]:
    return tuple(np.zeros(count, table) for table in TABLES)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note what this process compiles, instead of doing so."""
    seen: list[str] = []

    def compile_here(function: FunctionType, _: object) -> tuple[bytes, str]:
        seen.append(function.__name__)
        return HERE

    monkeypatch.setattr(apart, "compile_entry", compile_here)
    return seen


PROGRAM = """
import sys
from pathlib import Path
from auditor.api import live_audit
from auditor.flows.summaries import summarise, no_summaries
from auditor.flows.tables import FLOW, SIDE, STATE
import numpy as np
from auditor.outputs import kept_files
if sys.argv[1] == "nowhere":
    kept_files.cache_directory = lambda: None
summarise(*(np.zeros(2, table) for table in (STATE, FLOW, SIDE)), np.zeros(1, "i8"), no_summaries())
print("numba" in sys.modules)
"""


@pytest.mark.slow
@pytest.mark.parametrize("place", ["a cache", "nowhere"])
def test_the_compiler_is_never_loaded_whether_there_is_a_place_for_code_or_not(
    tmp_path: Path, place: str
) -> None:
    """Nor does a file of the working directory have a say, whatever module it is called."""
    hostile = tmp_path / "hostile"
    (hostile / "auditor").mkdir(parents=True)
    for name in ("pickle.py", "numba.py", "numpy.py", "auditor/__init__.py", "sitecustomize.py"):
        (hostile / name).write_text(f"open({str(tmp_path / 'read')!r}, 'w')")
    (tmp_path / "cache").mkdir(mode=0o700)
    (tmp_path / "program.py").write_text(PROGRAM)
    environment = {
        "BAREOS_AUDIT_CACHE": str(tmp_path / "cache"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-P", str(tmp_path / "program.py"), place],
        cwd=hostile, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("False\n", "")
    assert not (tmp_path / "read").exists()
    assert len(list((tmp_path / "cache").glob("summarise-*.o"))) == (place == "a cache")


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.kill(os.getpid(), 9)",
        "raise SystemExit(1)",
        "pass",
        "print('words', end='')",
        "print('words' + chr(0), end='')",
    ],
)
def test_what_the_other_process_does_not_compile_is_compiled_here(
    here: list[str], monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(apart, "_PROGRAM", program)
    assert compile_apart(FUNCTION, arguments()) == HERE
    assert here == ["summarise"]


def test_where_no_process_can_be_started_it_is_compiled_here(
    here: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("a filter of system calls")

    monkeypatch.setattr(subprocess, "run", refuse)
    assert compile_apart(FUNCTION, arguments()) == HERE
    assert here == ["summarise"]


def test_what_is_not_of_this_package_is_compiled_here(
    here: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process might not be able to import it."""
    monkeypatch.setattr(subprocess, "run", None)
    assert compile_apart(arguments, ()) == HERE  # type: ignore[arg-type]
    assert here == ["arguments"]


@pytest.mark.parametrize(("bytecode", "prefix"), [(True, None), (False, "/var/cache/prefix")])
def test_the_other_process_obeys_the_same_settings(
    here: list[str], monkeypatch: pytest.MonkeyPatch, bytecode: bool, prefix: str | None
) -> None:
    """Those of the compiler, which come from the environment, and of where byte code goes."""
    monkeypatch.setattr(sys, "dont_write_bytecode", not bytecode)
    monkeypatch.setattr(sys, "pycache_prefix", prefix)
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1")
    told = "os.environ['NUMBA_BOUNDSCHECK'], sys.dont_write_bytecode, sys.pycache_prefix"
    program = f"import os, sys; print(chr(0), {told}, os.getcwd(), end='')"
    monkeypatch.setattr(apart, "_PROGRAM", program)
    code, _ = compile_apart(FUNCTION, arguments())
    assert code.decode().split() == ["1", str(not bytecode), str(prefix), "/"]
    assert here == []


def asked(monkeypatch: pytest.MonkeyPatch, parent: int) -> bytes:
    """Return what ``answer`` writes in this process, for arrays of two kinds and a number."""
    shapes = [(STATE, 1, True), (np.dtype("u1"), 2, False), ()]
    wanted = pickle.dumps((parent, FUNCTION.__module__, FUNCTION.__name__, shapes))
    told: list[Any] = []

    def compile_here(function: FunctionType, made: tuple[Any, ...]) -> tuple[bytes, str]:
        told.append((function, [(one.dtype, one.ndim, one.flags.writeable) for one in made[:2]]))
        assert made[2] == 0
        os.write(1, b"what a compiler may print")
        return b"\0code\0", "symbol"

    monkeypatch.setattr(apart, "compile_entry", compile_here)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(wanted)))
    monkeypatch.setattr(apart.ctypes, "CDLL", lambda _: SimpleNamespace(prctl=lambda *_: 0))
    reads, writes = os.pipe()
    before = os.dup(1)
    os.dup2(writes, 1)
    try:
        apart.answer()
    finally:
        os.dup2(before, 1)
        for one in (before, writes):
            os.close(one)
    if told:
        assert told == [(FUNCTION, [(STATE, 1, True), (np.dtype("u1"), 2, False)])]
    with os.fdopen(reads, "rb") as pipe:
        return pipe.read()


def test_an_answer_is_symbol_and_code_whatever_the_compiler_prints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert asked(monkeypatch, os.getppid()) == b"symbol\0\0code\0"


def test_beside_what_the_caller_does_another_process_compiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is asked for arrays of these types, and its answer is good for no others."""
    begins, goes_on = os.pipe()

    def answer_of_another(function: FunctionType, shapes: list[Any]) -> bytes:
        os.read(begins, 1)
        return f"{function.__name__} {len(shapes)}\0code".encode()

    monkeypatch.setattr(apart, "_answer_of_another", answer_of_another)
    beside = apart.Beside(FUNCTION, arguments())
    os.write(goes_on, b"1")
    assert beside.result(arguments(2)) == (b"code", "summarise 5")
    assert beside.result(arguments()[:-1]) is None


def test_who_compiles_beside_and_fails_says_so() -> None:
    own: FunctionType = arguments  # type: ignore[assignment]  # of no module of this package
    assert apart.Beside(own, ()).result(()) is None


def test_nothing_is_compiled_for_a_process_that_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, os.getpid()) == b""


#: Compiles with another that never answers, and says who that is once it is at work.
WAITING = """
import os, sys
from auditor.flows.summaries import summarise
from auditor.kernels import compile_apart as apart
apart._PROGRAM = apart._PROGRAM.replace("answer()", f'''
import os, time
from auditor.kernels import compile_apart as apart
def compile_entry(*_):
    os.write({pipe}, str(os.getpid()).encode())
    time.sleep(60)
apart.compile_entry = compile_entry
apart.answer()
''')
run = apart.subprocess.run
apart.subprocess.run = lambda *more, **named: run(*more, **named, pass_fds=[{pipe}])
apart.compile_apart(summarise._function, ())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_whatever_ends_a_process_ends_the_one_that_compiles_for_it(number: signal.Signals) -> None:
    reads, writes = os.pipe()
    command = [sys.executable, "-c", WAITING.format(pipe=writes)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, env=environment, pass_fds=[writes], stderr=subprocess.PIPE, text=True
    ) as process:
        os.close(writes)
        other = os.pidfd_open(int(os.read(reads, 20)))
        process.send_signal(number)
        _, said = process.communicate(timeout=5)
        assert select.select([other], [], [], 5)[0] == [other]
    os.close(other)
    os.close(reads)
    assert process.returncode == -number
    assert said.endswith("KeyboardInterrupt\n") or not said
