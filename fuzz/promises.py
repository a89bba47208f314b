"""What every parser promises, whatever it is given; a broken promise is an AssertionError."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from auditor.errors import BareosAuditError
from auditor.report.formats import Format, reporter
from auditor.report.interface import RenderOptions, TableName
from auditor.result import Audit, Check

#: Categories of characters that no report holds, but for the line feed.
_ACTIVE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


@contextmanager
def one_sentence() -> Iterator[None]:
    """Let a refusal pass if it is one sentence that a terminal can show, and nothing else."""
    try:
        yield
    except BareosAuditError as error:
        text = str(error)
        assert text.strip(), f"{type(error).__name__} says nothing"
        assert_inert(text, "\n")
        assert len(text) < 8192, f"{len(text)} characters of {type(error).__name__}"


def assert_inert(text: str, allowed: str = "\n") -> None:
    """Hold that nothing in a text moves a cursor, hides or reorders what is read."""
    bad = {c for c in set(text) if c not in allowed and unicodedata.category(c) in _ACTIVE}
    assert not bad, f"{sorted(map(ord, bad))} in {text[:200]!r}"


def assert_renders(what: Audit | Check) -> None:
    """Hold that every format shows an audit or a check as text that is inert, and JSON as JSON."""
    for chosen in Format:
        for table in TableName if chosen is Format.CSV else (TableName.FLOWS,):
            report = reporter(chosen, RenderOptions(table=table))
            text = report.check(what) if isinstance(what, Check) else report.audit(what)
            assert_inert(text, "\r\n" if chosen is Format.CSV else "\n")
            if chosen is Format.JSON:
                json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
