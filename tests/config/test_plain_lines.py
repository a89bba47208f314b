"""A line that is read in one step is read as token by token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.config.cursor import Cursor, Text
from auditor.config.lexer import Lexer
from auditor.config.parser import Parser
from auditor.config.plain_lines import read_plain
from auditor.config.resources import Program
from auditor.config.tokens import Token, TokenKind
from auditor.errors import ConfigurationError


def at_once(text: str) -> tuple[Token, Token] | None:
    read = read_plain(Cursor(Text("t", "t", text)), {"ab": 1})
    return read and read[2]


@pytest.mark.parametrize(
    ("text", "kind", "value", "stop"),
    [
        ("ab = c\n", TokenKind.IDENTIFIER, "c", "\n"),
        (" A b\t=c \n", TokenKind.IDENTIFIER, "c", "\n"),
        ("aB = 10.0.0.1 # c\n", TokenKind.STRING, "10.0.0.1", " "),
        ("ab = c#d\n", TokenKind.IDENTIFIER, "c", "#"),
        ("ab=9\n\n # d\n ;", TokenKind.NUMBER, "9", "\n"),
        ('ab = "c d; {"\t\n', TokenKind.QUOTED, "c d; {", "\t"),
        ("ab = c@d;", TokenKind.STRING, "c@d", ";"),
        ("ab = é\r\n", TokenKind.STRING, "é", "\r"),
    ],
)
def test_a_directive_with_one_value_is_read_at_once(
    text: str, kind: TokenKind, value: str, stop: str
) -> None:
    read = at_once(text)
    assert read is not None
    assert read[0][:2] == (kind, value)
    assert read[0].stop == stop
    assert read[1].kind is TokenKind.EOL


@pytest.mark.parametrize(
    "text",
    [
        "ab = c d\n",
        "ab = c",
        "ab = c }\n",
        "ab = c, d\n",
        "ab = @c\n",
        "ab =\n c\n",
        "ab = c = d\n",
        'ab = "c\nd"\n',
        'ab = "c" "d"\n',
        'ab = "c"\n "d"\n',
        r'ab = "c\"d"' "\n",
        "ab { c = d\n",
        "a-b = c\n",
        "other = c\n",
        "1 min\n",
    ],
)
def test_what_is_more_than_that_is_left_to_the_lexer(text: str) -> None:
    cursor = Cursor(Text("t", "t", text))
    assert read_plain(cursor, {"ab": 1}) is None
    assert (cursor.at, cursor.line) == (0, 1)


#: What directives, values and ends of lines are made of.
PIECES = (
    *("Name", "Address", "Password", "Heartbeat Interval", "Passive", "Port", "Catalog", "Unknown"),
    *(" = ", "=", " ", "\t", "\r", "\n", "\n", "\n", ";", ";;\n", "# c\n", '"', '"x y"', '\\"'),
    *("c1", "yes", "no", "60", "1 min", "60 s", "10.0.0.1", "secret", "[md5]", "é", "a@b", "@"),
    *("{", "}", ",", "a, b", "-", "+5", "99999999999999999999"),
)


def client(body: str) -> str:
    return f"Client {{\n{body}}}\n"


def outcome(text: str) -> object:
    """Return all that a parser makes of a text."""
    parser = Parser(Program.DIRECTOR)
    try:
        parser.read(Lexer(Text("t", "t", text)))
    except ConfigurationError as error:
        return str(error), parser.problems
    return [builder.finished() for builder in parser.builders], parser.problems


def token_by_token(text: str) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lexer, "assignment", lambda *_: None)
        return outcome(text)


@pytest.mark.hypothesis
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_both_ways_to_read_agree(body: str) -> None:
    text = client(body)
    assert outcome(text) == token_by_token(text)


@pytest.mark.parametrize("directive", [piece for piece in PIECES if piece[0].isupper()])
def test_both_ways_to_read_a_directive_agree(directive: str) -> None:
    for value in PIECES:
        for end in ("\n", ";", " # c\n", '\n"d"\n', "}", ""):
            text = client(f"{directive} = {value}{end}\nName = c\nPassword = p\nAddress = h\n")
            assert outcome(text) == token_by_token(text), text


def test_most_lines_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it costs is counted in tokens that the lexer makes by itself."""
    made: list[str] = []
    original = Lexer.next

    def counted(lexer: Lexer, *args: object) -> Token:
        if not lexer._pushed:
            made.append("token")
        return original(lexer, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Lexer, "next", counted)
    lines = 'Name = c{0}\nAddress = h\nPassword = "p{0}"\nPassive = no\nPort = 9102\n'
    text = "".join(client(lines.format(number)) for number in range(10))
    assert Parser(Program.DIRECTOR).read(Lexer(Text("t", "t", text)))
    assert len(made) < 6 * 10
