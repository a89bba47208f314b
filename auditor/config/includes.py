"""What ``@file`` means (bareos.md §5.3), also in a tree that was copied from another host."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from auditor.config.cursor import Text
from auditor.config.file_reader import MAX_FILES, FileReader
from auditor.config.given_paths import HOMES, is_dir, is_file
from auditor.config.patterns import MOST_NAMES, WILDCARD_FOLDERS, Patterns, fixed, wildcards
from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Problem, Source
from auditor.config.shell_include import Wanted, wanted_by
from auditor.errors import ConfigurationError
from auditor.text import printable

#: PATH_MAX of Linux.
_LONGEST_PATH = 4096
#: So many files and folders are looked at for all commands of one program.
_MOST_LOOKED_AT = 100_000


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
    looked_at: int = 0
    """Files and folders that commands of the program were looked for among."""
    read: set[str] = field(default_factory=set)
    """Real paths of all files that were included."""
    patterns: Patterns = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing looked at."""
        self.patterns = Patterns(self.files.given)

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
            return self._command(name[1:], at)
        if wildcards(name) > WILDCARD_FOLDERS:
            raise ConfigurationError("too many wildcards in the path after '@'", *at)
        outside = False
        for base, pattern in self._candidates(name, at):
            found, leads_out = self.patterns.expand(base, pattern)
            outside |= leads_out
            if self.patterns.exhausted:
                message = f"more than {MOST_NAMES} names to be held against patterns of includes"
                raise ConfigurationError(message, *at)
            if len(found) > MAX_FILES:
                raise ConfigurationError(f"this includes more than {MAX_FILES} files", *at)
            if found:
                if leads_out:
                    self._outside(name, at)
                self._explain(name, base, found[0], at)
                return [self._open(path, at) for path in reversed(found) if not is_dir(path)]
        return self._nothing(name, at, outside)

    def _nothing(self, name: str, at: Source, outside: bool) -> Sequence[Text]:
        """Return no text for an include of which nothing is among the files given."""
        copied = name.startswith("/") and not self._native(name)
        wild = "*" in name or "?" in name
        if wild and (self._folder_is_here(name, at) if copied else not outside):
            return ()
        if not copied and not outside:
            raise ConfigurationError(f"the included file {printable(name)} does not exist", *at)
        self._outside(name, at, copied)
        return ()

    def _outside(self, name: str, at: Source, copied: bool = False) -> None:
        """Note what is not read, in words that do not tell whether it exists."""
        self.unevaluated = True
        root = name if name.startswith("/") else str(Path(at.file).parent / name)
        root = printable(os.path.normpath(fixed(root) or "/"))
        what = "is not among the files given" if copied else "leads outside of the files given"
        message = (
            f"the included {printable(name)} {what}, and nothing else is read (--include-root "
            f"{root} allows it): resources may be missing, and with them connections among the "
            "expected ones"
        )
        kind = ProblemKind.INCLUDE_NOT_GIVEN if copied else ProblemKind.INCLUDE_OUTSIDE_TREE
        self.problems.append(Problem(kind, message, at))

    def _command(self, command: str, at: Source) -> Sequence[Text]:
        """Return the texts that a command would include if it is understood; it is never run.

        Bareos reads its output from the beginning: the files come in the order of their names.
        """
        wanted = wanted_by(command)
        found = [path for one in wanted or () for path in self._wanted(one, at) or (None,)]
        files = [path for path in found if path is not None]
        too_many = self.looked_at > _MOST_LOOKED_AT or len(files) > MAX_FILES
        if wanted is None or too_many or len(files) < len(found):
            self.unevaluated = True
            why = "it is no loop over files that can be read without running it"
            if too_many:
                why = "too many files would have to be looked at"
            elif wanted is not None:
                folders = ", ".join(printable(one.pattern) for one in wanted)
                why = f"{folders} is not among the files given"
            message = (
                f"this command of {printable(at.file)} is not run ({why}): resources are missing "
                "here, and with them connections among the expected ones; no host is called "
                "unknown because of that"
            )
            self.problems.append(Problem(ProblemKind.INCLUDE_COMMAND_NOT_RUN, message, at))
            return ()
        message = f"this command was not run; by its words it includes {len(files)} files"
        self.problems.append(Problem(ProblemKind.INCLUDE_COMMAND_READ, message, at))
        return [self._open(path, at) for path in files]

    def _wanted(self, one: Wanted, at: Source) -> list[Path]:
        """Return the files of one pattern among the paths given, sorted; none: they are not there,
        or too many. Elsewhere nothing is looked for: who wrote the command may have meant all of
        the disk."""
        if wildcards(one.pattern) > WILDCARD_FOLDERS:
            return []
        given = self.files.given
        for base, pattern in self._candidates(one.pattern, at):
            if self.looked_at > _MOST_LOOKED_AT or self.patterns.exhausted:
                break
            found, leads_out = list[Path](), False
            if one.name and given.hold(base / pattern, folder=True):
                found = self._find(base / pattern, one)
            elif not one.name:
                found, leads_out = self.patterns.expand(base, pattern)
                found = [path for path in found if is_file(path)]
                self.looked_at += len(found)
            if found and not leads_out and all(map(given.hold, found[: MAX_FILES + 1])):
                return found
        return []

    def _find(self, folder: Path, one: Wanted) -> list[Path]:
        """Return the files below a folder as find(1) does, sorted, not through links."""
        found: list[Path] = []
        for where, below, names in os.walk(folder):
            depth = len(Path(where).relative_to(folder).parts) + 1
            self.looked_at += 1 + len(below) + len(names)
            if depth > one.deepest or self.looked_at > _MOST_LOOKED_AT:
                break
            if depth >= one.deepest:
                below.clear()
            below.sort()
            found += [Path(where, name) for name in names if fnmatch.fnmatchcase(name, one.name)]
        hold = self.files.given.hold
        return sorted((p for p in found if not hold(p) or is_file(p)), key=os.fsencode)

    def _candidates(self, name: str, at: Source) -> Iterator[tuple[Path, str]]:
        if not name.startswith("/"):
            # The real base is the program's working directory, which no file tells.
            yield from ((base, name) for base in (self.confdir, Path(at.file).parent))
            yield from ((base, name) for base in self._above())
            return
        parts = Path(name).parts[1:]
        if not parts:
            yield Path("/"), ""
            return
        copied = not self._native(name) and ".." not in parts
        if copied:
            for first in range(len(parts) - 1):
                yield from ((base, "/".join(parts[first:])) for base in self._above())
        beside = [(Path(at.file).parent, parts[-1])] if copied and not wildcards(name) else []
        here = [(Path("/"), "/".join(parts))]
        # What lies in the folder of a copied tree's host is not this machine's file of that name.
        yield from (*beside, *here) if name.startswith(HOMES) else (*here, *beside)

    def _folder_is_here(self, name: str, at: Source) -> bool:
        """Tell whether the folder of a pattern was given, though no file in it matches."""
        return any(
            wildcards(str(Path(pattern).parent)) or is_dir((base / pattern).parent)
            for base, pattern in self._candidates(name, at)
            if self.files.given.hold((base / pattern).parent, folder=True)
        )

    def _native(self, name: str) -> bool:
        """Tell whether an absolute path leads into the folder in which the tree is now."""
        return name.startswith(os.path.realpath(self.confdir) + "/")

    def _above(self) -> Iterator[Path]:
        """Yield the configuration's folder and those above it, up to the path given."""
        yield self.confdir
        for folder in self.confdir.parents:
            if not folder.is_relative_to(self.top):
                return
            yield folder

    def explained(self, error: ConfigurationError) -> ConfigurationError:
        """Return an error with what was not included before it, which may be its cause."""
        for problem in reversed(self.problems):
            at = problem.source
            if at is not None and at.file == error.file and problem.kind.hides:
                message = f"{error.message}: {problem.message}"
                return ConfigurationError(message, error.file, error.line)
        return error

    def _explain(self, name: str, base: Path, found: Path, at: Source) -> None:
        if not name.startswith("/") or self._native(name) or base == Path("/"):
            return
        message = (
            f"{printable(name)} is looked for under {base}, where the tree is now: "
            f"{printable(str(found))} is read"
        )
        self.problems.append(Problem(ProblemKind.INCLUDE_RELOCATED, message, at))

    def _open(self, path: Path, at: Source) -> Text:
        try:
            text = self.files.read(path)
        except ConfigurationError as error:
            raise ConfigurationError(f"the included {error.file}: {error.message}", *at) from error
        self.read.add(text.identity)
        return text
