"""Where a path that was given leads to."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from auditor.errors import ConfigurationError

#: As many links as Linux follows in one path (path_resolution(7)).
_MOST_LINKS = 40


def real_path(path: str | Path) -> str:
    """Return a path without links; what it names need not be there.

    Who owns a folder chooses where a link in it leads, and root may read all: so root follows only
    links that root made, or who called sudo. Raises ConfigurationError for any other.
    """
    if os.geteuid() != 0:
        return os.path.realpath(path)
    caller = os.environ.get("SUDO_UID", "")
    trusted = {0, int(caller)} if caller.isdecimal() else {0}
    # Not ``abspath``, which takes ``link/..`` for nothing.
    steps = os.path.join(os.getcwd(), path).split("/")  # noqa: PTH109, PTH118
    done, links = "", 0
    while steps:
        step = steps.pop(0)
        if step in {"", ".", ".."}:
            done = done.rpartition("/")[0] if step == ".." else done
            continue
        here = f"{done}/{step}"
        leads_to = _followed(here, trusted)
        if leads_to is None:
            done = here
            continue
        links += 1
        if links > _MOST_LINKS:
            raise ConfigurationError("too many symbolic links", str(path))
        steps = leads_to.split("/") + steps
        done = "" if leads_to.startswith("/") else done
    return done or "/"


def _followed(path: str, trusted: set[int]) -> str | None:
    """Return where a link leads; None: it is none, or nothing."""
    try:
        state = os.lstat(path)
        if not stat.S_ISLNK(state.st_mode):
            return None
        leads_to = str(Path(path).readlink())
    except (OSError, ValueError):
        return None
    if state.st_uid not in trusted:
        raise ConfigurationError(
            f"this link belongs to user {state.st_uid}, neither to root nor to who called sudo; "
            "name what it leads to",
            path,
        )
    return leads_to
