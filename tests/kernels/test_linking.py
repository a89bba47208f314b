"""Machine code runs whoever linked it, and LLVM is loaded only where it has to link."""

import ctypes
import os
import subprocess
import sys

import pytest

from auditor.kernels import linking
from auditor.kernels.elf import UnknownObjectError
from tests.kernels.test_elf import STRANGER, WRITABLE, compiled

_KIND = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)


@pytest.mark.parametrize(("text", "found"), [(STRANGER, 3), (WRITABLE, 2)])
def test_what_we_do_not_link_llvm_links(text: str, found: int) -> None:
    call = _KIND(linking.link(compiled(text), "wanted"))
    assert call(None, 0, -3) == found


@pytest.mark.parametrize("error", [UnknownObjectError(), PermissionError(13, "mprotect")])
def test_so_it_does_where_no_memory_may_be_made_executable_by_us(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(code: bytes, symbol: str) -> int:
        del code, symbol
        raise error

    monkeypatch.setattr(linking, "link_elf", refuse)
    assert _KIND(linking.link(compiled(STRANGER), "wanted"))(None, 0, -4) == 4


def test_a_run_with_stored_code_loads_no_llvm() -> None:
    program = (
        "import sys, numpy; from auditor.packets.cut_frames import shortest_cut, NOT_CUT; "
        "from auditor.packets.segments import SEGMENT, read_only; "
        "assert shortest_cut(read_only(numpy.zeros(0, SEGMENT))) == NOT_CUT; "
        "print(sorted(name for name in sys.modules if name.startswith('llvmlite.')))"
    )
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "0"}
    for _ in range(2):  # the first may have to compile
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout == "['llvmlite._version']\n"
