"""Writes a report to standard output or to a file: whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from auditor.errors import OutputError
from auditor.outputs import atomic_file, open_folder, own_descriptor
from auditor.outputs.special_file import is_special


def check(target: str) -> None:
    """Raise OutputError now if ``target`` can surely not be written after the work is done."""
    try:
        descriptor = own_descriptor(target)
        if descriptor is not None:
            os.close(descriptor)
            return
        with open_folder(target) as folder:
            special = is_special(folder.state())
            name = folder.name if special else "."
            if not os.access(name, os.W_OK, dir_fd=folder.fd):
                where = target if special else Path(target).parent
                raise OutputError(f"{target} cannot be written: you may not write to {where}.")
    except IsADirectoryError:
        raise OutputError(f"{target} is a directory: name a file in it.") from None
    except FileNotFoundError:
        where = Path(target).absolute().parent
        raise OutputError(
            f"{target} cannot be written: the directory {where} does not exist."
        ) from None
    except OSError as error:  # a folder above it that may not be looked into
        raise OutputError(f"{target} cannot be written: {error.strerror}.") from None


def write(text: str, target: str) -> None:
    """Write ``text`` to the file ``target``, or to standard output for ``-``.

    A file is written under another name first and then renamed, so that nobody ever reads half a
    report. A new one has mode 0600, one that was there keeps mode and owner. Raises OutputError.
    """
    if target != "-":
        with atomic_file(target, private=False) as put:
            put(text.encode("utf-8", "replace"))
        return
    try:
        _to_stdout(text)
    except OSError as error:
        raise OutputError(f"standard output cannot be written: {error.strerror}.") from error


def _to_stdout(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    data = text.encode(encoding, "replace").decode(encoding)
    try:
        sys.stdout.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. What is still buffered must not fail once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
