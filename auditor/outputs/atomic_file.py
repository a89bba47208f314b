"""A file that appears whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from auditor.errors import OutputError
from auditor.outputs.folder import Folder, RefusedError, open_folder
from auditor.outputs.guard import Guard
from auditor.outputs.new_file import Draft, check_planted, ours
from auditor.outputs.special_file import is_special, open_special, own_descriptor
from auditor.text import printable

Write = Callable[[bytes], object]


@contextmanager
def atomic_file(
    target: str, *, private: bool = True, guard: Guard | None = None
) -> Iterator[Write]:
    """Give what writes to ``target``, ``-`` for standard output.

    A regular file is written under another name beside it and renamed when the block ends well;
    when it does not, nothing is left behind. It has mode 0600; where a file was there already its
    owner stays, and unless it is to be ``private`` its mode too. What ``guard`` refuses is not
    touched. Raises OutputError with one sentence.
    """
    try:
        descriptor = own_descriptor(target)
        if descriptor is not None:
            with os.fdopen(descriptor, "wb") as stream:
                if guard is not None:
                    guard.check_descriptor(descriptor)
                yield _writer(stream.write)
            return
        with open_folder(target) as folder:
            if guard is not None:
                guard.check(folder)
            state = folder.state()
            if is_special(state):
                assert state is not None
                with os.fdopen(open_special(folder, state, ours()), "wb") as stream:
                    yield _writer(stream.write)
            else:
                with _beside(folder, state, private, guard) as write:
                    yield write
    except OSError as error:
        name = "standard output" if target == "-" else printable(target)
        # Who refused it on purpose says what to do.
        hint = "" if isinstance(error, RefusedError) else "; name another file with -o"
        raise OutputError(f"{name} cannot be written: {error.strerror}{hint}.") from error


def _writer(write: Callable[[bytes], object]) -> Write:
    def put(data: bytes) -> None:
        write(data)

    return put


@contextmanager
def _beside(
    folder: Folder, old: os.stat_result | None, private: bool, guard: Guard | None
) -> Iterator[Write]:
    if old is not None:
        check_planted(folder, old, ours())
    draft = Draft(folder)
    try:
        with os.fdopen(draft.fd, "wb") as stream:
            if old is not None:
                _like(draft.fd, old, private)
            yield _writer(stream.write)
            stream.flush()
            os.fsync(stream.fileno())
        if guard is not None:  # the work took its time: what is there now may be another file
            guard.check(folder)
        draft.put()
    finally:
        draft.discard()


def _like(fd: int, old: os.stat_result, private: bool) -> None:
    """Give a new file the owner, and the mode, of the one that it replaces."""
    for uid, gid in ((old.st_uid, old.st_gid), (-1, old.st_gid)):
        with suppress(PermissionError):  # only root gives files away
            os.fchown(fd, uid, gid)
            break
    if not private:
        os.fchmod(fd, stat.S_IMODE(old.st_mode) & 0o777)
