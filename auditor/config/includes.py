"""What ``@file`` means (bareos.md §5.3), also in a tree that was copied from another host."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from auditor.config.file_reader import MAX_FILES, FileReader
from auditor.config.lexer import Text
from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Problem, Source
from auditor.errors import ConfigurationError

#: A pattern with more of them could take minutes on a large disk.
_WILDCARD_FOLDERS = 2
#: PATH_MAX of Linux.
_LONGEST_PATH = 4096


@dataclass(slots=True)
class Includes:
    """Finds the included files of one program; give it to the lexer."""

    files: FileReader
    confdir: Path
    """The folder that holds the program's file or its ``*.d``."""
    top: Path
    """The path that the user gave: nothing above it is searched for a moved file."""
    problems: list[Problem] = field(default_factory=list)
    unevaluated: bool = False
    """True: a command would have written more configuration, which nobody can know."""
    statements: int = 0
    read: set[str] = field(default_factory=set)
    """Real paths of all files that were included."""

    def __call__(self, name: str, at: Source) -> Sequence[Text]:
        """Return the texts that ``@name`` includes, in the order in which Bareos reads them.

        Raises ConfigurationError for a missing plain file, as the real program would. A command is
        never run.
        """
        self.statements += 1
        if self.statements > MAX_FILES or len(name) > _LONGEST_PATH:
            raise ConfigurationError("too many includes, or too long a path after '@'", *at)
        if not name:
            raise ConfigurationError("a file name must follow '@' without a blank", *at)
        if name.startswith("|"):
            self.unevaluated = True
            message = "this command is not run, so what it would include is unknown"
            self.problems.append(Problem(ProblemKind.INCLUDE_COMMAND_NOT_RUN, message, at))
            return ()
        if sum("*" in part or "?" in part for part in name.split("/")) > _WILDCARD_FOLDERS:
            raise ConfigurationError("too many wildcards in the path after '@'", *at)
        wild = "*" in name or "?" in name
        for base, pattern in self._candidates(name, at):
            found = _expand(base, pattern)
            if len(found) > MAX_FILES:
                raise ConfigurationError(f"this includes more than {MAX_FILES} files", *at)
            if found:
                self._explain(name, base, at)
                return [self._open(path, at) for path in reversed(found) if not path.is_dir()]
        if wild:
            return ()
        raise ConfigurationError("the included file does not exist", *at)

    def _candidates(self, name: str, at: Source) -> Iterator[tuple[Path, str]]:
        if not name.startswith("/"):
            # The real base is the program's working directory, which no file tells.
            yield from ((base, name) for base in (self.confdir, Path(at.file).parent))
            yield from ((base, name) for base in self._above())
            return
        parts = Path(name).parts[1:]
        native = name.startswith(os.path.realpath(self.confdir) + "/")
        if not native and ".." not in parts:
            for first in range(len(parts) - 1):
                yield from ((base, "/".join(parts[first:])) for base in self._above())
        yield Path("/"), "/".join(parts)

    def _above(self) -> Iterator[Path]:
        """Yield the configuration's folder and those above it, up to the path given."""
        yield self.confdir
        for folder in self.confdir.parents:
            if not folder.is_relative_to(self.top):
                return
            yield folder

    def _explain(self, name: str, base: Path, at: Source) -> None:
        native = name.startswith(os.path.realpath(self.confdir) + "/")
        if not name.startswith("/") or native:
            return
        kind = ProblemKind.INCLUDE_RELOCATED
        message = f"this file is looked for under {base}, where the tree is now"
        if base == Path("/"):
            kind = ProblemKind.INCLUDE_OUTSIDE_TREE
            message = "this includes a file of this machine, outside the path given"
        self.problems.append(Problem(kind, message, at))

    def _open(self, path: Path, at: Source) -> Text:
        try:
            text = self.files.read(path)
        except ConfigurationError as error:
            raise ConfigurationError(f"the included {error.file}: {error.message}", *at) from error
        self.read.add(text.identity)
        return text


def _expand(base: Path, pattern: str) -> list[Path]:
    literal = base / pattern
    if os.path.lexists(literal):
        return [literal]
    # Path.glob would read "**" as any depth, which glob(3) does not.
    matches = glob.iglob(  # noqa: PTH207
        f"{glob.escape(str(base))}/{pattern}"
    )
    return [Path(match) for match in sorted(islice(matches, MAX_FILES + 1), key=os.fsencode)]
