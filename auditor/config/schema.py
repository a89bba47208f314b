"""Which resources and directives each program knows, as data (bareos.md §5.6, §5.8).

The tables are text, one block a resource type; ``compile_table`` documents their small language.
Names, aliases, types and deprecations are those of Bareos 26.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from auditor.config.resources import Program
from auditor.config.tables_consoles import CONSOLE, TRAY_MONITOR
from auditor.config.tables_daemons import FILE_DAEMON, STORAGE_DAEMON
from auditor.config.tables_director import DIRECTOR, KEYWORDS


class Kind(StrEnum):
    """The type of a directive's value (bareos.md §5.5, §5.7); each has one reader."""

    NAME = "name"
    TEXT = "text"
    WORD = "word"
    """Text of at most 127 characters."""
    TEXTS = "texts"
    KEYWORD = "keyword"
    BOOLEAN = "boolean"
    NUMBER = "number"
    TIME = "time"
    SIZE = "size"
    SPEED = "speed"
    PASSWORD = "password"
    CLEAR = "clear"
    """A password that Bareos uses as it stands, so ``[md5]`` means nothing in it."""
    REFERENCE = "reference"
    REFERENCES = "references"
    NAMES = "names"
    """One name a directive; further directives append."""
    PORT = "port"
    """A port to listen on, as ``ADDRESS`` and ``ADDRESSES`` are addresses to listen on."""
    ADDRESS = "address"
    ADDRESSES = "addresses"
    RUN = "run"
    REST = "rest"
    """Whatever follows on the line: of no interest here."""
    BLOCK = "block"
    """A sub-block in braces, without ``=``."""


#: What is not read as one value after ``=``.
_OTHERWISE_READ = frozenset(
    {Kind.PORT, Kind.ADDRESS, Kind.ADDRESSES, Kind.RUN, Kind.REST, Kind.BLOCK}
)


class Directive(NamedTuple):
    """What is known about one directive."""

    name: str
    """Canonical spelling."""
    kind: Kind
    target: str = ""
    """Of a reference: the resource type. Of a keyword: the name of its set in ``KEYWORDS``."""
    kept: bool = False
    """False: checked, then dropped."""
    required: bool = False
    deprecated: bool = False


class ResourceType(NamedTuple):
    """What is known about one resource type of one program."""

    name: str
    directives: Mapping[str, Directive]
    """By lower-case spelling, aliases included."""
    required: frozenset[str]
    """Names of those without which the program does not start."""
    plain: Mapping[str, Directive]
    """Those of ``directives`` with a value on their line, and nothing to say about them."""

    def find(self, word: str) -> Directive | None:
        """Return the directive that a word names, in any case, or None."""
        return self.directives.get(word.lower())


_TABLES: Mapping[Program, Mapping[str, str]] = {
    Program.DIRECTOR: DIRECTOR,
    Program.STORAGE_DAEMON: STORAGE_DAEMON,
    Program.FILE_DAEMON: FILE_DAEMON,
    Program.CONSOLE: CONSOLE,
    Program.TRAY_MONITOR: TRAY_MONITOR,
}

#: The resource that a program's configuration must hold; all but bconsole, exactly once (§5.6).
OWN_RESOURCE: Mapping[Program, str] = {
    Program.DIRECTOR: "Director",
    Program.STORAGE_DAEMON: "Storage",
    Program.FILE_DAEMON: "Client",
    Program.CONSOLE: "Director",
    Program.TRAY_MONITOR: "Monitor",
}

#: Deprecated spellings of resource types: (program, lower case) → type (§5.6).
TYPE_ALIASES: Mapping[tuple[Program, str], str] = {
    (Program.FILE_DAEMON, "filedaemon"): "Client",
}

#: Resource types that are deprecated as a whole (§5.6).
DEPRECATED_TYPES = frozenset({"Counter"})


@cache
def resource_types(program: Program) -> Mapping[str, ResourceType]:
    """Return the resource types of a program by lower-case spelling, aliases included."""
    types: dict[str, ResourceType] = {}
    for name, table in _TABLES[program].items():
        directives = compile_table(table)
        required = frozenset(one.name for one in directives.values() if one.required)
        plain = {
            word: one
            for word, one in directives.items()
            if one.kind not in _OTHERWISE_READ and not one.deprecated
        }
        types[name.lower()] = ResourceType(name, directives, required, plain)
    for (owner, alias), name in TYPE_ALIASES.items():
        if owner is program:
            types[alias] = types[name.lower()]
    return types


@cache
def keyword_set(target: str) -> Mapping[str, str]:
    """Return the words that a keyword directive takes: lower case → canonical spelling."""
    return {word.lower(): word for word in KEYWORDS[target]}


def compile_table(table: str) -> Mapping[str, Directive]:
    """Return the directives of one table, by lower-case spelling, aliases included.

    A line is ``kind: names`` or ``kind target: names``; an indented line goes on. A name is
    ``+`` (kept) ``~`` (deprecated) ``Name`` ``=Alias`` ``!`` (required), all but the name optional.
    """
    directives: dict[str, Directive] = {}
    kind, target = Kind.TEXT, ""
    for word in table.replace(":", " : ").replace("\n    ", "\n").split("\n"):
        head, colon, names = word.partition(" : ")
        if colon:
            kind_name, _, target = head.strip().partition(" ")
            kind = Kind(kind_name)
        for written in (names if colon else head).split():
            name, _, alias = written.strip("+~!").partition("=")
            directive = Directive(
                name,
                kind,
                target,
                kept="+" in written,
                required="!" in written,
                deprecated="~" in written,
            )
            directives |= {spelling.lower(): directive for spelling in (name, alias) if spelling}
    return directives
