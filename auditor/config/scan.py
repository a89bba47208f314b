"""Reads one value after another from the tokens, and notes what looks wrong."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from auditor.config.lexer import Lexer, Skip
from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Problem, Source
from auditor.config.schema import Directive, Kind
from auditor.config.tokens import TEXT_KINDS, Token, TokenKind
from auditor.errors import ConfigurationError

#: Resource names and other names end here (bareos.md §5.5).
MAX_NAME = 127
#: Whoever has more reads none of them.
MAX_PROBLEMS = 10_000
#: Braces nest at most this deep; a FileSet nests two deep.
BLOCK_DEPTH = 32


@dataclass(slots=True)
class Scan:
    """Where the parser stands in one program's text."""

    lexer: Lexer
    problems: list[Problem] = field(default_factory=list)
    swallowed: Source | None = None
    """The last ``}`` that a value took for a part of itself (bareos.md §5.2)."""

    def warn(self, kind: ProblemKind, message: str, at: Source) -> None:
        """Note something that the real parser accepts."""
        self.problems.append(Problem(kind, message, at))
        if len(self.problems) > MAX_PROBLEMS:
            raise ConfigurationError(f"more than {MAX_PROBLEMS} problems; not read further", *at)

    def broken(self, message: str, at: Source) -> ConfigurationError:
        """Return the error for a broken structure, with the swallowed brace that may explain it."""
        if self.swallowed:
            message += (
                f"; the '}}' at {self.swallowed} did not count, because Bareos takes it for a part "
                "of the value before it: put it on a line of its own"
            )
        return ConfigurationError(message, *at)

    def text(self, directive: Directive, limit: int | None = None) -> str:
        """Read a token that may stand for a text and return its text; a bare number may not."""
        token = self.lexer.next()
        if token.kind not in TEXT_KINDS:
            hint = "; quote it" if token.kind is TokenKind.NUMBER else ""
            raise ConfigurationError(
                f"{directive.name} needs a text, not {token.kind.value}{hint}", *token.source
            )
        if limit is not None and _is_longer(token.text, limit):
            raise ConfigurationError(
                f"{directive.name} is longer than {limit} characters", *token.source
            )
        if token.glued and directive.kept:
            shown = "" if directive.kind in {Kind.PASSWORD, Kind.CLEAR} else f": {token.text!r}"
            self.warn(
                ProblemKind.BLANKS_DROPPED,
                f"Bareos drops the blanks in this unquoted {directive.name}{shown}; quote it",
                token.source,
            )
        return token.text

    def rest_of_line(self, directive: Directive | None = None) -> bool:
        """Skip to the end of the line or before a ``}``, as the real parser does after a value.

        Returns whether words were skipped. With a kept directive they become a problem.
        """
        first: Token | None = None
        while (token := self.lexer.next()).kind is not TokenKind.EOL:
            if token.kind is TokenKind.CLOSE or token.kind is TokenKind.EOF:
                self.lexer.push_back(token)
                break
            first = first or token
            self.lexer.skip(Skip.LINE)
        if first and directive and directive.kept:
            self.warn(
                ProblemKind.TEXT_IGNORED,
                f"Bareos ignores what follows the value of {directive.name} on this line",
                first.source,
            )
        return first is not None

    def block(self, name: str, at: Source) -> None:
        """Skip a block whose ``{`` has been read, with all blocks inside."""
        depth = 1
        while depth:
            self.lexer.skip(Skip.BLOCK)
            token = self.lexer.next()
            if token.kind is TokenKind.EOF:
                raise self.broken(f"the block {name} is never closed", at)
            depth += (token.kind is TokenKind.OPEN) - (token.kind is TokenKind.CLOSE)
            if depth > BLOCK_DEPTH:
                raise ConfigurationError(f"braces nest deeper than {BLOCK_DEPTH}", *token.source)

    def expect(self, kinds: Collection[TokenKind], message: str, *, lines: bool = True) -> Token:
        """Return the next token if it is of these kinds, else raise; ``lines`` skips newlines."""
        token = self.lexer.after_lines() if lines else self.lexer.next()
        if token.kind not in kinds:
            raise self.broken(f"{message}, not {token.kind.value}", token.source)
        return token


def _is_longer(text: str, limit: int) -> bool:
    """Tell whether a text has more bytes than that; each character has one to four."""
    return len(text) > limit // 4 and len(text.encode("utf-8", "surrogateescape")) > limit
