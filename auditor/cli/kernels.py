"""Whether this run will have to compile the kernels first."""

from __future__ import annotations

import os
from pathlib import Path


def compiled_before() -> bool:
    """Tell whether numba's disk cache holds kernels of ours.

    Looks where numba writes them: in NUMBA_CACHE_DIR, else beside the code, else in the user's
    cache. Kernels that an update made stale count too: this is only about a note.
    """
    if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
        return True
    kernels = Path(__file__).parent.parent / "flows"
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return any(Path(given).glob(f"{kernels.name}_*/*.nbi"))
    home = os.environ.get("HOME", "")
    user = Path(os.environ.get("XDG_CACHE_HOME") or f"{home}/.cache") / "numba"
    beside = any((kernels / "__pycache__").glob("*.nbi"))
    return beside or any(user.glob(f"{kernels.name}_*/*.nbi"))
