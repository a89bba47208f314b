"""Which files may be read: what lies in the paths that were given, whatever an include, a pattern
or a symbolic link says. Who writes a configuration need not be who may read the whole disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Self

from auditor.config.real_path import real_path
from auditor.config.resource_names import FOLDERS
from auditor.errors import ConfigurationError

#: Where packages keep configurations: a path below these in a copied tree means the copy.
HOMES = ("/etc/bareos/", "/usr/local/etc/bareos/", "/etc/bacula/", "/opt/bacula/etc/")

#: A folder that is only passed through; O_PATH needs no right to list it.
_THROUGH = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: Non-blocking, because a file may have become a pipe since it was looked at.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class GivenPaths(NamedTuple):
    """The paths that the user named, and what belongs to them. All are real paths."""

    whole: tuple[str, ...]
    """Files, and folders of which all may be read."""
    beside: tuple[str, ...] = ()
    """Folders around a file, or a ``*.d``, that was named by itself: of these the ``*.conf``."""

    @classmethod
    def of(cls, paths: Iterable[str | Path], include_root: Iterable[str | Path] = ()) -> Self:
        """Return what belongs to ``paths``, of configurations, and to further roots, of which all
        may be read. A path that is a symbolic link means where it leads to (``real_path``, also
        for what is raised)."""
        named = [*paths]
        # A path that cannot be is told by who looks for it.
        usable = [path for path in (*named, *include_root) if "\0" not in str(path)]
        whole = [real_path(path) for path in usable]
        around = [real_path(folder) for folder in map(_around, map(Path, named)) if folder]
        whole += [folder for folder in around if f"{folder}/".startswith(HOMES)]
        return cls(tuple(dict.fromkeys(whole)), tuple(dict.fromkeys(around)))

    def hold(self, path: str | Path, *, folder: bool = False) -> bool:
        """Tell whether a file, or a ``folder`` that is to be listed, is among them. What the path
        leads to need not exist, and is not looked at where it is not."""
        real = os.path.realpath(path)
        if any(_within(real, root) for root in self.whole):
            return True
        for root in self.beside:
            if _within(real, root):
                hidden = any(part.startswith(".") for part in real[len(root) :].split("/"))
                return not hidden and (folder or real.endswith(".conf"))
        return False

    def open(self, path: Path) -> tuple[int, str]:
        """Return a descriptor of a regular file, and its real path.

        No link is followed once the real path is known, so that nobody can put another file there
        meanwhile. Raises OSError, and ConfigurationError for what is outside or no regular file.
        """
        real = os.path.realpath(path)
        if not self.hold(real):
            raise ConfigurationError("this lies outside of the paths given", str(path))
        *folders, name = real.split("/")[1:]
        at = os.open("/", _THROUGH)
        try:
            for part in folders:
                below = os.open(part, _THROUGH, dir_fd=at)
                os.close(at)
                at = below
            # Before it is opened, on which a device may act, and again: it may be another by then.
            if stat.S_ISREG(os.stat(name or ".", dir_fd=at, follow_symlinks=False).st_mode):
                opened = os.open(name, _READ, dir_fd=at)
                if stat.S_ISREG(os.fstat(opened).st_mode):
                    return opened, real
                os.close(opened)
        finally:
            os.close(at)
        raise ConfigurationError("this is not a regular file", str(path))


def _within(real: str, root: str) -> bool:
    return real == root or real.startswith(root.rstrip("/") + "/")


def _around(path: Path) -> Path | None:
    """Return the folder with which a program would be started that has this file or ``*.d``; None:
    the path is a folder that may hold several."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 (must not follow links)
    inner = absolute.parent if is_file(path) else absolute
    for tree in (inner, inner.parent):
        if tree.name in FOLDERS:
            return tree.parent
    return inner if is_file(path) else None


def is_file(path: Path) -> bool:
    """Tell whether a path is a regular file; a name that cannot be is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_dir(path: Path) -> bool:
    """Tell the same of a folder."""
    try:
        return path.is_dir()
    except OSError:
        return False
