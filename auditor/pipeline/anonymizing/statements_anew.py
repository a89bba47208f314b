"""The statements of a configuration written anew: known words, and what stands for all others.

Nothing is copied: what is not a number, a keyword, or what ``StandIns`` makes, is ``left out``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from auditor.config.listening import port_number
from auditor.config.problem_kinds import ProblemKind
from auditor.config.quantities import SIZE_UNITS, SPEED_UNITS, TIME_UNITS, total
from auditor.config.schema import Kind, keyword_set
from auditor.config.tokens import Token, TokenKind
from auditor.config.values import BOOLEANS, NUMBER
from auditor.config.written import Closed, Included, Opened, Said, Statement
from auditor.pipeline.anonymizing.stand_ins import LEFT_OUT, StandIns

_UNITS = {Kind.TIME: TIME_UNITS, Kind.SIZE: SIZE_UNITS, Kind.SPEED: SPEED_UNITS}
_UNIT_KINDS = frozenset({TokenKind.NUMBER, TokenKind.IDENTIFIER, TokenKind.STRING})
_MARKS = {TokenKind.OPEN: "{", TokenKind.CLOSE: "}", TokenKind.EQUALS: "="}
_FAMILIES = frozenset({"ip", "ipv4", "ipv6"})
_LONGEST_QUANTITY = 60
#: Texts that an audit reads as the names of something; others that end in Address are addresses.
_NAMES = frozenset({"DbUser", "Director"})
_PATHS = frozenset({"TlsCertificate", "TlsKey", "TlsCaCertificateFile", "TlsCaCertificateDir"})
#: Destinations of Messages that are told no address.
_ALONE = frozenset({"Syslog", "Stdout", "Stderr", "Console", "Catalog"})
#: When a Run is: no audit asks.
_WHEN = "daily at 1:00"
#: What follows a value on its line, which Bareos ignores.
_IGNORED = frozenset({ProblemKind.TEXT_IGNORED, ProblemKind.TIME_CUT})
#: A path that leads out of every tree, and one into no tree.
_OUTSIDE, _NOT_GIVEN = "../" * 40 + "left-out", "/left-out/left-out"
_GLUED = re.compile(r"[A-Za-z][A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes statements of one program."""

    stand_ins: StandIns
    bacula: bool
    """By a path, or a directive that Bareos gave up, a file is known as Bacula's."""

    def text(self, statement: Statement, path_of: Callable[[str], str]) -> str:
        """Return a statement; empty where nothing is to be said. ``path_of`` says how an included
        file is called from where its program is started."""
        if isinstance(statement, Opened):
            return f"{statement.type} {{"
        if isinstance(statement, Closed):
            return "}"
        if isinstance(statement, Included):
            return " ".join(_included(statement, path_of))
        if not isinstance(statement, Said):
            return f"{'PidDirectory' if self.bacula else 'LeftOut'} = no;"
        name, kind = statement.directive.name, statement.directive.kind
        if kind is Kind.BLOCK:
            return f"{name} {{ }};"
        if kind is Kind.REST:
            return f"{name} = all;" if name in _ALONE else f'{name} = "{LEFT_OUT}" = all;'
        value = self._value(statement)
        if value is None:
            return ""
        comma = "," if kind in _UNITS else ""
        ignored = f"{comma} {LEFT_OUT}" if statement.problems & _IGNORED else ""
        return f"{name} = {value}{ignored};"

    def _value(self, said: Said) -> str | None:
        """Return a value; None where there is none, or one that only Bacula takes."""
        kind, tokens = said.directive.kind, said.tokens
        if kind is Kind.RUN:
            return " ".join([*self._overrides(said), _WHEN])
        if not tokens:
            return None
        first = tokens[0].text
        if kind in _UNITS:
            return _quantity(said)
        match kind:
            case Kind.NUMBER:
                number = NUMBER.fullmatch(first)
                return str(int(number[1][:18])) if number else None
            case Kind.BOOLEAN:
                return f'"{first.lower()}"' if first.lower() in BOOLEANS else None
            case Kind.KEYWORD:
                word = keyword_set(said.directive.target).get(first.lower())
                return _quoted(word) if word is not None else None
            case Kind.PASSWORD | Kind.CLEAR:
                return f'"{self.stand_ins.password(first, clear=kind is Kind.CLEAR)}"'
            case Kind.PORT:
                return str(port_number(first, tokens[0].source))
            case Kind.ADDRESS:
                return self._unquoted(said, self.stand_ins.address(first))
            case Kind.ADDRESSES:
                return " ".join(self._blocks(tokens))
            case Kind.NAME | Kind.REFERENCE | Kind.NAMES:
                return self._named(said, self.stand_ins.name(first))
            case Kind.REFERENCES:
                return ", ".join(_quoted(self.stand_ins.name(one.text)) for one in tokens)
        return self._named(said, self._text(said.directive.name, first))

    def _text(self, name: str, text: str) -> str:
        """Return what stands for a text; what an audit reads of it is kept."""
        if name.endswith("Address"):
            return self.stand_ins.address(text)
        if name == "DbName":
            return LEFT_OUT + " keepalives" if "keepalives" in text else self.stand_ins.name(text)
        if name in _NAMES:
            return self.stand_ins.name(text)
        if name in _PATHS:
            return self.stand_ins.path(text)
        return f"/bacula/{LEFT_OUT}" if self.bacula else LEFT_OUT

    def _named(self, said: Said, text: str) -> str:
        return self._unquoted(said, text, _quoted(text))

    def _unquoted(self, said: Said, text: str, otherwise: str = "") -> str:
        """Return a text with a blank that Bareos drops, if the true one has such."""
        if ProblemKind.BLANKS_DROPPED in said.problems and _GLUED.fullmatch(text):
            return f"{text[0]} {text[1:]}"
        return otherwise or text

    def _blocks(self, tokens: tuple[Token, ...]) -> Iterator[str]:
        """Yield the words of an Addresses."""
        key = ""
        for token in tokens:
            word = token.text.lower()
            if token.kind in _MARKS:
                yield _MARKS[token.kind]
                continue
            if key == "addr":
                yield self.stand_ins.address(token.text) + ";"
            elif key == "port":
                yield f"{port_number(token.text, token.source)};"
            elif word in _FAMILIES or word in {"addr", "port"}:
                yield word
            key = word if word in {"addr", "port"} and not key else ""

    def _overrides(self, said: Said) -> Iterator[str]:
        for name, setting in said.run.items():
            kept = name == "Level"
            yield f"{name}={_quoted(str(setting.value) if kept else self._of(setting.value))}"

    def _of(self, value: object) -> str:
        return self.stand_ins.name(str(value))


