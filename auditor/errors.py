"""The one exception tree: everything that bareos-audit raises on purpose.

::

    BareosAuditError           anything below; ``str()`` is one sentence for a person
    ├── CaptureError           a capture cannot be read at all
    ├── ConfigurationError     a Bareos configuration cannot be read; carries ``file`` and ``line``
    ├── SiteFileError          the site or hosts file is wrong; carries ``file`` and ``line``
    ├── FindingError           there is no finding of that id, or no packet belongs to it
    ├── RuleError              a rule file is wrong; carries ``file`` and ``line``
    ├── UnknownRuleError       no rule has that id, or none is left to apply
    ├── ReportError            a file is no JSON report that holds an audit
    ├── SecondOpinionError     the other program cannot be asked
    ├── EngineError            who should do the work cannot be reached
    ├── IdleLimitError         an idle limit is neither a time nor the name of a middlebox
    └── OutputError            the report cannot be written

A message says what is wrong, where, and what to do, without a trailing newline. Only the command
line turns these into an exit code (always 2) and a line on stderr.
"""

from __future__ import annotations

import shlex
import sys


def install_command(what: str) -> str:
    """Return what installs a package, or ``bareos-audit[EXTRA]``, beside the program that runs:
    another ``pip`` would put it where this Python does not look."""
    return f"«{shlex.quote(sys.executable)} -m pip install {shlex.quote(what)}»"


def system_words(error: BaseException) -> str:
    """Return what the system says of an error, to end a sentence. Nothing else that it says of
    itself is told: that may hold an address with a password."""
    return getattr(error, "strerror", None) or type(error).__name__


class BareosAuditError(Exception):
    """Base of every error raised on purpose; ``str()`` is one sentence for a person, on one line,
    in which nothing that a file said can move a cursor or hide text."""

    def __str__(self) -> str:
        line = " ".join(super().__str__().splitlines())
        return line if line.isprintable() else "".join(c if c.isprintable() else "?" for c in line)


class LocatedError(BareosAuditError):
    """An error at a place in a text file.

    ``file`` and ``line`` (1-based; 0 when the whole file is meant) are attributes, and ``str()``
    begins with ``file:line: ``.
    """

    def __init__(self, message: str, file: str, line: int = 0) -> None:
        self.message = message
        self.file = file
        self.line = line
        where = f"{file}:{line}" if line else file
        super().__init__(f"{where}: {message}")


class CaptureError(BareosAuditError):
    """Raised when a capture file or stream cannot be read at all."""


class ConfigurationError(LocatedError):
    """Raised when a Bareos configuration is wrong where the real parser would refuse it."""


class SiteFileError(LocatedError):
    """Raised when the site file or the hosts file is wrong."""


class RuleError(LocatedError):
    """Raised when a rule file is wrong."""


class UnknownRuleError(BareosAuditError):
    """Raised when no rule has an id that was given, or when none is left to apply."""


class FindingError(BareosAuditError):
    """Raised when an audit has no finding of an id, or none with packets."""


class IdleLimitError(BareosAuditError):
    """Raised when an idle limit is neither a time nor the name of a middlebox."""


class ReportError(BareosAuditError):
    """Raised when a file is no JSON report that holds a whole audit."""


class SecondOpinionError(BareosAuditError):
    """Raised when the other program cannot be asked what it sees in a capture."""


class EngineError(BareosAuditError):
    """Raised when those who should do the work cannot be reached, or know not how."""


class OutputError(BareosAuditError):
    """Raised when a report cannot be written."""
