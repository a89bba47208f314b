"""The list of all checks."""

from __future__ import annotations

from pathlib import Path

import auditor.site.checks
from auditor.site.checks.every import CHECKS


def test_every_family_of_checks_is_in_the_list() -> None:
    (folder,) = auditor.site.checks.__path__
    helpers = {"__init__", "dials", "every", "pairs", "ties", "view"}
    families = {path.stem for path in Path(folder).glob("*.py")} - helpers
    assert families == {check.__module__.rpartition(".")[2] for check in CHECKS}