def _quoted(text: str) -> str:
    return f'"{text}"'


def _quantity(said: Said) -> str | None:
    """Return a number with units as it is written: a misleading unit stays one."""
    parts, stop = [said.tokens[0].text], said.tokens[0].stop
    for token in said.tokens[1:]:
        if stop != " " or (token.kind not in _UNIT_KINDS and token.kind is not TokenKind.QUOTED):
            break
        if token.kind in _UNIT_KINDS:
            parts.append(token.text)
        stop = token.stop
    units, text = _UNITS[said.directive.kind], "".join(parts)
    worth = total(text, units)
    if worth is None:
        return None
    return " ".join(parts) if len(text) <= _LONGEST_QUANTITY else str(worth)


def _included(included: Included, path_of: Callable[[str], str]) -> Iterator[str]:
    """Yield what includes the same files: by their names, whatever found them."""
    away = {
        ProblemKind.INCLUDE_COMMAND_NOT_RUN: "@|left-out",
        ProblemKind.INCLUDE_NOT_GIVEN: f'@"{_NOT_GIVEN}"',
        ProblemKind.INCLUDE_OUTSIDE_TREE: f'@"{_OUTSIDE}"',
    }
    moved = ProblemKind.INCLUDE_RELOCATED in included.problems
    for name in included.names:
        path = path_of(name)
        yield f'@"/etc/bareos/{path}"' if moved and ".." not in path else f'@"{path}"'
    yield from (text for kind, text in away.items() if kind in included.problems)
