"""Keeps numba's disk cache honest: it does not see that a kernel calls an edited kernel."""

from __future__ import annotations

import os
import re
from pathlib import Path

_KERNELS = re.compile(r"^from auditor\.jit import|^def kernel\(", re.MULTILINE)


def pytest_configure() -> None:
    """Give all kernel modules one age, so that an edit to any makes every cached caller stale."""
    sources = Path(__file__).parent.parent.glob("auditor/**/*.py")
    modules = [path for path in sources if _KERNELS.search(path.read_text(encoding="utf-8"))]
    ages = {path.stat().st_mtime_ns for path in modules}
    if len(ages) > 1:
        for path in modules:
            os.utime(path, ns=(max(ages), max(ages)))
