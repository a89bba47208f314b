"""Reads in one step what most lines of a large configuration are: a directive and a plain value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from auditor.config.cursor import Cursor
from auditor.config.resources import Source
from auditor.config.tokens import BLANKS, ENDS_WORD, NO_BLANKS, Token, TokenKind

T = TypeVar("T")
_make = tuple.__new__  # half the time of what a NamedTuple does

#: A word, one value without blanks or quotes inside, and an end of line with all empty lines and
#: comments that follow: but no quote, which would go on with a quoted value.
_LINE = re.compile(
    rf"[{BLANKS}]*+(?P<word>[A-Za-z][A-Za-z{BLANKS}]*+)=[{BLANKS}]*+"
    rf"(?:(?P<identifier>[A-Za-z]++(?=[{BLANKS}]*+[\n;#]))|(?P<number>[0-9]++(?=[{BLANKS}\n;]))|"
    rf'"(?P<quoted>[^"\\\n]*+)"|(?P<string>[^@{ENDS_WORD}{BLANKS}][^{ENDS_WORD}{BLANKS}]*+))'
    rf'[{BLANKS}]*+(?:#[^\n]*+)?[\n;](?>[{BLANKS}\n;]+|#[^\n]*)*+(?!")'
)
_KINDS = {
    "identifier": TokenKind.IDENTIFIER,
    "number": TokenKind.NUMBER,
    "quoted": TokenKind.QUOTED,
    "string": TokenKind.STRING,
}


def read_plain(
    cursor: Cursor, wanted: Mapping[str, T]
) -> tuple[T, Source, tuple[Token, Token]] | None:
    """Go behind the next line if it is ``word = value`` and nothing more, and the word, in small
    letters without blanks, is wanted.

    Returns what is wanted of the word, its place, and the two tokens that the lexer would make of
    what follows the ``=``: value and end of line. None: nothing was read.
    """
    content = cursor.text.content
    line = _LINE.match(content, cursor.at)
    if line is None:
        return None
    found = wanted.get(line["word"].translate(NO_BLANKS).lower())
    if found is None:
        return None
    kind = line.lastgroup or ""
    source, end = cursor.source, line.end(kind)
    stop = content[end + (kind == "quoted")]
    if kind == "identifier" and stop in BLANKS:
        stop = "\n"  # a word is read with the blanks behind it; what else there is ends before them
    value = _make(Token, (_KINDS[kind], line[kind], source, stop, False))
    cursor.at = line.end()
    cursor.pass_lines(content.count("\n", end, cursor.at))
    return found, source, (value, _make(Token, (TokenKind.EOL, "\n", source, "\n", False)))
