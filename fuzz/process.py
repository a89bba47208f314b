"""The process of one target: ``python -m fuzz.process TARGET`` and options of libFuzzer."""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module
from pathlib import Path

import atheris

import auditor


def compiled() -> list[str]:
    """Return the modules of kernels where they become machine code, which numba makes of their
    bytecode as it was written; none where they run as Python."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}:
        return []
    root = Path(auditor.__file__).parent
    sources = (path for path in root.rglob("*.py") if "auditor.kernels" in path.read_text("utf-8"))
    return [".".join(path.relative_to(root.parent).with_suffix("").parts) for path in sources]


def main() -> None:
    """Instrument what is imported, warm up, and hand over to libFuzzer, which ends the process."""
    name, *options = sys.argv[1:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # atheris patches what it instruments
        with atheris.instrument_imports(include=["auditor"], exclude=compiled()):
            target = import_module(f"fuzz.targets.{name}")
    for seed in target.seeds():  # kernels compile at their first call, which takes long
        target.check(seed)
    atheris.Setup([sys.argv[0], *options], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
