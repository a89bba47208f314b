"""A capture while it is written: a file that grows, a ring of files, a pipe or standard input."""

from __future__ import annotations

import os
import re
import select
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from auditor.errors import CaptureError
from auditor.packets.foreign_formats import foreign_format
from auditor.packets.pcap import HEADER_SIZE
from auditor.packets.unpacking import PACKED_HEAD, is_packed
from auditor.text import SENTENCE, printable

_CHUNK = 1 << 20
#: A file of a ring, as dumpcap and we name them: stem, number, time, suffix.
_OF_RING = re.compile(r"(?P<stem>.*)_(?P<number>\d{5,9})_\d{14}(?P<suffix>(\..*)?)", re.DOTALL)


class Growing:
    """What is written to a capture, from its beginning on.

    ``wait`` is called with the seconds to wait for more. Raises CaptureError for what does not
    exist or may not be read, and while reading for what is packed or of another format.
    """

    def __init__(self, path: str, wait: Callable[[float], object]) -> None:
        self._path = path
        self._wait = wait
        self._position = 0
        self._missed = 0
        self._fd = self._open(path)
        self._regular = stat.S_ISREG(os.fstat(self._fd).st_mode)
        self._closing = path != "-"
        self._cut = False

    def _open(self, path: str) -> int:
        if path == "-":
            if sys.stdin is None:
                raise CaptureError("Standard input is closed: pipe a capture into it.")
            return sys.stdin.fileno()
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            shown = printable(path, SENTENCE)
            raise CaptureError(f"{shown} cannot be followed: {why}.") from error

    @property
    def path(self) -> str:
        """The file from which what was read last is."""
        return self._path

    @property
    def notes(self) -> list[str]:
        """Sentences on what was not seen of it."""
        notes = []
        if self._cut:
            shown = printable(self._path, SENTENCE)
            notes.append(f"{shown} was cut while it was followed: what came after is missing.")
        if self._missed:
            notes.append(
                f"{self._missed} files of the ring were gone before they could be followed."
            )
        return notes

    def read(self, patience: float) -> bytes | None:
        """Return what was written since, up to 1 MiB; empty: nothing within ``patience`` (s).

        None: it has ended, which a file of its own accord never does.
        """
        if not self._regular:
            ready, _, _ = select.select([self._fd], [], [], patience)
            return (self._take() or None) if ready else b""
        if data := self._take():
            return data
        if os.fstat(self._fd).st_size < self._position:
            self._cut = True
            return None
        if (following := self._following()) is not None:
            # What was written before the next one was begun comes first.
            return self._take() or self._go_on(following, patience)
        self._wait(patience)
        return b""

    def _take(self) -> bytes:
        try:
            data = os.read(self._fd, _CHUNK)
        except OSError as error:
            shown = printable(self._path, SENTENCE)
            raise CaptureError(f"{shown} cannot be read on: {error.strerror}.") from error
        begun = data if not self._position else b""
        if begun and (is_packed(begun[:PACKED_HEAD]) or foreign_format(begun) is not None):
            shown = printable(self._path, SENTENCE)
            raise CaptureError(
                f"{shown} cannot be followed: it is packed, or neither pcap nor pcapng. "
                "Analyze it when it is whole."
            )
        self._position += len(data)
        return data

    def _following(self) -> str | None:
        """Return the next file of the ring that this one is of."""
        path = Path(self._path)
        if (here := _OF_RING.fullmatch(path.name)) is None:
            return None
        found: list[tuple[int, str]] = []
        for other in path.parent.iterdir():
            one = _OF_RING.fullmatch(other.name)
            if one is not None and one.group("stem", "suffix") == here.group("stem", "suffix"):
                found.append((int(one["number"]), str(other)))
        number = int(here["number"])
        later = min((one for one in found if one[0] > number), default=None)
        return None if later is None else later[1]

    def _go_on(self, following: str, patience: float) -> bytes:
        """Go on with the next file, if its header is there."""
        fd = self._open(following)
        if len(os.pread(fd, HEADER_SIZE, 0)) < HEADER_SIZE:
            os.close(fd)
            self._wait(patience)
            return b""
        os.close(self._fd)
        self._missed += _number(following) - _number(self._path) - 1
        self._fd, self._path, self._position = fd, following, 0
        return self._take()

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._closing:
            os.close(self._fd)


def same_ring(paths: Sequence[str]) -> bool:
    """Tell whether all of these are files of one ring."""
    found = [_OF_RING.fullmatch(Path(path).name) for path in paths]
    rings = {
        one and (Path(path).parent, *one.group("stem", "suffix"))
        for one, path in zip(found, paths, strict=True)
    }
    return len(rings) == 1 and None not in rings


def _number(path: str) -> int:
    found = _OF_RING.fullmatch(Path(path).name)
    return int(found["number"]) if found is not None else 0
