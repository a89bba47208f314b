"""Exceptions become one sentence on stderr and an exit code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import IntEnum
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from auditor.errors import BareosAuditError
from auditor.judge.verdicts import Severity
from auditor.text import printable

if TYPE_CHECKING:
    from auditor.result import Audit

_NAME = "bareos-audit"
_LIMIT = 2000


class ExitCode(IntEnum):
    """What the exit code tells the caller."""

    OK = 0
    """Nothing failed."""
    TOOL = 1
    """The program itself failed."""
    DIFFERENT = 1
    """Of ``compare``, as of diff(1): something was opened or closed."""
    USAGE = 2
    """Wrong usage, or input that cannot be read."""
    BLIND = 3
    """The captures hold nothing to judge, or what would be high could not be decided."""
    LOW = 12
    MEDIUM = 13
    HIGH = 14
    """The worst severity that failed is low, medium, high."""
    INTERRUPTED = 130
    """By Ctrl-C, as a shell counts it."""


#: Exit code by the worst severity that failed, worst first.
EXITS = {str(severity): ExitCode[severity.name] for severity in Severity if severity.fails}


def exit_code(audit: Audit) -> ExitCode:
    """Return what an audit's verdict tells the caller, for whom only fails of the severity
    ``basis.fail_on`` and worse count."""
    if audit.severity and Severity(audit.severity).counts(audit.basis.fail_on):
        return EXITS[audit.severity]
    return ExitCode.BLIND if audit.blind or audit.open else ExitCode.OK


_Audited = TypeVar("_Audited", bound="Audit")


def counting_from(audit: _Audited, fail_on: str) -> _Audited:
    """Return an audit of which only fails of a severity and worse count, and that says so where
    something lesser failed."""
    basis = replace(audit.basis, fail_on=Severity(fail_on))
    before, said = _not_counted(audit), _not_counted(audit, fail_on)
    others = (one for one in audit.statements if one != before)
    return replace(audit, basis=basis, statements=(*filter(None, [said]), *others))


def _not_counted(audit: Audit, fail_on: str = "") -> str:
    fail_on = fail_on or audit.basis.fail_on
    if not audit.severity or Severity(audit.severity).counts(fail_on):
        return ""
    counts = [str(one) for one in Severity if one.counts(fail_on)]
    return (
        f"only what is {' or '.join(counts)} counts for the exit code (--fail-on {fail_on}), and "
        "nothing of that severity failed"
    )


class Refusal(click.ClickException):
    """Wrong usage, an input that cannot be read or an output that cannot be written."""

    exit_code = ExitCode.USAGE

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the one sentence to stderr."""
        sentence = printable(" ".join(self.message.split()), _LIMIT)
        click.echo(f"{_NAME}: {sentence}", file=file, err=file is None)


@contextmanager
def refusals(*, debug: bool) -> Iterator[None]:
    """Turn what was raised on purpose into a Refusal, and Ctrl-C into a quiet exit."""
    try:
        yield
    except BareosAuditError as error:
        if debug:
            traceback.print_exc()
        raise Refusal(str(error)) from error
    except click.exceptions.NoArgsIsHelpError:
        raise  # its message is the help
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else _NAME
        raise Refusal(f"{error.format_message()} See {path} --help.") from error
    except KeyboardInterrupt as error:  # of another signal it tells its code
        raise click.exceptions.Exit(getattr(error, "code", ExitCode.INTERRUPTED)) from None


def brief_excepthook(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Show an unforeseen exception in one sentence; Python then exits with code 1."""
    del trace
    shown = printable(f"{kind.__name__}: {error}", _LIMIT)
    sys.stderr.write(
        f"{_NAME}: this should not have happened ({shown}); "
        f"run with --debug ({_NAME} --debug …) and report what it shows\n"
    )
