"""The files that a path with wildcards means, as glob(3) reads it, among the paths given."""

from __future__ import annotations

import fnmatch
import os
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from auditor.config.given_paths import GivenPaths

#: A pattern with more of them could take minutes on a large disk.
WILDCARD_FOLDERS = 2
#: So many names are held against all patterns of one program: half a second.
MOST_NAMES = 500_000
#: A folder that is listed counts as so many more: to list it takes as long, also where it is empty.
_A_FOLDER = 10


@dataclass(slots=True)
class Patterns:
    """Expands patterns, and counts what it looks at."""

    given: GivenPaths
    names: int = 0
    """Names that were held against patterns so far."""

    @property
    def exhausted(self) -> bool:
        """Whether ``MOST_NAMES`` were looked at: nothing is expanded any more."""
        return self.names > MOST_NAMES

    def expand(self, base: Path, pattern: str) -> tuple[list[Path], bool]:
        """Return what is there of ``pattern`` below ``base``, sorted as the shell sorts bytes, and
        whether the pattern, or a link that it matches, leads outside of the paths given.

        Outside no folder is listed, and nothing tells whether a file is there.
        """
        literal = base / pattern
        if not self.given.hold(literal, folder=bool(wildcards(pattern))):
            return [], True
        if os.path.lexists(literal):
            return [literal], False
        if not wildcards(pattern):
            return [], False
        matched, outside = [base], False
        for part in pattern.split("/"):
            if wildcards(part):
                listed = [one for one in matched if self.given.hold(one, folder=True)]
                outside |= len(listed) < len(matched)
                matched = [path for one in listed for path in self._matching(one, part)]
            else:
                matched = [path / part for path in matched]
        inside = [path for path in matched if self.given.hold(path)]
        outside |= len(inside) < len(matched)
        return sorted((p for p in inside if os.path.lexists(p)), key=os.fsencode), outside

    def _matching(self, folder: Path, part: str) -> list[Path]:
        try:
            names = [] if self.exhausted else [entry.name for entry in folder.iterdir()]
        except OSError:  # a file, or missing, or not ours to list: glob(3) passes over it too
            return []
        self.names += len(names) + _A_FOLDER
        if not part.startswith("."):
            names = [name for name in names if not name.startswith(".")]
        return [folder / name for name in fnmatch.filter(names, part)]


def wildcards(pattern: str) -> int:
    """Return how many parts of a path have wildcards."""
    return sum("*" in part or "?" in part or "[" in part for part in pattern.split("/"))


def fixed(pattern: str) -> str:
    """Return the folders of a pattern before the first with a wildcard."""
    return "/".join(takewhile(lambda part: not wildcards(part), pattern.split("/")))
