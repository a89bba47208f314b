"""Writes a report to standard output or to a file: whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from auditor.errors import OutputError
from auditor.outputs import Guard, atomic_file, open_folder, own_descriptor
from auditor.outputs.special_file import is_special

#: A report, whole or piece by piece: text, or the bytes of a format that is none.
Text = str | bytes | Iterable[str] | Iterable[bytes] | Iterable[str | bytes]
#: Characters, or bytes, that are written together.
_BLOCK = 1 << 16


def check(target: str, guard: Guard | None = None) -> None:
    """Raise OutputError now if ``target`` can surely not be written after the work is done, or if
    ``guard`` refuses it."""
    try:
        descriptor = own_descriptor(target)
        if descriptor is not None:
            try:
                if guard is not None:
                    guard.check_descriptor(descriptor)
            finally:
                os.close(descriptor)
            return
        with open_folder(target) as folder:
            if guard is not None:
                guard.check(folder)
            special = is_special(folder.state())
            name = folder.name if special else "."
            if not os.access(name, os.W_OK, dir_fd=folder.fd):
                where = target if special else Path(target).parent
                raise OutputError(f"{target} cannot be written: you may not write to {where}.")
    except IsADirectoryError:
        named = target or "the empty path"
        raise OutputError(f"{named} is a directory: name a file in it.") from None
    except FileNotFoundError:
        where = Path(target).absolute()
        where = where if target.endswith("/") else where.parent
        raise OutputError(
            f"{target} cannot be written: the directory {where} does not exist."
        ) from None
    except OSError as error:  # a folder above it that may not be looked into
        name = "standard output" if target == "-" else target
        raise OutputError(f"{name} cannot be written: {error.strerror}.") from None


def write(text: Text, target: str, guard: Guard | None = None) -> None:
    """Write ``text``, whole or piece by piece, to the file ``target``, or to standard output for
    ``-``.

    A file is written under another name first and then renamed, so that nobody ever reads half a
    report. A new one has mode 0600, one that was there keeps mode and owner. Raises OutputError,
    also for what ``guard`` refuses.
    """
    if target != "-":
        with atomic_file(target, private=False, guard=guard) as put:
            for block in blocks(text):
                put(block)
        return
    try:
        _to_stdout(text)
    except OSError as error:
        raise OutputError(f"standard output cannot be written: {error.strerror}.") from error


def blocks(text: Text, encoding: str = "utf-8") -> Iterator[bytes]:
    """Yield a text as bytes, many of its pieces together: a report of a million flows takes
    gigabytes, and none of it is held for longer than it takes to write it."""
    gathered: list[bytes] = []
    size = 0
    for piece in (text,) if isinstance(text, str | bytes) else text:
        gathered.append(piece.encode(encoding, "replace") if isinstance(piece, str) else piece)
        size += len(gathered[-1])
        if size >= _BLOCK:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)


def _to_stdout(text: Text) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.flush()
        for block in blocks(text, encoding):
            sys.stdout.buffer.write(block)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. What is still buffered must not fail once more at exit.
        # A pipe with room for it, since a confined process may not open /dev/null.
        os.dup2(os.pipe()[1], sys.stdout.fileno())
