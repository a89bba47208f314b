"""One reader for each type of value that stands on one line (bareos.md §5.5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from auditor.config.passwords import clear_password, hashed_password, is_empty, without_passwords
from auditor.config.problem_kinds import ProblemKind
from auditor.config.quantities import (
    SIZE_UNITS,
    SPEED_UNITS,
    TIME_UNITS,
    Unit,
    says_months,
    total,
)
from auditor.config.resource_builder import MAX_ITEMS
from auditor.config.resources import Source, Value
from auditor.config.scan import MAX_NAME, Scan
from auditor.config.schema import Directive, Kind, keyword_set
from auditor.config.tokens import TEXT_KINDS, TokenKind
from auditor.errors import ConfigurationError

#: Linux refuses a longer keepalive time, and Bareos then keeps the system's (bareos.md §1.0).
MAX_KEEPIDLE_S = 32767

_NAME = re.compile(r"(?! )[A-Za-z0-9:._/ -]{1,127}(?<! )")
NUMBER = re.compile(r"\+?(\d+)(?:\.\d*)?(?:[eE][+-]?\d+)?", re.ASCII)
#: Eighteen digits fit into 64 bits; Bareos checks nothing narrower (bareos.md §5.5).
_MOST_DIGITS = 18
#: Bareos cuts longer ones.
_QUANTITY_LENGTH = 500
_NUMBER_KINDS = TEXT_KINDS | {TokenKind.NUMBER}
_UNIT_KINDS = frozenset({TokenKind.NUMBER, TokenKind.IDENTIFIER, TokenKind.STRING})
BOOLEANS = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}


def _name(scan: Scan, directive: Directive, at: Source) -> Value:
    text = scan.text(directive, MAX_NAME)
    if not _NAME.fullmatch(text):
        raise ConfigurationError(
            "a name holds letters, digits, blanks and : . - _ / only, at least one, and neither "
            "begins nor ends with a blank",
            *at,
        )
    scan.rest_of_line(directive)
    return text


def _text(scan: Scan, directive: Directive, _at: Source) -> Value:
    text = scan.text(directive)
    scan.rest_of_line(directive)
    return without_passwords(text) if directive.name == "DbName" else text


def _word(scan: Scan, directive: Directive, _at: Source) -> Value:
    text = scan.text(directive, MAX_NAME)
    scan.rest_of_line(directive)
    return text


def _one_name(scan: Scan, directive: Directive, at: Source) -> Value:
    word = _word(scan, directive, at)
    return (word,) if isinstance(word, str) else word


def _texts(scan: Scan, directive: Directive, _at: Source) -> Value:
    limit = MAX_NAME if directive.kind is Kind.REFERENCES else None
    found = [scan.text(directive, limit)]
    while (token := scan.lexer.next()).kind is TokenKind.COMMA:
        if len(found) >= MAX_ITEMS:
            raise ConfigurationError(
                f"{directive.name} has more than {MAX_ITEMS} items", *token.source
            )
        found.append(scan.text(directive, limit))
    # The real parser takes the token after a list, whatever it is.
    if token.kind is TokenKind.CLOSE:
        scan.swallowed = token.source
    elif token.kind is TokenKind.EOF:
        scan.lexer.push_back(token)
    elif token.kind is not TokenKind.EOL and directive.kept:
        message = f"Bareos ignores the word after the list of {directive.name}"
        scan.warn(ProblemKind.TEXT_IGNORED, message, token.source)
    return tuple(found)


def _keyword(scan: Scan, directive: Directive, at: Source) -> Value:
    known = keyword_set(directive.target)
    text = scan.text(directive, MAX_NAME).lower()
    if text not in known:
        listed = ", ".join(word for word in known.values() if word.strip())
        raise ConfigurationError(f"{directive.name} must be one of {listed}", *at)
    scan.rest_of_line(directive)
    return known[text]


def _boolean(scan: Scan, directive: Directive, at: Source) -> Value:
    token = scan.lexer.next()
    value = BOOLEANS.get(token.text.lower()) if token.kind in TEXT_KINDS else None
    if value is None:
        raise ConfigurationError(f"{directive.name} must be yes or no", *token.source)
    if token.text.lower() not in {"yes", "no"}:
        message = f"{directive.name}: true, false, 1 and 0 are deprecated; write yes or no"
        scan.warn(ProblemKind.BOOLEAN_DEPRECATED, message, at)
    scan.rest_of_line(directive)
    return value


def _number(scan: Scan, directive: Directive, at: Source) -> Value:
    token = scan.lexer.next()
    number = NUMBER.fullmatch(token.text)
    if number is None or token.kind not in _NUMBER_KINDS:
        raise ConfigurationError(f"{directive.name} must be a whole number", *token.source)
    if len(number[1]) > _MOST_DIGITS:
        raise ConfigurationError(f"{directive.name} is out of all range", *token.source)
    scan.rest_of_line(directive)
    value = int(number[1]) & 0xFFFFFFFF
    if directive.name in {"Port", "DbPort"} and value > 65535:
        message = f"Bareos accepts {directive.name} = {value}, but no port has that number"
        scan.warn(ProblemKind.PORT_IMPOSSIBLE, message, at)
    return value


def _quantity(scan: Scan, directive: Directive, units: Sequence[Unit]) -> tuple[int, str]:
    token = scan.expect(_UNIT_KINDS, f"{directive.name} needs a number with a unit, unquoted")
    source, text, stop, last = token.source, token.text, token.stop, token.kind
    while stop == " " and len(text) < _QUANTITY_LENGTH:
        token = scan.lexer.next()
        last, stop = token.kind, token.stop
        if last in _UNIT_KINDS:
            text += token.text
        elif last is not TokenKind.QUOTED:
            stop = token.text
            if last is TokenKind.CLOSE:
                scan.swallowed = token.source
    if last is not TokenKind.EOL and scan.rest_of_line() and directive.kept:
        what = {"\t": "a tab ends a time, and ", ",": "a comma ends a time, and "}.get(stop, "")
        message = f"{what}Bareos ignores what follows on this line: {text!r} is all"
        kind = ProblemKind.TIME_CUT if units is TIME_UNITS else ProblemKind.TEXT_IGNORED
        scan.warn(kind, message, source)
    value = total(text, units) if len(text) < _QUANTITY_LENGTH else None
    if value is None:
        raise ConfigurationError(f"{directive.name} has an unknown unit or no number", *source)
    return value, text


def _time(scan: Scan, directive: Directive, at: Source) -> Value:
    seconds, text = _quantity(scan, directive, TIME_UNITS)
    months = directive.kept and says_months(text)
    if months:
        message = f"'m' is a month of 30 days, so this is {seconds} s; 'min' is a minute"
        scan.warn(ProblemKind.TIME_IN_MONTHS, message, at)
    if directive.kept and seconds < 0:
        scan.warn(ProblemKind.TIME_NEGATIVE, f"{directive.name} is negative", at)
    if directive.name == "HeartbeatInterval" and seconds > MAX_KEEPIDLE_S and not months:
        message = (
            f"HeartbeatInterval is {seconds} s, but Linux takes at most {MAX_KEEPIDLE_S} s: the "
            "sockets keep the timers of the operating system"
        )
        scan.warn(ProblemKind.HEARTBEAT_TOO_LONG, message, at)
    return seconds


def _size(scan: Scan, directive: Directive, _at: Source) -> Value:
    return _quantity(scan, directive, SIZE_UNITS)[0]


def _speed(scan: Scan, directive: Directive, _at: Source) -> Value:
    return _quantity(scan, directive, SPEED_UNITS)[0]


def _password(scan: Scan, directive: Directive, at: Source) -> Value:
    text = scan.text(directive)
    if directive.required and is_empty(text):
        raise ConfigurationError("the password is empty, which Bareos refuses", *at)
    secret = clear_password(text) if directive.kind is Kind.CLEAR else hashed_password(text)
    if secret is None:
        raise ConfigurationError("'[md5]' must be followed by 32 hexadecimal digits", *at)
    scan.rest_of_line(directive)
    return secret


#: Reads the value after ``=`` and as much of the line as the real parser does.
READERS: Mapping[Kind, Callable[[Scan, Directive, Source], Value]] = {
    Kind.NAME: _name,
    Kind.TEXT: _text,
    Kind.WORD: _word,
    Kind.NAMES: _one_name,
    Kind.TEXTS: _texts,
    Kind.REFERENCES: _texts,
    Kind.REFERENCE: _word,
    Kind.KEYWORD: _keyword,
    Kind.BOOLEAN: _boolean,
    Kind.NUMBER: _number,
    Kind.TIME: _time,
    Kind.SIZE: _size,
    Kind.SPEED: _speed,
    Kind.PASSWORD: _password,
    Kind.CLEAR: _password,
}
