"""Whatever a file holds, it is read or refused with a sentence; spelling does not matter."""

from __future__ import annotations

import string

import pytest
from bareosconf import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.config.cursor import Text
from auditor.config.file_reader import FileReader
from auditor.config.given_paths import GivenPaths
from auditor.config.lexer import Lexer
from auditor.config.quantities import TIME_UNITS, total
from auditor.config.recognise import recognise_program
from auditor.config.resources import Program
from auditor.config.tokens import Mode, TokenKind
from auditor.errors import ConfigurationError

#: The machine's load must not fail a test.
STEADY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TRAPS = st.sampled_from(
    [
        *'{}=,;#"@\\ \t\r\n',
        "Client",
        "Name = x",
        "Run = ",
        "Addresses",
        "Port = 1",
        '"a" "b"',
        "60 }",
        "RunScript {",
        "Heartbeat Interval = 1 m",
        "Password = [md5]",
        "TlsAllowedCn = a",
        "\x85",
        "é",
    ]
)
NASTY = st.lists(TRAPS | st.text(max_size=4), max_size=40).map("".join)


@pytest.mark.slow
@STEADY
@given(NASTY, st.sampled_from(Mode))
def test_the_lexer_raises_nothing_but_configuration_errors(text: str, mode: Mode) -> None:
    lexer = Lexer(Text("t", "t", text))
    try:
        for _ in range(len(text) + 1):
            if lexer.next(mode).kind is TokenKind.EOF:
                return
    except ConfigurationError:
        return
    raise AssertionError("more tokens than characters")


@STEADY
@given(NASTY, st.sampled_from(Program), st.sampled_from(["Client", "Director", "Schedule", "Job"]))
def test_the_parser_raises_nothing_but_configuration_errors(
    text: str, program: Program, head: str
) -> None:
    try:
        parsed = parse(f"{head} {{\nName = x\n{text}\n}}\n", program)
    except ConfigurationError as error:
        assert error.file == "test.conf"
        assert error.line >= 1
        return
    assert all(resource.name for resource in parsed.resources)


@STEADY
@given(NASTY)
def test_recognising_raises_nothing(text: str) -> None:
    recognise_program(Text("t", "t", text))


@STEADY
@given(data=st.binary(max_size=200))
def test_reading_bytes_raises_nothing_but_configuration_errors(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.conf"
    path.write_bytes(data)
    try:
        text = FileReader(GivenPaths.of([path])).read(path)
    except ConfigurationError:
        return
    assert text.content.encode("utf-8", "surrogateescape") == data.removeprefix(b"\xef\xbb\xbf")


@STEADY
@given(st.text("0123456789.eE+- smhdwqyn", max_size=12))
def test_a_time_is_a_number_or_nothing(text: str) -> None:
    assert isinstance(total(text, TIME_UNITS), int | None)


NAMES = st.text(string.ascii_letters + string.digits + ":.-_/", min_size=1, max_size=20)


@st.composite
def spelled(draw: st.DrawFn, word: str) -> str:
    """Return a directive's name with other blanks and other case."""
    blanks = st.sampled_from(["", "", " ", "  ", "\t"])
    letters = [draw(st.sampled_from([c.lower(), c.upper()])) + draw(blanks) for c in word]
    return "".join(letters)


@st.composite
def clients(draw: st.DrawFn) -> tuple[str, dict[str, object]]:
    """Return a Client's text, spelled at random, and the values it has."""
    values: dict[str, object] = {
        "Name": draw(NAMES),
        "Address": draw(NAMES),
        "Passive": draw(st.booleans()),
        "Port": draw(st.integers(1, 65535)),
        "HeartbeatInterval": draw(st.integers(0, 32767)),
        "MaximumConcurrentJobs": draw(st.integers(0, 2**32 - 1)),
    }
    lines = []
    for name, value in draw(st.permutations(list(values.items()))):
        written = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
        timed = name == "HeartbeatInterval"
        if not timed and (isinstance(value, str) or draw(st.booleans())):
            written = f'"{written}"'
        end = draw(st.sampled_from(["\n", ";", "; # comment\n", "\r\n"]))
        lines.append(
            f"{draw(spelled(name))}={draw(st.sampled_from(['', ' ', '  ']))}{written}{end}"
        )
    return f"{draw(spelled('Client'))}{{" + "".join(lines) + "\n}", values


@pytest.mark.slow
@STEADY
@given(clients())
def test_spelling_order_and_quotes_change_no_value(written: tuple[str, dict[str, object]]) -> None:
    text, values = written
    parsed = parse(text)
    assert {name: setting.value for name, setting in parsed.only.settings.items()} == values
    assert not parsed.problems
