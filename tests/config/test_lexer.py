"""The lexer reads as the table of bareos.md §5.2 says."""

from __future__ import annotations

import pytest
from bareosconf import client, parse, value_of

from auditor.config import lexer as lexer_module
from auditor.config.cursor import Text
from auditor.config.lexer import Lexer, Skip
from auditor.config.resources import Program, Source
from auditor.config.scan import Scan
from auditor.config.tokens import Mode, TokenKind
from auditor.errors import ConfigurationError


def kinds(text: str, mode: Mode = Mode.PLAIN) -> list[tuple[str, str]]:
    lexer = Lexer(Text("t", "t", text))
    found = []
    while (token := lexer.next(mode)).kind is not TokenKind.EOF:
        found.append((token.kind.name, token.text))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b\tc\rd", [("IDENTIFIER", "abcd")]),
        ("My Client-2", [("STRING", "MyClient-2")]),
        ("my-client 2", [("STRING", "my-client"), ("NUMBER", "2")]),
        ("fd 1", [("STRING", "fd1")]),
        ("9102 ", [("NUMBER", "9102")]),
        ("9102,", [("NUMBER", "9102"), ("COMMA", ",")]),
        ("9102}", [("STRING", "9102"), ("CLOSE", "}")]),
        ("10.0.0.1", [("STRING", "10.0.0.1")]),
        ("a#b", [("IDENTIFIER", "a")]),
        ("a//b", [("STRING", "a//b")]),
        ("a@b", [("STRING", "a@b")]),
        ('a"b"', [("IDENTIFIER", "a"), ("QUOTED", "b")]),
        ("x;y", [("IDENTIFIER", "x"), ("EOL", ";"), ("IDENTIFIER", "y")]),
        ("x;; # c\n\n ;y", [("IDENTIFIER", "x"), ("EOL", ";"), ("IDENTIFIER", "y")]),
        ("_x", [("STRING", "_x")]),
        ("é", [("STRING", "é")]),
        (r'"a\"b\\c\n"', [("QUOTED", r'a"b\cn')]),
        ('"# not a comment"', [("QUOTED", "# not a comment")]),
        ('"a\nb"', [("QUOTED", "a\nb")]),
        ('"a" "b"', [("QUOTED", "ab")]),
        ('"a"\n\t"b"', [("QUOTED", "ab")]),
        ('"a"\n\n"b"', [("QUOTED", "a"), ("EOL", "\n"), ("QUOTED", "b")]),
    ],
)
def test_a_text_becomes_these_tokens(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


def test_blanks_end_a_word_where_no_identifiers_are_wanted() -> None:
    assert kinds("Full mon", Mode.NO_IDENTIFIER) == [("STRING", "Full"), ("STRING", "mon")]


def test_a_token_knows_its_line_also_after_a_quote_over_two_lines() -> None:
    lexer = Lexer(Text("t", "t", '"a\nb"\nword'))
    assert [lexer.next().source for _ in range(3)] == [
        Source("t", 1),
        Source("t", 2),
        Source("t", 3),
    ]


def test_an_open_quote_is_an_error_at_its_beginning() -> None:
    with pytest.raises(ConfigurationError, match="never closed") as caught:
        kinds('x\n "abc\ndef')
    assert (caught.value.file, caught.value.line) == ("t", 2)


@pytest.mark.parametrize(
    "spelling",
    ["HeartbeatInterval", "heartbeat interval", "H e a r t b e a tInterval", "HEARTBEAT\tINTERVAL"],
)
def test_blanks_and_case_of_a_directive_mean_nothing(spelling: str) -> None:
    assert value_of(client(f"{spelling} = 60"), "HeartbeatInterval") == 60


@pytest.mark.parametrize(
    "spelling",
    ["Heartbeat_Interval", "Heartbeat-Interval", '"HeartbeatInterval"', "Heartbeat\nInterval"],
)
def test_any_other_spelling_of_a_directive_is_an_error(spelling: str) -> None:
    with pytest.raises(ConfigurationError):
        client(f"{spelling} = 60")


def test_lines_may_end_with_carriage_returns() -> None:
    assert value_of(client("Address = a.example\r\nPassive = yes\r"), "Passive") is True


def test_the_equals_sign_may_stand_on_the_next_line() -> None:
    assert value_of(client("Passive\n= yes"), "Passive") is True


@pytest.mark.parametrize("directive", ["Passive =\n yes", "Port =\n 9102", "Address =\n x.example"])
def test_the_value_must_stand_on_the_line_of_its_equals_sign(directive: str) -> None:
    with pytest.raises(ConfigurationError):
        client(directive)


def test_a_time_may_stand_on_the_line_after_its_equals_sign() -> None:
    assert value_of(client("Heartbeat Interval =\n 60"), "HeartbeatInterval") == 60


@pytest.mark.parametrize(
    "head", ["Client{", "Client {", "Client\n{", "CLIENT\n\n{", "c l i e n t {"]
)
def test_the_brace_of_a_resource_may_stand_on_a_later_line(head: str) -> None:
    assert parse(f"{head} Name = x }}").only.type == "Client"


@pytest.mark.parametrize("end", ["", "\n", " # comment", "\n# comment"])
def test_a_missing_last_newline_is_harmless(end: str) -> None:
    assert parse("Client { Name = x }" + end).only.name == "x"


@pytest.mark.parametrize(
    "line",
    [
        "Name = x }",
        'Address = "x" }',
        "Address = a.example }",
        "Passive = yes }",
        "Port = 9102 }",
        "Heartbeat Interval = 60}",
        "Heartbeat Interval = 60;}",
        "Heartbeat Interval = 60 ;}",
        "Heartbeat Interval = 1 min }",
        "TlsAllowedCn = a;}",
    ],
)
def test_a_brace_on_the_line_of_the_value_closes_the_resource(line: str) -> None:
    name = "" if line.startswith("Name") else "Name = x\n"
    assert parse(f"Client {{\n{name}{line}\n").only.name == "x"


@pytest.mark.parametrize(
    "line",
    ["Heartbeat Interval = 60 }", "Maximum Bandwidth Per Job = 10k/s }", "TlsAllowedCn = a }"],
)
def test_a_brace_after_a_time_size_or_list_is_swallowed(line: str) -> None:
    with pytest.raises(ConfigurationError, match=r"test.conf:3 did not count"):
        parse(f"Client {{\nName = x\n{line}\nClient {{\nName = y\n}}\n")


def test_own_ports_and_addresses_do_not_swallow_a_brace() -> None:
    text = "Client { Name = x\n Addresses = { ip = { addr = 10.0.0.1 port = 1 } } }"
    assert parse(text, Program.FILE_DAEMON).only.name == "x"
    assert parse("Client { Name = x; Port = 9102 }", Program.FILE_DAEMON).only.name == "x"


@pytest.mark.parametrize("text", ["Client {\nName = x\n", 'Client { Name = "x }', "Client {"])
def test_an_open_brace_or_quote_is_an_error(text: str) -> None:
    with pytest.raises(ConfigurationError, match="never closed"):
        parse(text)


@pytest.mark.parametrize(
    "text", ["// x", "/* x */", "}", "= 1", '"Client" {', "Unknown { Name=x }"]
)
def test_nothing_but_resources_may_stand_outside_of_resources(text: str) -> None:
    with pytest.raises(ConfigurationError, match="expected a resource"):
        parse(text)


SKIPPED = [
    *("a b c\n", "1 2 3 ; x", "x } y", 'x "q;}" y\n', "x # ; }\n", "{ x { y } z } w", "x\ny }"),
    *(
        "foo @bar\n",
        "1 @x\n",
        "a@b c@d\n",
        '"a"@x\n',
        "a, @x\n",
        "1 2 mail@host, {@x} }\n",
        "#@x\n",
    ),
    *('x "never closed', "x", "", "\\ \x0c @\n", '{ # } @ "\n } @x'),
]


@pytest.mark.parametrize("skip", Skip)
@pytest.mark.parametrize("text", SKIPPED)
def test_skipping_reads_what_tokens_would(text: str, skip: Skip) -> None:
    """Before each token that matters, whoever skips is where he would be without."""
    matters = {TokenKind.OPEN, TokenKind.CLOSE, TokenKind.EOF}
    matters |= {TokenKind.EOL} if skip is Skip.LINE else set()

    def seen(skipping: bool) -> list[object]:
        included: list[str] = []
        lexer = Lexer(Text("t", "t", text), lambda name, at: included.append(f"{name} {at}") or ())
        found: list[object] = []
        try:
            while True:
                if skipping:
                    lexer.skip(skip)
                token = lexer.next()
                if token.kind in matters and token.kind is not TokenKind.OPEN:
                    found.append((token.kind, token.source, tuple(included)))
                if token.kind is TokenKind.EOF:
                    return found
        except ConfigurationError as error:
            return [*found, str(error)]

    assert seen(skipping=True) == seen(skipping=False)


def test_a_line_that_is_passed_over_takes_no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten megabytes of words took over forty seconds."""
    read: list[int] = []
    token = lexer_module._read
    monkeypatch.setattr(lexer_module, "_read", lambda *args: read.append(1) or token(*args))
    scan = Scan(
        Lexer(Text("t", "t", "1 " * 100_000 + "\n" + "{ 1 = x, } " * 10 + "y " * 9999 + "}"))
    )
    assert scan.rest_of_line()
    scan.block("b", Source("t", 2))
    assert len(read) < 50


def test_signs_in_a_line_make_no_other_word_dearer() -> None:
    """What could be skipped but for the last word is looked at once, not for each word anew."""
    text = "1 " * 200_000 + "x@y\n"
    scan = Scan(Lexer(Text("t", "t", text)))
    assert scan.rest_of_line()
    assert scan.lexer.next().kind is TokenKind.EOF
