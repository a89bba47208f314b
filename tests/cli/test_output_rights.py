"""A report into a folder that may not be looked into is a sentence, not a fault of the program."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.root
def test_a_folder_that_may_not_be_entered_is_named(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    target = str(tmp_path / "closed" / "report")
    code = "import os; from auditor.cli import output; from auditor.errors import OutputError\n"
    code += f"os.setuid(65534)\ntry: output.check({target!r})\nexcept OutputError as e: print(e)"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert shown.startswith(f"{target} cannot be written: ")
