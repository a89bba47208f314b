"""The file of a recording: there from the beginning, and of one recording only."""

from __future__ import annotations

import os

from auditor.outputs.folder import Folder, RefusedError
from auditor.outputs.guard import Guard
from auditor.outputs.new_file import (
    Draft,
    Owner,
    check_owner,
    create,
    lock,
    locked,
    open_locked,
    ours,
)
from auditor.outputs.special_file import is_special, open_special

#: How often what bears the name may change under our hands.
_TRIES = 16


def open_recording(folder: Folder, owner: Owner | None = None, guard: Guard | None = None) -> int:
    """Return the descriptor of the new file that bears the name, held by a lock until it is closed.

    It belongs to ``owner`` (None: us) and has mode 0600. An older file of ours is replaced as a
    whole; a device or a pipe is written to. Raises RefusedError for what belongs to somebody else,
    is a link, is being written by another recording, or is refused by ``guard``, and OSError.
    """
    for _ in range(_TRIES):
        if guard is not None:
            guard.check(folder)
        state = folder.state()
        if is_special(state):
            assert state is not None
            return open_special(folder, state, ours(owner))
        fd = _new(folder, owner) if state is None else _replaced(folder, owner, guard)
        if fd is not None:
            return fd
    raise RefusedError("somebody else replaces it again and again")


def _new(folder: Folder, owner: Owner | None) -> int | None:
    try:
        fd = create(folder, owner)
    except FileExistsError:
        return None
    return locked(folder, fd)


def _replaced(folder: Folder, owner: Owner | None, guard: Guard | None) -> int | None:
    old = open_locked(folder)
    if old is None:
        return None
    try:
        check_owner(os.fstat(old), ours(owner))
        if guard is not None:  # nobody who locks replaces it any more
            guard.check(folder)
        draft = Draft(folder, owner)
        try:
            lock(draft.fd)
            draft.put()
        except BaseException:
            os.close(draft.fd)
            raise
        finally:
            draft.discard()
        return draft.fd
    finally:
        os.close(old)
