"""The lines of a configuration as reports may show them: whoever hands a report on hands on no
secret.

Shown are names of directives, heads of resources and the values that an audit reads or that cannot
be secret, such as numbers. All else is ``…``: passwords, whatever directive they are in, commands,
and comments, which often keep an old password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from auditor.config.resources import Excerpt, Program
from auditor.config.schema import Directive, Kind, resource_types
from auditor.config.tokens import BLANKS, NO_BLANKS
from auditor.text import SENTENCE, printable

#: Lines before and after the one that is asked for.
_AROUND = 2
_HIDDEN = "…"
#: Values that no secret fits into.
_HARMLESS = frozenset(Kind) - {
    Kind.PASSWORD,
    Kind.CLEAR,
    Kind.TEXT,
    Kind.TEXTS,
    Kind.WORD,
    Kind.REST,
    Kind.BLOCK,
    Kind.RUN,
}
#: It may be a connection string with a password in it.
_MAY_HOLD_ONE = frozenset({"dbname"})
#: What stands inside the braces of Addresses (bareos.md §5.7).
_INSIDE = frozenset({"addr", "port", "ip", "ipv4", "ipv6"})

#: What most lines are: a directive and its value, or nothing.
_LINES = re.compile(
    rf"(?P<name>[{BLANKS}]*+[A-Za-z][A-Za-z0-9{BLANKS}]*+=[{BLANKS}]*+)"
    rf'(?:"[^"\\\n]*+"|[^\n;{{}}"#]++)[{BLANKS}]*+\n|[{BLANKS}\n}}]+'
)
_WORD = rf"[A-Za-z][A-Za-z0-9{BLANKS}]*+"
#: What a statement begins with, if it may be shown.
_BEGIN = re.compile(
    rf"(?P<blank>[{BLANKS}]*+)(?:(?P<name>{_WORD})(?P<equals>=[{BLANKS}]*+)|"
    rf"(?P<head>{_WORD})(?=\n?[{BLANKS}]*+\{{)|(?P<include>@[^\s|\"{{}};#]++)(?=\s|\Z))?"
)
#: What follows: the end of a statement, a comment, quoted text, or a part of a value.
_NEXT = re.compile(
    r'(?P<end>[\n;{}])|(?P<comment>#[^\n]*+)|(?P<quoted>"(?>[^"\\]+|\\.)*+"?)|[^\n;{}"#]++',
    re.DOTALL,
)


#: So many characters are kept for excerpts, in a third of a second for each million at most: a
#: thousand hosts have fewer. What is read after that is not quoted.
MAX_CHARACTERS = 8 * 1024 * 1024


@dataclass(slots=True)
class Texts:
    """The files of a configuration as reports may show them."""

    _lines: dict[str, list[str]] = field(default_factory=dict)
    """By the name that sources have."""
    _left: int = MAX_CHARACTERS

    def keep(self, name: str, content: str) -> None:
        """Take in a file that was read, without what may be secret."""
        self._left -= len(content)
        if self._left >= 0:
            self._lines[name] = hidden(content).split("\n")

    def excerpt(self, source: str) -> Excerpt | None:
        """Return what is written at ``file:line``; None: no line of a file that was kept."""
        file, _, written = source.rpartition(":")
        lines = self._lines.get(file, [])
        line = int(written[:9]) if written.isascii() and written.isdigit() else 0
        if not 0 < line <= len(lines):
            return None
        start = max(0, line - 1 - _AROUND)
        shown = (printable(text.expandtabs(), SENTENCE) for text in lines[start : line + _AROUND])
        return Excerpt(file, line, start + 1, tuple(text.rstrip() for text in shown))


def hidden(content: str) -> str:
    """Return a configuration with as many lines, and ``…`` for all that a report may not show."""
    return "".join(_pieces(content))


def _pieces(content: str) -> Iterator[str]:
    at, size = 0, len(content)
    shown: dict[str, str | None] = {}
    while at < size:
        while line := _LINES.match(content, at):
            at = line.end()
            name = line["name"]
            if name is None:
                yield line[0]
                continue
            if name not in shown:
                shown[name] = None if _is_public(name.partition("=")[0]) else f"{name}{_HIDDEN}\n"
            yield shown[name] or line[0]
        begin = _BEGIN.match(content, at)
        assert begin is not None  # it matches nothing, too
        yield begin[0]
        at = begin.end()
        public = begin["name"] is not None and _is_public(begin["name"])
        told = begin["include"] is not None
        while at < size:
            part = _NEXT.match(content, at)
            assert part is not None  # every character is one of these
            at = part.end()
            if part["end"] is not None:
                yield part["end"]
                break
            if part["comment"] is not None:
                yield f"# {_HIDDEN}"
            elif public or not part[0].strip():
                yield part[0]
            else:
                yield ("" if told else _HIDDEN) + "\n" * part[0].count("\n")
                told = True


def _is_public(written: str) -> bool:
    return written.translate(NO_BLANKS).lower() in _public()


@cache
def _public() -> frozenset[str]:
    """Return the directives whose values may be shown, in small letters without blanks."""
    known: dict[str, list[Directive]] = {}
    for program in Program:
        for kind in resource_types(program).values():
            for spelling, directive in kind.directives.items():
                known.setdefault(spelling, []).append(directive)
    shown = {name for name, every in known.items() if all(map(_may_be_shown, every))}
    return frozenset((shown | _INSIDE) - _MAY_HOLD_ONE)


def _may_be_shown(directive: Directive) -> bool:
    return directive.kind in _HARMLESS or (
        directive.kept and directive.kind in {Kind.TEXT, Kind.TEXTS, Kind.WORD}
    )
