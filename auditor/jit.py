"""The one place where plain Python functions become machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

# The stubs do not know ``_nrt``, and type kernels more loosely than the functions themselves.
_njit: Any = numba.njit

#: ``_nrt=False``: kernels allocate nothing (views and arrays from Python only), so numba need not
#: count references in the hot loop; ``forceinline``: what a kernel calls becomes part of it.
#: Together they made the decoding of packets ten times faster.
_OPTIONS = {"nogil": True, "_nrt": False, "forceinline": True}


def kernel(function: F) -> F:
    """Compile ``function`` on first call, keep the code on disk, and run it without the GIL.

    A kernel may not allocate. With ``NUMBA_DISABLE_JIT=1`` it stays plain Python, so it may only
    use what means the same in both worlds: widen octets with ``np.int64(…)`` before arithmetic,
    never mix signed and unsigned, and never overflow.

    Numba keys its disk cache on the kernel's own file: after an edit, the cached callers in other
    files keep the old code until they are newer too.
    """
    try:
        compiled: F = _njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        compiled = _njit(**_OPTIONS)(function)
    return compiled
