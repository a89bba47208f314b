"""How all rights are given up, for good, and which account is left.

The decision on files: the recorder opens its directory and its first file while rights are still
held, and gives the file to the account that remains (``remaining_account``). Later files of a
ring are created by that account, in that directory; so where rotation is asked for, the
directory has to belong to it, and the recorder refuses to begin if it does not. The other way, a
privileged process that stays behind to create files, would be one more thing to trust.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import NamedTuple

from auditor.capture.rights.capabilities import Capability, held, read_sets
from auditor.capture.rights.capset import (
    empty_ambient_set,
    empty_bounding_set,
    forbid_new_privileges,
    write_sets,
)
from auditor.errors import CaptureError

#: The account of nobody, where the user database has none of that name.
_NOBODY = 65534


class Account(NamedTuple):
    """A user and a group, by number."""

    uid: int
    gid: int


def remaining_account() -> Account | None:
    """Return the account that is left once rights are dropped; None: the present one.

    Root becomes the user who called sudo, or else nobody. Anyone else stays who they are.
    """
    if os.geteuid() != 0:
        return None
    try:
        caller = Account(int(os.environ["SUDO_UID"]), int(os.environ["SUDO_GID"]))
    except (KeyError, ValueError):
        caller = Account(0, 0)
    if 0 < caller.uid < 1 << 31 and 0 < caller.gid < 1 << 31:
        return caller
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(_NOBODY, _NOBODY)
    return Account(nobody.pw_uid, nobody.pw_gid)


def may_create_files(directory: int, account: Account) -> bool:
    """Whether ``account`` may create files in an open directory; asks the kernel, as root."""
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(account.gid)
    os.seteuid(account.uid)
    try:
        return os.access(".", os.W_OK | os.X_OK, dir_fd=directory, effective_ids=True)
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def drop_everything() -> None:
    """Give up root and every capability, for good.

    Afterwards the process has no capability in any set, is ``remaining_account`` without further
    groups, and can gain nothing by executing another program. Call it before any thread is
    started (numpy starts some when it is imported): capabilities belong to threads. Raises
    CaptureError if anything is left in any thread.
    """
    account = remaining_account()
    try:
        if held(Capability.CAP_SETPCAP):
            empty_bounding_set()
        empty_ambient_set()
        if account is not None:
            os.setgroups([])
            os.setresgid(account.gid, account.gid, account.gid)
            os.setresuid(account.uid, account.uid, account.uid)
        write_sets(effective=0, permitted=0, inheritable=0)
        forbid_new_privileges()
    except OSError as error:
        raise CaptureError(
            f"The rights to capture cannot be given up ({error.strerror}), so nothing is read: "
            "run it outside of what restricts capset and setuid here."
        ) from error
    _verify()


def _verify() -> None:
    for task in Path("/proc/self/task").iterdir():
        sets = read_sets(f"self/task/{task.name}")
        if sets.permitted or sets.effective or sets.inheritable or sets.ambient:
            raise CaptureError(
                "A thread that was started too early still has the rights to capture, so nothing "
                "is read: this is a fault of the program, please report it."
            )
