"""What a process may still do when it has given its rights up: as little as its work takes."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from auditor.capture.rights import landlock, seccomp


def confine_recording(
    new_files: int | None, unfinished: Collection[int], children: Collection[int]
) -> None:
    """Confine a recording, for good, as far as this kernel can; ``doctor`` says how far.

    Everything is open and all rights are gone. Files can then be made only below the open folder
    ``new_files`` (None: nowhere), removed there and below those ``unfinished``, and read only in
    /proc, /sys and where Python lies; no program, no socket and no machine code is new; signals go
    to us and to ``children``. What is refused fails with EPERM or EACCES. A kernel that lacks one
    of the two has the other.
    """
    folders = dict.fromkeys(unfinished, landlock.REMOVE)
    if new_files is not None:
        folders[new_files] = landlock.WRITE
    with suppress(OSError):
        landlock.restrict(_readable(), folders)
    if seccomp.available():
        with suppress(OSError):
            seccomp.allow_recording(children, new_files=new_files is not None)


def _readable() -> Iterable[str]:
    ours = Path(__file__).parents[3]
    return dict.fromkeys(("/proc", "/sys", sys.prefix, sys.base_prefix, str(ours)))
