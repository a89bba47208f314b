"""Which process holds a socket: its inode among the descriptors of all processes, best effort."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")


class Owner(NamedTuple):
    """A process."""

    pid: int
    """0: not known."""
    name: str
    """Its comm, at most 15 characters; empty: not known."""


UNKNOWN_OWNER = Owner(0, "")


def find_owners(inodes: Collection[int], proc: Path = _PROC) -> dict[int, Owner]:
    """Return the owners that can be seen of these socket inodes.

    Other users' processes show their descriptors only to root or CAP_SYS_PTRACE. Of several
    processes that share a socket the one with the lowest pid counts: the one that forked.
    """
    wanted = {f"socket:[{inode}]": inode for inode in inodes if inode}
    found: dict[int, Owner] = {}
    for process in sorted(_processes(proc), key=lambda path: int(path.name)):
        if len(found) == len(wanted):
            break
        held = {wanted[link] for link in _links(process) if link in wanted} - found.keys()
        if held:
            owner = Owner(int(process.name), _comm(process))
            found.update(dict.fromkeys(held, owner))
    return found


def _processes(proc: Path) -> Iterator[Path]:
    return (path for path in proc.iterdir() if path.name.isdigit())


def _links(process: Path) -> Iterator[str]:
    """Yield what the process's descriptors are; it may end or be closed to us at any moment."""
    try:
        for descriptor in (process / "fd").iterdir():
            try:
                yield str(descriptor.readlink())
            except OSError:
                continue
    except OSError:
        return


def _comm(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").rstrip("\n")
    except OSError:
        return ""
