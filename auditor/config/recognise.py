"""Whose configuration a text is, judged by its resources and directives (bareos.md §5.6, §5.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.config.cursor import Text
from auditor.config.lexer import Lexer
from auditor.config.resources import Program
from auditor.config.scan import Scan
from auditor.config.schema import OWN_RESOURCE, resource_types
from auditor.config.tokens import TokenKind
from auditor.errors import ConfigurationError

#: What a Director's file holds that a console's holds too.
_DIALLED = frozenset({"director", "console"})
#: Where the content fits several programs equally well, the first one is taken.
_ORDER = (
    Program.FILE_DAEMON,
    Program.STORAGE_DAEMON,
    Program.DIRECTOR,
    Program.CONSOLE,
    Program.TRAY_MONITOR,
)


@dataclass(slots=True)
class _Outline:
    """One resource: its type and directives, as written."""

    type: str
    directives: list[str] = field(default_factory=list)


class Guess(NamedTuple):
    """Whose configuration a text is."""

    program: Program
    alternatives: tuple[Program, ...]
    """Programs that the content fits just as well."""


class _Fit(NamedTuple):
    unknown: int
    """Directives that the program does not know."""
    incomplete: bool
    """True: what the program cannot do without is missing."""


def recognise_program(text: Text) -> Guess | None:
    """Return whose configuration a text is, or None if it is no Bareos configuration."""
    outline = _outline(text)
    fits = {program: fit for program in _ORDER if (fit := _fit(program, outline)) is not None}
    if not fits:
        return None
    best = min(fits.values())
    programs = [program for program, fit in fits.items() if fit == best]
    written = sum(len(resource.directives) for resource in outline)
    if best.unknown * 2 > written or not written:
        return None
    return Guess(programs[0], tuple(programs[1:]))


def _fit(program: Program, outline: Sequence[_Outline]) -> _Fit | None:
    types = resource_types(program)
    if not outline or any(resource.type not in types for resource in outline):
        return None
    unknown = 0
    incomplete = OWN_RESOURCE[program].lower() not in {types[r.type].name.lower() for r in outline}
    # A Director with nothing but consoles can do nothing: it rather stands in a daemon's file, or
    # in a console's.
    incomplete |= program is Program.DIRECTOR and {r.type for r in outline} <= _DIALLED
    for resource in outline:
        known = [types[resource.type].find(word) for word in resource.directives]
        unknown += known.count(None)
        names = {directive.name for directive in known if directive}
        required = {d.name for d in types[resource.type].directives.values() if d.required}
        incomplete |= not required <= names
    return _Fit(unknown, incomplete)


def _outline(text: Text) -> Sequence[_Outline]:
    """Return the resources of a text up to the first thing that makes no sense."""
    scan, found = Scan(Lexer(text)), list[_Outline]()
    try:
        while (head := scan.lexer.after_lines()).kind is TokenKind.IDENTIFIER:
            scan.expect({TokenKind.OPEN}, "")
            found.append(_Outline(head.text.lower()))
            while (word := scan.lexer.after_lines()).kind is TokenKind.IDENTIFIER:
                found[-1].directives.append(word.text)
                _skip_value(scan)
            if word.kind is not TokenKind.CLOSE:
                break
    except ConfigurationError:
        return found
    return found


def _skip_value(scan: Scan) -> None:
    token = scan.expect({TokenKind.EQUALS, TokenKind.OPEN}, "")
    if token.kind is TokenKind.EQUALS:
        token = scan.lexer.next()
    if token.kind is TokenKind.OPEN:
        scan.block("", token.source)
    else:
        scan.lexer.push_back(token)
    scan.rest_of_line()
