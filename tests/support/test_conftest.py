"""What the tests' own configuration promises: no skips in CI, and slow tests are named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bareosconf import plant
from paths import SUPPORT, TESTS

SKIPPING = {
    "test_tests.py": """
import pytest

@pytest.fixture
def lacking():
    pytest.skip("no such fixture")

def test_one():
    pytest.skip("no such test")

def test_two(lacking):
    pass

@pytest.mark.skipif(True, reason="no such marker")
def test_three():
    pass

@pytest.mark.xfail
def test_four():
    assert False
""",
    "test_module.py": """
import pytest

pytest.skip("no such module", allow_module_level=True)
""",
}

LONG = """
import conftest, pytest

conftest.LONG = 0

def test_unmarked():
    pass

@pytest.mark.slow
def test_marked():
    pass
"""


def run(folder: Path, files: dict[str, str], *options: str, **environment: str) -> str:
    """Return what pytest tells of these files, with our conftest."""
    plant(folder, {"pytest.ini": "[pytest]\nmarkers =\n    slow\n", **files})
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    path = os.pathsep.join(map(str, (TESTS, SUPPORT)))
    command = ["-m", "pytest", "-rA", "-p", "conftest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, *command, *options],
        cwd=folder,
        env={**kept, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_what_is_lacking_is_skipped(tmp_path: Path) -> None:
    assert " 4 skipped, 1 xfailed in" in run(tmp_path, SKIPPING)


def test_a_skip_is_an_error_in_ci(tmp_path: Path) -> None:
    told = run(tmp_path, SKIPPING, "--continue-on-collection-errors", CI="true")
    assert " 1 failed, 1 xfailed, 3 errors in" in told
    for what in ("test", "fixture", "marker", "module"):
        assert f"no such {what}" in told
    assert told.count("nothing may be skipped in CI: ") >= 4


def test_a_long_test_is_named_unless_it_is_marked(tmp_path: Path) -> None:
    told = run(tmp_path, {"test_it.py": LONG})
    assert "::test_unmarked took 0.0 s (call) and is not marked slow" in told
    assert "::test_marked took" not in told
