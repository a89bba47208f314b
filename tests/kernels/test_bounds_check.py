"""Kernels with checked indexes, as fuzzing runs them: a read out of bounds is an error there.

Numba looks at ``NUMBA_BOUNDSCHECK`` once, when it is imported, so each test has its own process.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PLANTED = """
import numpy as np
from auditor.kernels import entry, kernel

@kernel
def peek(octets, at):
    return np.int64(octets[at])

@entry
def planted(octets: np.ndarray, at: int) -> int:
    return peek(octets, at)

print(planted(np.arange(10, dtype=np.uint8), 9))
print(planted(np.arange(10, dtype=np.uint8), {at}) is None)
"""


def run(folder: Path, at: int, checked: str) -> subprocess.CompletedProcess[str]:
    program = folder / "planted.py"
    program.write_text(PLANTED.format(at=at))
    environment = {**os.environ, "BAREOS_AUDIT_CACHE": str(folder), "NUMBA_BOUNDSCHECK": checked}
    environment.pop("NUMBA_DISABLE_JIT", None)
    command = [sys.executable, str(program)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_planted_read_out_of_bounds_is_found_and_unchecked_code_is_not_taken_for_checked(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o700)
    unchecked = run(tmp_path, 9, "")
    assert unchecked.stdout.split() == ["9", "False"], unchecked.stderr
    checked = run(tmp_path, 10, "1")
    assert checked.returncode == 1
    assert checked.stdout.split() == ["9"]
    assert "RuntimeError: planted failed" in checked.stderr
    assert len(list(tmp_path.glob("planted-*.o"))) == 2
