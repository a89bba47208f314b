"""A file that appears whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from auditor.errors import OutputError
from auditor.text import printable

#: Evidence shows who talks to whom: whoever may read it is for its owner to say.
_MODE = 0o600
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

Write = Callable[[bytes], None]


@contextmanager
def atomic_file(target: str) -> Iterator[Write]:
    """Give what writes to ``target``, ``-`` for standard output.

    A regular file is written under another name beside it and renamed when the block ends well;
    when it does not, nothing is left behind. Raises OutputError with one sentence.
    """
    path = Path(target)
    try:
        if target == "-":
            with os.fdopen(os.dup(1), "wb") as stream:
                yield _writer(stream.write)
        elif path.exists() and not path.is_file():  # a device or a pipe
            with path.open("wb") as stream:
                yield _writer(stream.write)
        else:
            with _beside(path.resolve()) as write:
                yield write
    except OSError as error:
        name = "standard output" if target == "-" else printable(target)
        raise OutputError(
            f"{name} cannot be written: {error.strerror}; name another file with -o."
        ) from error


def _writer(write: Callable[[bytes], object]) -> Write:
    def put(data: bytes) -> None:
        write(data)

    return put


@contextmanager
def _beside(path: Path) -> Iterator[Write]:
    half = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(half, _FLAGS, _MODE), "wb") as stream:
            yield _writer(stream.write)
            stream.flush()
            os.fsync(stream.fileno())
        half.replace(path)
    finally:
        with suppress(FileNotFoundError):
            half.unlink()
