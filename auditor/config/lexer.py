"""Turns configuration text into tokens, with every trap of the real lexer (bareos.md §5.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from auditor.config.cursor import Cursor, Text
from auditor.config.plain_lines import T, read_plain
from auditor.config.resources import Source
from auditor.config.tokens import BLANKS, ENDS_WORD, NO_BLANKS, Mode, Token, TokenKind
from auditor.errors import ConfigurationError

#: Includes nest at most this deep; real configurations nest two or three deep.
INCLUDE_DEPTH = 32

_COMMENT = re.compile(r"[^\n]*")
_QUOTED = re.compile(r'"((?>[^"\\]+|\\.)*+)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NEXT_QUOTE = re.compile(r'[ \t]*"|[ \t\r]*\n[ \t]*"')
_INCLUDE = re.compile(f'[^{BLANKS}\n}}{{;,"#]*')
_MARKS = {
    "{": TokenKind.OPEN,
    "}": TokenKind.CLOSE,
    "=": TokenKind.EQUALS,
    ",": TokenKind.COMMA,
}
#: A word of letters and blanks, which with anything else behind it is a string.
_WORD = (
    rf"(?P<word>[A-Za-z][A-Za-z{BLANKS}]*+)"
    rf"(?:(?=[{ENDS_WORD}]|\Z)|(?P<tail>[^{ENDS_WORD}{BLANKS}]*+))|"
)
_OTHERS = (
    r"(?P<mark>[{}=,])|"
    # The end of a line with all empty lines and comments that follow: one token, as nothing in the
    # language counts them.
    rf"(?P<lines>[\n;](?>[{BLANKS}\n;]+|#[^\n]*)*+)|"
    r'(?P<other>["@#])|'
    rf"(?P<number>[0-9]++)(?=[{BLANKS}\n,;]|\Z)|"
    rf"(?P<string>[^{ENDS_WORD}{BLANKS}]++)"
)
#: What comes next, as the name of the group that matches; nothing does at the end.
_NEXT = {
    Mode.PLAIN: re.compile(f"[{BLANKS}]*+(?:{_WORD}{_OTHERS})"),
    Mode.NO_IDENTIFIER: re.compile(f"[{BLANKS}]*+(?:{_OTHERS})"),
}
_PLAIN = _NEXT[Mode.PLAIN]
_EMPTY_BEGINS = frozenset(f"{BLANKS}\n;#")
_EMPTY = re.compile(rf"(?>[{BLANKS}\n;]+|#[^\n]*)*+")


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
class Lexer:
    """A stream of tokens over one file and all that it includes."""

    text: Text
    include: Include = no_includes
    _open: list[Cursor] = field(default_factory=list)
    _pushed: list[Token] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin at the first character."""
        self._open.append(Cursor(self.text))

    def push_back(self, token: Token) -> None:
        """Return a token, so that it is the next one."""
        self._pushed.append(token)

    def after_lines(self) -> Token:
        """Return the next token that is neither a newline nor a semicolon."""
        self.pass_empty()
        while (token := self.next()).kind is TokenKind.EOL:
            pass
        return token

    def pass_empty(self) -> None:
        """Go on to what means something, behind ends of lines and comments."""
        cursor = self._open[-1]
        content = cursor.text.content
        if self._pushed or content[cursor.at : cursor.at + 1] not in _EMPTY_BEGINS:
            return
        end = _end(_EMPTY, content, cursor.at)
        cursor.pass_lines(content.count("\n", cursor.at, end))
        cursor.at = end

    def assignment(self, wanted: Mapping[str, T]) -> tuple[T, Source] | None:
        """Begin with the next line as ``read_plain`` does: return what is wanted of its word, and
        its place; the next two tokens are its value and its end."""
        if self._pushed or (read := read_plain(self._open[-1], wanted)) is None:
            return None
        found, at, (value, end) = read
        self._pushed = [end, value]
        return found, at

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
        cursor.pass_lines(content.count("\n", cursor.at, end))
        cursor.at = end

    def next(self, mode: Mode = Mode.PLAIN) -> Token:
        """Return the next token; EOF again and again at the end.

        Raises ConfigurationError for an open quote or an include that cannot be read.
        """
        if self._pushed:
            return self._pushed.pop()
        pattern = _PLAIN if mode is Mode.PLAIN else _NEXT[mode]
        while True:
            cursor = self._open[-1]
            content = cursor.text.content
            match = pattern.match(content, cursor.at)
            if match is None:
                cursor.at = len(content)
                if len(self._open) == 1:
                    return cursor.token(TokenKind.EOF, "")
                self._leave(cursor)
                if not content.endswith("\n"):
                    return Token(TokenKind.EOL, "", cursor.source, "\n")
                continue
            cursor.at = match.end()
            if match.lastgroup != "other":
                return _read(cursor, match)
            cursor.at -= 1
            if content[cursor.at] == '"':
                return self._quoted(cursor)
            if content[cursor.at] == "@":
                self._enter(cursor)
            else:
                cursor.at = _end(_COMMENT, content, cursor.at)

    def _quoted(self, cursor: Cursor) -> Token:
        content, start, source = cursor.text.content, cursor.at, cursor.source
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
                cursor.pass_lines(content.count("\n", start, cursor.at))
                stop = content[cursor.at : cursor.at + 1] or "\n"
                return Token(TokenKind.QUOTED, "".join(parts), source, stop)
            cursor.at = again.end() - 1

    def _enter(self, cursor: Cursor) -> None:
        content, source = cursor.text.content, cursor.source
        end = _end(_INCLUDE, content, cursor.at + 1)
        name = content[cursor.at + 1 : end]
        if content[end : end + 1] == '"':
            match = _QUOTED.match(content, end)
            if match is None:
                raise ConfigurationError("the quote after '@' is never closed", *source)
            name += _ESCAPE.sub(r"\1", match[1])
            cursor.pass_lines(content.count("\n", end, match.end()))
            end = match.end()
        cursor.at = end
        texts = list(reversed(self.include(name, source)))
        if any(text.identity == opened.text.identity for text in texts for opened in self._open):
            raise ConfigurationError("this include leads back to a file that is open", *source)
        if texts:
            self._open.append(Cursor(texts.pop(), texts))
        if len(self._open) > INCLUDE_DEPTH:
            raise ConfigurationError(f"includes nest deeper than {INCLUDE_DEPTH}", *source)

    def _leave(self, cursor: Cursor) -> None:
        self._open.pop()
        if cursor.waiting:
            self._open.append(Cursor(cursor.waiting.pop(), cursor.waiting))


def _read(cursor: Cursor, match: re.Match[str]) -> Token:
    """Return the token of a match other than a quote, an include or a comment."""
    kind, text = match.lastgroup, match[match.lastindex or 0]
    if kind == "word":
        written = text.rstrip(BLANKS)
        word = written.translate(NO_BLANKS)
        return cursor.token(TokenKind.IDENTIFIER, word, len(word) < len(written))
    if kind == "mark":
        return cursor.token(_MARKS[text], text)
    if kind == "lines":
        token = cursor.token(TokenKind.EOL, text[0])
        cursor.pass_lines(text.count("\n"))
        return token
    if kind == "tail":
        written = match["word"]
        word = written.translate(NO_BLANKS)
        return cursor.token(TokenKind.STRING, word + text, len(word) < len(written))
    return cursor.token(TokenKind.NUMBER if kind == "number" else TokenKind.STRING, text)


def _end(pattern: re.Pattern[str], content: str, at: int) -> int:
    match = pattern.match(content, at)
    return match.end() if match else at
