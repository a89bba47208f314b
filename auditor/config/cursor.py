"""Where the lexer stands in one text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.config.resources import Source
from auditor.config.tokens import Token, TokenKind

_make = tuple.__new__  # half the time of what a NamedTuple does


class Text(NamedTuple):
    """One file, read and decoded."""

    name: str
    """As messages call it."""
    identity: str
    """Its real path: what an include cycle is recognised by."""
    content: str


@dataclass(slots=True)
class Cursor:
    """A text, and how far it is read."""

    text: Text
    waiting: list[Text] = field(default_factory=list)
    """The other files of the same include, next one last."""
    at: int = 0
    line: int = 1
    sign: int = 0
    """Where the ``@`` is before which nothing is skipped."""
    source: Source = field(init=False)
    """The file and line, once for all tokens on it."""

    def __post_init__(self) -> None:
        self.source = Source(self.text.name, self.line)

    def pass_lines(self, lines: int) -> None:
        """Count the lines that end between here and what was read last."""
        if lines:
            self.line += lines
            self.source = _make(Source, (self.text.name, self.line))

    def token(self, kind: TokenKind, text: str, glued: bool = False) -> Token:
        """Return a token that ends here."""
        stop = self.text.content[self.at : self.at + 1] or "\n"
        return _make(Token, (kind, text, self.source, stop, glued))
