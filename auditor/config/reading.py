"""From paths to a Configuration: what other rooms call."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from auditor.config import checks
from auditor.config.bacula import FOREIGN, is_bacula
from auditor.config.cursor import Text
from auditor.config.discovery import Discovery, Found, merge_partial
from auditor.config.file_reader import FileReader
from auditor.config.given_paths import GivenPaths
from auditor.config.includes import Includes
from auditor.config.lexer import Lexer
from auditor.config.parser import Parser
from auditor.config.problem_kinds import Level, ProblemKind
from auditor.config.recognise import recognise_program
from auditor.config.resource_names import BASE_NAMES, host_labels
from auditor.config.resources import Configuration, Problem, Program, ProgramConfig, Source
from auditor.config.written import WrittenProgram
from auditor.errors import ConfigurationError
from auditor.text import printable

#: How many files of Bacula are listed.
_MOST_ROOTS = 6


def read_configuration(
    paths: Sequence[str | Path],
    *,
    strict: bool = False,
    include_root: Sequence[str | Path] = (),
) -> Configuration:
    """Read all Bareos configurations at or below the paths, as the programs would read them.

    A path is a file, a ``*.d`` folder, an ``/etc/bareos``, or a folder with the trees of several
    hosts. Raises ConfigurationError where a program would refuse its files, for a missing path, and
    for a path that holds no Bareos configuration. ``strict`` raises for every problem that is not
    a mere note, too. Nothing outside of the paths is read, whatever an include or a link says, but
    what ``include_root`` names.
    """
    configuration = _read(paths, include_root)
    if strict:
        _raise_first(configuration.problems)
    return configuration


def read_written(
    paths: Sequence[str | Path], *, include_root: Sequence[str | Path] = ()
) -> tuple[Configuration, Sequence[WrittenProgram]]:
    """Return what ``read_configuration`` does, and all that its programs read, statement by
    statement, in the order of the programs."""
    written: list[WrittenProgram] = []
    return _read(paths, include_root, written), written


def _read(
    paths: Sequence[str | Path],
    include_root: Sequence[str | Path],
    written: list[WrittenProgram] | None = None,
) -> Configuration:
    given = GivenPaths.of(paths, include_root)
    reader = _Reader(FileReader(given), Discovery(given), written)
    for path in paths:
        reader.look(Path(path))
    return reader.read()


def _raise_first(problems: Iterable[Problem]) -> None:
    """Raise for the worst problem; a note only explains what was read."""
    levels = list(Level)
    counted = [problem for problem in problems if problem.level is not Level.NOTE]
    for problem in sorted(counted, key=lambda problem: levels.index(problem.level)):
        if problem.source is None:
            raise ConfigurationError(problem.message, "configuration")
        raise ConfigurationError(problem.message, *problem.source)


@dataclass(slots=True)
class _Reader:
    files: FileReader
    discovery: Discovery
    written: list[WrittenProgram] | None
    """Takes all that is read, statement by statement; None: nobody asks for it."""
    found: list[Found] = field(default_factory=list)
    programs: list[ProgramConfig] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    included: set[str] = field(default_factory=set)

    def look(self, path: Path) -> None:
        found = self.discovery.find(path)
        if not found:
            raise self._nothing(path)
        self.found.extend(found)

    def read(self) -> Configuration:
        found = merge_partial(self.found)
        hosts = _hosts(found)
        named = [item for item in found if item.program]
        answered = {str(item.top) for item in named}
        for item in named:
            if item.program:
                self._program(item, item.program, hosts[item])
        for item in found:
            if item.program is None and self._by_content(item, hosts[item]):
                answered.add(str(item.top))
        for item in found:
            if str(item.top) not in answered:
                raise self._nothing(item.top)
        problems = (*_of_bacula(self.programs), *self.discovery.problems, *self.problems)
        return Configuration(tuple(self.programs), problems, self.files.texts.excerpt)

    def _nothing(self, path: Path) -> ConfigurationError:
        for problem in self.discovery.problems:
            if problem.kind is ProblemKind.INCLUDE_OUTSIDE_TREE:
                return ConfigurationError(problem.message, str(path))
        return _nothing(path)

    def _by_content(self, item: Found, host: str) -> bool:
        """Read a file whose name says nothing; True: it is, or was, part of a configuration."""
        if os.path.realpath(item.root) in self.included:
            return True
        try:
            text = self.files.read(item.root)
        except ConfigurationError as error:
            if item.asked:
                raise
            message = f"{error}; not read"
            self.problems.append(Problem(ProblemKind.FILE_NOT_READ, message, None))
            return False
        guess = recognise_program(text)
        if guess is None:
            return False
        if guess.alternatives:
            others = " or ".join(program.value for program in guess.alternatives)
            message = (
                f"taken for the configuration of a {guess.program.value}; it may as well be that "
                f"of a {others}: name it {BASE_NAMES[guess.program]}.conf, or as fits"
            )
            at = Source(text.name, 1)
            self.problems.append(Problem(ProblemKind.PROGRAM_GUESSED, message, at))
        self._program(item, guess.program, host)
        return True

    def _program(self, item: Found, program: Program, host: str) -> None:
        includes = Includes(self.files, item.confdir, item.top)
        texts = [self.files.read(file) for file in item.files]
        bacula = any(is_bacula(os.path.realpath(text.name), text.content) for text in texts)
        parser, lexer = self._parser(item, program, bacula, includes, texts)
        for text in texts:
            try:
                parser.read(lexer(text))
            except ConfigurationError as error:
                raise includes.explained(error) from error
        self.included |= includes.read
        builders = parser.builders
        checks.refuse_duplicates(builders)
        whole = checks.is_whole(program, builders) and not item.partial and not item.unread
        whole = whole and not includes.unevaluated
        problems = [
            *parser.problems,
            *includes.problems,
            *checks.dangling(builders, all_given=whole),
            *checks.missing_own(program, builders, item.root),
            *checks.count_own(program, builders),
            *checks.missing_directives(builders),
        ]
        daemon = checks.daemon_of(program, builders)
        self.problems += [
            replace(problem, daemon=daemon)
            for problem in problems
            if not (bacula and problem.kind in FOREIGN)
        ]
        resources = tuple(builder.finished() for builder in builders)
        self.programs.append(
            ProgramConfig(
                program,
                str(item.root),
                host,
                resources,
                whole=whole,
                bacula=bacula,
                confdir=os.path.realpath(item.confdir),
            )
        )

    def _parser(
        self,
        item: Found,
        program: Program,
        bacula: bool,
        includes: Includes,
        texts: Sequence[Text],
    ) -> tuple[Parser, Callable[[Text], Lexer]]:
        if self.written is None:
            return Parser(program, bacula), lambda text: Lexer(text, includes)
        names = tuple(text.name for text in texts)
        place = str(item.confdir), str(item.top)
        told = WrittenProgram(program, bacula, *place, names, item.unread)
        self.written.append(told)
        return told.parser(), lambda text: told.lexer(text, includes)


def _of_bacula(programs: Iterable[ProgramConfig]) -> Iterator[Problem]:
    """Yield one problem for all programs that are Bacula's."""
    roots = [program.root for program in programs if program.bacula]
    if roots:
        shown = ", ".join(printable(Path(root).name) for root in roots[:_MOST_ROOTS])
        message = (
            f"this is Bacula, not Bareos ({shown}): it speaks cleartext, or TLS after its hello, "
            "so that no connection is expected to begin with TLS; what else is said here is true "
            "of Bareos"
        )
        places = tuple(Source(root, 0) for root in roots)
        yield Problem(ProblemKind.BACULA_SITE, message, places[0], others=places[1:_MOST_ROOTS])


def _hosts(found: Iterable[Found]) -> dict[Found, str]:
    parts = {item: _below(item.confdir, item.top) for item in found}
    groups: dict[str, set[tuple[str, ...]]] = {}
    for item, folder in parts.items():
        groups.setdefault(str(item.top), set()).add(folder)
    labels = {top: host_labels(folders) for top, folders in groups.items()}
    return {item: labels[str(item.top)][folder] for item, folder in parts.items()}


def _below(folder: Path, top: Path) -> tuple[str, ...]:
    return folder.relative_to(top).parts if folder.is_relative_to(top) else ()


def _nothing(path: Path) -> ConfigurationError:
    expected = ", ".join(f"{base}.d/" for base in BASE_NAMES.values())
    return ConfigurationError(
        f"holds no Bareos configuration: expected {expected} or one of their .conf files",
        str(path),
    )
