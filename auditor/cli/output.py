"""Writes a report to standard output or to a file: whole or not at all."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from auditor.errors import OutputError
from auditor.text import printable


def check(target: str) -> None:
    """Raise OutputError now if ``target`` can surely not be written after the work is done."""
    if target != "-":
        try:
            _check(Path(target), target)
        except OSError as error:  # a folder above it that may not be looked into
            raise OutputError(f"{target} cannot be written: {error.strerror}.") from None


def _check(path: Path, target: str) -> None:
    folder = path.resolve().parent
    if path.is_dir():
        raise OutputError(f"{target} is a directory: name a file in it.")
    if not folder.is_dir():
        raise OutputError(f"{target} cannot be written: the directory {folder} does not exist.")
    if not os.access(path if _special(path) else folder, os.W_OK):
        raise OutputError(f"{target} cannot be written: you may not write to {folder}.")


def write(text: str, target: str) -> None:
    """Write ``text`` to the file ``target``, or to standard output for ``-``.

    A file is written under another name first and then renamed, so that nobody ever reads half a
    report; its mode honours the umask. Raises OutputError.
    """
    try:
        if target == "-":
            _to_stdout(text)
        elif _special(Path(target)):
            Path(target).write_text(text, encoding="utf-8")
        else:
            _replace(Path(target).resolve(), text)
    except OSError as error:
        name = "standard output" if target == "-" else printable(target)
        raise OutputError(f"{name} cannot be written: {error.strerror}.") from error


def _special(path: Path) -> bool:
    """Return whether a path is there and is no regular file: a device or a pipe is written to."""
    return path.exists() and not path.is_file()


def _to_stdout(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    data = text.encode(encoding, "replace").decode(encoding)
    try:
        sys.stdout.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. What is still buffered must not fail once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _replace(path: Path, text: str) -> None:
    half = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with open(os.open(half, flags, 0o666), "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        with suppress(FileNotFoundError):
            half.unlink()
