"""What the lexer hands to the parser: tokens that know where they stand."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from auditor.config.resources import Source

#: What is between tokens, for a character class; unquoted words lose it.
BLANKS = " \t\r\v\f"
NO_BLANKS = str.maketrans("", "", BLANKS)
#: What ends an unquoted word besides.
ENDS_WORD = '\n=}{;,"#'


class TokenKind(Enum):
    """The kinds of bareos.md §5.2; the value is how a message names the kind."""

    IDENTIFIER = "a word"
    """Letters only, blanks between them dropped: the only kind that can be a directive."""
    STRING = "unquoted text"
    NUMBER = "a number"
    QUOTED = "quoted text"
    OPEN = "'{'"
    CLOSE = "'}'"
    EQUALS = "'='"
    COMMA = "','"
    EOL = "the end of the line"
    """A newline or a semicolon."""
    EOF = "the end of the file"

    # Two members are never equal; that of Enum is Python, and every token is looked up in sets.
    __hash__ = object.__hash__


#: What a name may be (bareos.md §5.5): never a number, unless it is quoted.
TEXT_KINDS = frozenset({TokenKind.IDENTIFIER, TokenKind.STRING, TokenKind.QUOTED})


class Mode(Enum):
    """How the lexer treats letters and digits that begin a token."""

    PLAIN = "plain"
    NO_IDENTIFIER = "letters begin a string, so blanks end it"
    """The value of a Schedule's ``Run`` (bareos.md §5.6)."""


class Token(NamedTuple):
    """One token."""

    kind: TokenKind
    text: str
    """Without quotes and escapes. May be a password: never put it into a message."""
    source: Source
    """Where it begins."""
    stop: str
    """The character that ended it, still unread: decides how a time goes on (bareos.md §5.5)."""
    glued: bool = False
    """True: the file has blanks inside it that the real lexer drops."""
