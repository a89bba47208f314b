"""Turns configuration text into tokens, with every trap of the real lexer (bareos.md §5.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from auditor.config.resources import Source
from auditor.config.tokens import Mode, Token, TokenKind
from auditor.errors import ConfigurationError

#: Includes nest at most this deep; real configurations nest two or three deep.
INCLUDE_DEPTH = 32

_BLANKS = " \t\r\v\f"
_NO_BLANKS = str.maketrans("", "", _BLANKS)
_SKIP = re.compile(f"[{_BLANKS}]*")
#: The end of a line with all empty lines and comments that follow: one token, as nothing in the
#: language counts them.
_LINES = re.compile(rf"(?>[{_BLANKS}\n;]+|#[^\n]*)*+")
_COMMENT = re.compile(r"[^\n]*")
_IDENTIFIER = re.compile(f"[A-Za-z][A-Za-z{_BLANKS}]*")
_DIGITS = re.compile(r"[0-9]+")
_STRING = re.compile(f'[^{_BLANKS}\n=}}{{;,#"]*')
_QUOTED = re.compile(r'"((?>[^"\\]+|\\.)*+)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NEXT_QUOTE = re.compile(r'[ \t]*"|[ \t\r]*\n[ \t]*"')
_INCLUDE = re.compile(f'[^{_BLANKS}\n}}{{;,"#]*')
_ENDS_WORD = frozenset('\n=}{;,"#')
_ENDS_NUMBER = frozenset(f"{_BLANKS}\n,;")
_MARKS = {
    "{": TokenKind.OPEN,
    "}": TokenKind.CLOSE,
    "=": TokenKind.EQUALS,
    ",": TokenKind.COMMA,
}


class Text(NamedTuple):
    """One file, read and decoded."""

    name: str
    """As messages call it."""
    identity: str
    """Its real path: what an include cycle is recognised by."""
    content: str


class Skip(Enum):
    """What may be skipped: everything up to what a pattern does not match."""

    LINE = re.compile(r'[^\n;}"@#]*+')
    BLOCK = re.compile(r'(?>[^{}"@#]++|#[^\n]*+)*+')


#: Finds what ``@name`` means: the texts in the order in which they are read; raises
#: ConfigurationError where the real program would.
Include = Callable[[str, Source], Sequence[Text]]


def no_includes(_name: str, _at: Source) -> Sequence[Text]:
    """Include nothing: enough to recognise whose configuration a text is."""
    return ()


@dataclass(slots=True)
class _Cursor:
    text: Text
    waiting: list[Text] = field(default_factory=list)
    """The other files of the same include, next one last."""
    at: int = 0
    line: int = 1
    sign: int = 0
    """Where the ``@`` is before which nothing is skipped."""


@dataclass(slots=True)
class Lexer:
    """A stream of tokens over one file and all that it includes."""

    text: Text
    include: Include = no_includes
    _open: list[_Cursor] = field(default_factory=list)
    _pushed: list[Token] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin at the first character."""
        self._open.append(_Cursor(self.text))

    def push_back(self, token: Token) -> None:
        """Return a token, so that it is the next one."""
        self._pushed.append(token)

    def after_lines(self) -> Token:
        """Return the next token that is neither a newline nor a semicolon."""
        while (token := self.next()).kind is TokenKind.EOL:
            pass
        return token

    def skip(self, to: Skip) -> None:
        """Go on to the next character that means something to whoever skips, without tokens for
        what is before it: most of a hostile text."""
        cursor = self._open[-1]
        if self._pushed or cursor.at < cursor.sign:
            return
        content = cursor.text.content
        end = _end(to.value, content, cursor.at)
        if content[end : end + 1] == "@":  # only tokens tell whether a word goes on here
            cursor.sign = end
            return
        cursor.line += content.count("\n", cursor.at, end)
        cursor.at = end

    def next(self, mode: Mode = Mode.PLAIN) -> Token:
        """Return the next token; EOF again and again at the end.

        Raises ConfigurationError for an open quote or an include that cannot be read.
        """
        if self._pushed:
            return self._pushed.pop()
        while True:
            cursor = self._open[-1]
            content = cursor.text.content
            cursor.at = _end(_SKIP, content, cursor.at)
            if cursor.at >= len(content):
                if len(self._open) == 1:
                    return self._token(cursor, TokenKind.EOF, "", cursor.at)
                self._leave(cursor)
                if not content.endswith("\n"):
                    return Token(TokenKind.EOL, "", Source(cursor.text.name, cursor.line), "\n")
                continue
            first = content[cursor.at]
            if first == "#":
                cursor.at = _end(_COMMENT, content, cursor.at)
            elif first == "@":
                self._enter(cursor)
            else:
                return self._read(cursor, first, mode)

    def _read(self, cursor: _Cursor, first: str, mode: Mode) -> Token:
        content, start = cursor.text.content, cursor.at
        if first in _MARKS:
            return self._token(cursor, _MARKS[first], first, start + 1)
        if first in "\n;":
            end = _end(_LINES, content, start + 1)
            token = self._token(cursor, TokenKind.EOL, first, end)
            cursor.line += content.count("\n", start, end)
            return token
        if first == '"':
            return self._quoted(cursor)
        if first.isascii() and first.isalpha() and mode is Mode.PLAIN:
            end = _end(_IDENTIFIER, content, start)
            written = content[start:end].rstrip(_BLANKS)
            word = written.translate(_NO_BLANKS)
            if end == len(content) or content[end] in _ENDS_WORD:
                glued = len(word) < len(written)
                return self._token(cursor, TokenKind.IDENTIFIER, word, end, glued)
            stop = _end(_STRING, content, end)
            glued = len(word) < end - start
            return self._token(cursor, TokenKind.STRING, word + content[end:stop], stop, glued)
        if first.isascii() and first.isdigit():
            end = _end(_DIGITS, content, start)
            if end == len(content) or content[end] in _ENDS_NUMBER:
                return self._token(cursor, TokenKind.NUMBER, content[start:end], end)
        end = _end(_STRING, content, start)
        return self._token(cursor, TokenKind.STRING, content[start:end], end)

    def _quoted(self, cursor: _Cursor) -> Token:
        content, start, line = cursor.text.content, cursor.at, cursor.line
        source = Source(cursor.text.name, line)
        parts = []
        while True:
            match = _QUOTED.match(content, cursor.at)
            if match is None:
                raise ConfigurationError(
                    "this quote is never closed; add the closing '\"'", *source
                )
            parts.append(_ESCAPE.sub(r"\1", match[1]))
            cursor.at = match.end()
            again = _NEXT_QUOTE.match(content, cursor.at)
            if again is None:
                cursor.line += content.count("\n", start, cursor.at)
                stop = content[cursor.at : cursor.at + 1] or "\n"
                return Token(TokenKind.QUOTED, "".join(parts), source, stop)
            cursor.at = again.end() - 1

    def _enter(self, cursor: _Cursor) -> None:
        content, source = cursor.text.content, Source(cursor.text.name, cursor.line)
        end = _end(_INCLUDE, content, cursor.at + 1)
        name = content[cursor.at + 1 : end]
        if content[end : end + 1] == '"':
            match = _QUOTED.match(content, end)
            if match is None:
                raise ConfigurationError("the quote after '@' is never closed", *source)
            name += _ESCAPE.sub(r"\1", match[1])
            cursor.line += content.count("\n", end, match.end())
            end = match.end()
        cursor.at = end
        texts = list(reversed(self.include(name, source)))
        if any(text.identity == opened.text.identity for text in texts for opened in self._open):
            raise ConfigurationError("this include leads back to a file that is open", *source)
        if texts:
            self._open.append(_Cursor(texts.pop(), texts))
        if len(self._open) > INCLUDE_DEPTH:
            raise ConfigurationError(f"includes nest deeper than {INCLUDE_DEPTH}", *source)

    def _leave(self, cursor: _Cursor) -> None:
        self._open.pop()
        if cursor.waiting:
            self._open.append(_Cursor(cursor.waiting.pop(), cursor.waiting))

    def _token(
        self, cursor: _Cursor, kind: TokenKind, text: str, end: int, glued: bool = False
    ) -> Token:
        cursor.at = end
        stop = cursor.text.content[end : end + 1] or "\n"
        return Token(kind, text, Source(cursor.text.name, cursor.line), stop, glued)


def _end(pattern: re.Pattern[str], content: str, at: int) -> int:
    match = pattern.match(content, at)
    return match.end() if match else at
