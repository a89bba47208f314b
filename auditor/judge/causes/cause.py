"""A cause as findings show it, and the words in which it names places."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath
from typing import NamedTuple

from auditor.config.resources import Source
from auditor.site.entries import Entry


class CauseKind(StrEnum):
    """What is at fault."""

    PASSWORD = "password"
    NAME = "name"
    TLS = "tls"
    DIRECTION = "direction"
    """It is not allowed to be opened by this side."""
    TARGET = "target"
    """The address or port that is dialled, or listened on."""
    OTHER = "other"
    """Not in the files at hand: a daemon that runs with others, or what they do not tell."""


class Cause(NamedTuple):
    """Why one connection failed."""

    kind: CauseKind
    words: str
    """The end of a sentence that says what happened: ``because …``."""
    sources: tuple[Source, ...] = ()
    """The lines that it speaks of, the one to change first."""
    remedy: str = ""
    """What to write where; empty: the rule's own remedy is all that can be said."""


def short(source: Source) -> str:
    """Return a place without its folders, since findings list the whole paths beside."""
    name = PurePath(source.file).name
    return f"{name}:{source.line}" if source.line else name


def at(entry: Entry, source: Source) -> str:
    """Return a resource and a place in it: ``Client web-fd (web-fd.conf:4)``."""
    return f"{entry.label} ({short(source)})"
