"""Compiles: plain Python functions become machine code, kept on disk and called without numba.

Kernels are plain functions and stay so: numba is imported only when an entry point has to be
compiled, once for each version of the sources (``native`` keeps the result). With
``NUMBA_DISABLE_JIT=1`` everything runs as Python.
"""

from __future__ import annotations

from auditor.kernels.entries import entry
from auditor.kernels.registry import kernel, rare_kernel

__all__ = ["entry", "kernel", "rare_kernel"]
