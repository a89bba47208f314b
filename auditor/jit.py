"""The one place where plain Python functions become machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` on first call, keep the code on disk, and run it without the GIL.

    With ``NUMBA_DISABLE_JIT=1`` the function stays plain Python, so a kernel may only use what
    means the same in both worlds: widen octets with ``np.int64(…)`` before any arithmetic, never
    mix signed and unsigned, and never overflow.

    Numba keys its disk cache on the kernel's own file: after an edit, the cached callers in other
    files keep the old code until they are newer too.
    """
    try:
        compiled = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        compiled = numba.njit(nogil=True)(function)
    return cast("Callable[P, R]", compiled)
