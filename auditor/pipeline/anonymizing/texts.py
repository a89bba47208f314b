"""The files of a configuration anew, each statement on the line on which it stood."""

from __future__ import annotations

import os
from pathlib import Path

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Source
from auditor.config.written import Included, WrittenProgram
from auditor.pipeline.anonymizing.file_names import FileNames
from auditor.pipeline.anonymizing.stand_ins import StandIns
from auditor.pipeline.anonymizing.statements_anew import Writer

#: Stands for what could not be read of a ``*.d``.
_NOT_READ = Included(
    (), False, frozenset({ProblemKind.INCLUDE_OUTSIDE_TREE}), Source("", 0)
)  # of what is not there no name is called unknown

Lines = dict[int, list[str]]


class Texts:
    """Gathers files of several programs. One that is read more than once is told by where most of
    it was read."""

    def __init__(self, names: FileNames, stand_ins: StandIns) -> None:
        self._names = names
        self._stand_ins = stand_ins
        self._files: dict[Path, Lines] = {}

    def add(self, program: WrittenProgram) -> None:
        """Add what one program reads."""
        writer = Writer(self._stand_ins, program.bacula)
        confdir = self._names.of(program.confdir)

        def path_of(name: str) -> str:
            return os.path.relpath(self._names.of(name), confdir)

        for name, statements in program.statements().items():
            lines: Lines = {}
            for one in statements:
                lines.setdefault(one.at.line, []).append(writer.text(one, path_of))
            if program.unread and name == program.texts[-1]:
                lines.setdefault(max(lines, default=1), []).append(writer.text(_NOT_READ, path_of))
            path = self._names.of(name)
            if _statements(self._files.get(path, {})) <= _statements(lines):
                self._files[path] = lines

    def files(self) -> dict[Path, bytes]:
        """Return the files, by their paths below the new folder."""
        return {path: _text(lines).encode() for path, lines in self._files.items()}


def _statements(lines: Lines) -> int:
    return sum(map(len, lines.values()))


def _text(lines: Lines) -> str:
    pieces, at = [], 1
    for line in sorted(lines):
        here = [piece for piece in lines[line] if piece]
        indent = "  " * (bool(here) and here[0].endswith(";"))
        pieces.append("\n" * (line - at) + indent + " ".join(here))
        at = line
    return "".join(pieces) + "\n"
