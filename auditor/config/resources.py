"""What the parser hands on: programs, their resources, and each value with file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import NamedTuple

from auditor.config.problem_kinds import Level, ProblemKind


class Program(StrEnum):
    """The five programs that have a configuration (bareos.md §5.6)."""

    DIRECTOR = "director"
    STORAGE_DAEMON = "storage daemon"
    FILE_DAEMON = "file daemon"
    CONSOLE = "console"
    TRAY_MONITOR = "tray monitor"


class Source(NamedTuple):
    """Where a fact is written."""

    file: str
    line: int
    """1-based; 0: the file as a whole."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Excerpt(NamedTuple):
    """A line of a configuration with those around it, secrets hidden."""

    file: str
    line: int
    """The number of the line that was asked for, from 1."""
    first: int
    """The number of the first of ``lines``."""
    lines: tuple[str, ...]

    @property
    def source(self) -> str:
        """What was asked for, ``file:line``."""
        return f"{self.file}:{self.line}"


class Listen(NamedTuple):
    """One socket address of an own ``Address``, ``Addresses``, ``Port`` or ``SourceAddress``."""

    address: str
    """An IP literal or a host name; ``0.0.0.0`` and ``::`` are wildcards; empty: not given."""
    port: int | None
    """None: not given here, so the default of the program counts."""
    family: int
    """4 or 6. A host name is resolved in this family only (§5.7)."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, kept only as a keyed fingerprint: equal passwords have equal fingerprints
    within one run of the program, and nothing else can be learnt from it.

    The key is random per process; ``[md5]<hex>`` and the clear text it was made from agree.
    """

    fingerprint: bytes

    def __repr__(self) -> str:
        return "Secret(…)"


#: A parsed value: text, number (PINT32, TIME in whole seconds), boolean, list of names or of
#: listening addresses. A password is never here: it is a ``Secret``.
Value = str | int | bool | tuple[str, ...] | tuple[Listen, ...] | Secret


class Setting(NamedTuple):
    """One directive of a resource as the program would take it (the last one written wins;
    lists append)."""

    name: str
    """Canonical spelling, aliases resolved: ``HeartbeatInterval``, ``Address``, ``LanAddress``."""
    value: Value
    source: Source


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of one program."""

    type: str
    """Canonical: ``Client``, ``Storage``, ``Director``, ``JobDefs`` …"""
    name: str
    source: Source
    """Its head line."""
    settings: Mapping[str, Setting]
    """Directives that were written, by canonical name. Only those that matter to the network
    (bareos.md §5.8) and ``Name`` are kept; the rest is checked and dropped."""
    runs: tuple[Mapping[str, Setting], ...] = ()
    """Schedule only: the overrides of each ``Run`` (``Pool``, ``FullPool``, ``Storage``,
    ``NextPool`` …)."""

    def get(self, name: str) -> Setting | None:
        """Return the setting of that canonical name, or None where it was not written."""
        return self.settings.get(name)

    def text(self, name: str, default: str = "") -> str:
        """Return a text value, or the default where it was not written."""
        setting = self.settings.get(name)
        return setting.value if setting and isinstance(setting.value, str) else default

    def number(self, name: str, default: int = 0) -> int:
        """Return a number or a time in seconds, or the default where it was not written."""
        setting = self.settings.get(name)
        return setting.value if setting and isinstance(setting.value, int) else default

    def flag(self, name: str, default: bool) -> bool:
        """Return a boolean, or the default where it was not written."""
        setting = self.settings.get(name)
        return setting.value if setting and isinstance(setting.value, bool) else default

    def where(self, name: str) -> Source:
        """Return where a directive is written; the resource's head where its default holds."""
        setting = self.settings.get(name)
        return setting.source if setting else self.source


class Affected(NamedTuple):
    """A connection that a problem breaks, weakens or hides."""

    connection: str
    """Its number, ``1`` … ``12``."""
    initiator: str = ""
    """Role and name as the site calls it, such as ``file daemon fd1``; empty: any."""
    acceptor: str = ""
    """The same of who is dialled."""

    def __str__(self) -> str:
        return f"{self.connection}:{self.initiator or '*'}>{self.acceptor or '*'}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the configuration that could not be read or will not do what it seems to.

    ``str()`` is one sentence for a person that begins with its place.
    """

    kind: ProblemKind
    message: str
    source: Source | None
    """Where to change something first."""
    resource: str = ""
    """Type and name of the resource it is in, such as ``Client fd1``; empty: none, or not known."""
    daemon: str = ""
    """Role and name of the program that reads it, such as ``file daemon fd1``; empty: not known."""
    others: tuple[Source, ...] = ()
    """The other places that it takes to see the problem, such as the other end's line."""
    affects: tuple[Affected, ...] = ()
    """Connections that it concerns; empty: none in particular, or not known."""
    remedy: str = ""
    """What to write where; empty: what the rule of its kind says is all."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every place of it, ``source`` first."""
        first = (self.source,) if self.source is not None else ()
        return tuple(dict.fromkeys((*first, *self.others)))

    @property
    def level(self) -> Level:
        """What the real program makes of it."""
        return self.kind.level

    def __str__(self) -> str:
        return f"{self.source}: {self.message}" if self.source is not None else self.message


@dataclass(frozen=True, slots=True)
class ProgramConfig:
    """The configuration of one program on one host."""

    program: Program
    root: str
    """The file or the ``*.d`` directory it was read from, as a path."""
    host: str
    """Name of the folder that holds this host's tree, or empty: a label, never evidence."""
    resources: tuple[Resource, ...]
    """In the order in which the program reads them (reverse sorted files, bareos.md §5.1)."""
    whole: bool = True
    """False: some of its resources may be missing, because only some of its files were given or
    because an include could not be followed. What is not in it may then be written elsewhere."""
    bacula: bool = False
    """True: it is Bacula's, which has the same programs and never begins with TLS."""
    confdir: str = ""
    """The folder that the program would be started with, such as ``/etc/bareos``: programs that
    share one run on one host."""

    @property
    def label(self) -> str:
        """What to call it among others of its kind: the same wherever the files lie."""
        return "/".join(filter(None, (self.host, PurePath(self.root).name)))

    def of(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of these types, in reading order."""
        return (resource for resource in self.resources if resource.type in types)


def no_excerpt(_source: str) -> Excerpt | None:
    """Show nothing: no file was read."""
    return None


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that was found under the paths given."""

    programs: tuple[ProgramConfig, ...]
    problems: tuple[Problem, ...] = ()
    excerpt: Callable[[str], Excerpt | None] = field(default=no_excerpt, repr=False, compare=False)
    """What is written at a ``file:line``, secrets hidden; None: it was not read."""
