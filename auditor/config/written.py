"""What a configuration consists of, statement by statement, so that it can be written anew.

A ``Resource`` holds what counts in the end; here is what was written where, also of directives that
are checked and dropped. The parser is the same, so that nothing is here which it does not know.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.config.cursor import Text
from auditor.config.includes import Includes
from auditor.config.lexer import Include, Lexer
from auditor.config.parser import Parser
from auditor.config.problem_kinds import ProblemKind
from auditor.config.resource_builder import ResourceBuilder
from auditor.config.resources import Program, Setting, Source
from auditor.config.scan import Scan
from auditor.config.schema import Directive, Kind
from auditor.config.tokens import Mode, Token, TokenKind

_LISTS = frozenset({Kind.TEXTS, Kind.REFERENCES})


class Opened(NamedTuple):
    """A resource begins."""

    type: str
    """As it is written, which is one of the types that the program knows, or its old name."""
    at: Source


class Closed(NamedTuple):
    """A resource ends."""

    at: Source


class Said(NamedTuple):
    """A directive that the program knows."""

    directive: Directive
    tokens: tuple[Token, ...]
    """What its value was read from; of a list the items."""
    run: Mapping[str, Setting]
    """Of a ``Run``: its overrides."""
    problems: frozenset[ProblemKind]
    at: Source


class Unknown(NamedTuple):
    """A directive that the program does not know, or a resource of Bacula's."""

    at: Source


class Included(NamedTuple):
    """``@file``, a pattern, or a command."""

    names: tuple[str, ...]
    """The files that are read for it, in this order, as they are called."""
    absolute: bool
    problems: frozenset[ProblemKind]
    at: Source


Statement = Opened | Closed | Said | Unknown | Included


@dataclass(slots=True)
class WrittenProgram:
    """What one program reads."""

    program: Program
    bacula: bool
    confdir: str
    """The folder that holds its file or its ``*.d``."""
    top: str
    """The path that was given, under which it was found."""
    texts: tuple[str, ...]
    """The files that it begins with, as they are called, in reading order."""
    unread: bool
    """True: something in its ``*.d`` could not be read, so that resources may be missing."""
    visits: dict[str, list[list[Statement]]] = field(default_factory=dict)
    """By file what was read in it, each time that it was."""

    def visit(self, name: str) -> None:
        """Begin with a file, perhaps once more."""
        self.visits.setdefault(name, []).append([])

    def add(self, statement: Statement) -> None:
        """Take a statement."""
        self.visits[statement.at.file][-1].append(statement)

    def statements(self) -> Mapping[str, Sequence[Statement]]:
        """Return what each file says; one that is read in several places of which not each can
        have all of it is told by where most was read."""
        return {name: max(read, key=len) for name, read in self.visits.items()}

    def parser(self) -> Parser:
        """Return what reads it."""
        return _Parser(self)

    def lexer(self, text: Text, includes: Includes) -> Lexer:
        """Return what cuts one of its ``texts`` into tokens."""
        self.visit(text.name)
        return _Lexer(text, self._include(includes))

    def _include(self, includes: Includes) -> Include:
        def include(name: str, at: Source) -> Sequence[Text]:
            before = len(includes.problems)
            texts = includes(name, at)
            kinds = frozenset(one.kind for one in includes.problems[before:])
            names = tuple(text.name for text in texts)
            self.add(Included(names, name.startswith("/"), kinds, at))
            for one in names:
                self.visit(one)
            return texts

        return include


class _Lexer(Lexer):
    """Remembers the tokens that were taken."""

    def __init__(self, text: Text, include: Include) -> None:
        super().__init__(text, include)
        self.taken: list[Token] = []

    def next(self, mode: Mode = Mode.PLAIN) -> Token:
        token = super().next(mode)
        self.taken.append(token)
        return token

    def push_back(self, token: Token) -> None:
        if self.taken and self.taken[-1] is token:
            self.taken.pop()
        super().push_back(token)


class _Parser(Parser):
    """Tells what it reads. It reads token by token, which takes its time."""

    def __init__(self, told: WrittenProgram) -> None:
        super().__init__(told.program, told.bacula)
        self._told = told

    def _resource(self, scan: Scan, head: Token) -> ResourceBuilder:
        self._told.add(Opened(head.text, head.source))
        builder = super()._resource(scan, head)
        self._told.add(Closed(_taken(scan)[-1].source))
        _taken(scan).clear()
        return builder

    def _after_plain(self, scan: Scan, builder: ResourceBuilder) -> Token:
        del builder
        return scan.lexer.after_lines()

    def _directive(
        self, scan: Scan, builder: ResourceBuilder, directive: Directive, at: Source
    ) -> None:
        before, runs = len(self.problems), len(builder.runs)
        _taken(scan).clear()
        super()._directive(scan, builder, directive, at)
        kinds = frozenset(problem.kind for problem in self.problems[before:])
        tokens = tuple(_value(_taken(scan), directive.kind))
        run = builder.runs[-1] if len(builder.runs) > runs else {}
        self._told.add(Said(directive, tokens, run, kinds, at))

    def _unknown(self, scan: Scan, builder: ResourceBuilder, word: Token) -> None:
        super()._unknown(scan, builder, word)
        self._told.add(Unknown(word.source))


def _taken(scan: Scan) -> list[Token]:
    assert isinstance(scan.lexer, _Lexer)
    return scan.lexer.taken


def _value(taken: Sequence[Token], kind: Kind) -> Sequence[Token]:
    """Return the tokens of a value out of all that were taken for it, the ``=`` first."""
    lines: Collection[TokenKind] = {TokenKind.EOL, TokenKind.EOF}
    tokens = [token for token in taken if token.kind not in lines][1:]
    if kind not in _LISTS:
        return tokens
    items = tokens[:1]
    for comma, item in zip(tokens[1::2], tokens[2::2], strict=False):
        if comma.kind is not TokenKind.COMMA:
            break
        items.append(item)
    return items
