"""The forms of a cleartext Hello line (bareos.md §3.3)."""

from __future__ import annotations

import re
from typing import NamedTuple

from auditor.flows.flow import Identity
from auditor.flows.hello.identities import unbash

#: The name of the console that has no Console resource (bareos.md §1.1).
DEFAULT_CONSOLE = "*UserAgent*"

_VERSION = r'(?: Version="(?P<short>[^"]*)")?'
#: Names are taken with their blanks, since File Daemons send them as they are.
_JOB = r"(?P<name>.+?)" + _VERSION
_CALLING = r'(?P<name>.+?) calling(?: version (?P<full>\S+)[^"]*?)?' + _VERSION
_CLIENT = r"(?P<name>.+?)(?: FdProtocolVersion=\d+)? calling" + _VERSION


class Form(NamedTuple):
    """One form of Hello line."""

    pattern: re.Pattern[str]
    """Matches a whole line; its groups are ``name``, mostly ``short`` and sometimes ``full``."""
    type: str
    """Resource type of the name."""
    connections: frozenset[str]
    """Connection numbers that open with it."""


def _form(pattern: str, kind: str, *connections: str) -> Form:
    return Form(re.compile(pattern, re.DOTALL), kind, frozenset(connections))


#: What Bacula says and Bareos does not: the version of its protocol, and the names of its daemons.
_PROTOCOL = r"(?: \d+)+(?: tlspsk=\d+)?"
_ITS_JOB = r"(?P<name>\S+)(?:" + _PROTOCOL + ")?"
_ITS_CALL = r"(?P<name>.+?) calling" + _PROTOCOL
_BACULA = (
    _form("Hello Bacula SD: Start Job " + _ITS_JOB, "R_JOB", "6"),
    _form("Hello FD: Bacula Storage calling Start Job " + _ITS_JOB, "R_JOB", "7"),
    _form("Hello SD: Bacula Director " + _CALLING, "R_DIRECTOR", "5a", "5b", "11"),
    _form("Hello SD: Bacula Director " + _ITS_CALL, "R_DIRECTOR", "5a", "5b", "11"),
    _form("Hello Director " + _ITS_CALL, "R_DIRECTOR", "3", "5a", "5b", "10", "11"),
    _form("Hello Start Job " + r"(?P<name>\S+)" + _PROTOCOL, "R_JOB", "6"),
    _form("Hello " + _ITS_CALL, "R_CONSOLE", "1", "9"),
)

#: In the order in which Bareos tries them, for each begins as a later one does: whatever fits none
#: of the first five may still be the line of a console with a strange name.
_FORMS = (
    _form("Hello Storage calling Start Job " + _JOB, "R_JOB", "7"),
    _form("Hello Start Storage Job " + _JOB, "R_JOB", "8"),
    _form("Hello Start Job " + _JOB, "R_JOB", "6"),
    _form("Hello Director " + _CALLING, "R_DIRECTOR", "3", "5a", "5b", "10", "11"),
    _form("Hello Client " + _CLIENT, "R_CLIENT", "4"),
    _form("Hello " + _CALLING, "R_CONSOLE", "1", "9"),
)


class Claim(NamedTuple):
    """What a Hello line claims."""

    identity: Identity
    """Blanks restored."""
    connections: frozenset[str]
    """Connection numbers that open with such a line."""
    version: str
    """The short version of the line's end, else the full one, else empty."""
    bacula: bool = False
    """True: only Bacula says such a line."""


def read_line(line: str) -> Claim | None:
    """Return what ``line``, a whole Hello line without its newline, claims.

    None: it has no form that Bareos knows.
    """
    for form in (*_BACULA, *_FORMS):
        if match := form.pattern.fullmatch(line):
            groups = match.groupdict()
            identity = Identity(form.type, unbash(groups["name"]))
            default = form.type == "R_CONSOLE" and identity.name == DEFAULT_CONSOLE
            return Claim(
                identity,
                frozenset({"2"}) if default else form.connections,
                groups.get("short") or groups.get("full") or "",
                form in _BACULA,
            )
    return None


def name_in_line(line: str) -> tuple[int, int] | None:
    """Return where in ``line`` the name begins and ends that ``read_line`` takes; None: it takes
    none."""
    found = (form.pattern.fullmatch(line) for form in (*_BACULA, *_FORMS))
    match = next((one for one in found if one is not None), None)
    return match.span("name") if match is not None else None
