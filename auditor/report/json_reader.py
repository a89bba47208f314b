"""Reads JSON reports back: the audit that made one is equal to the one that is read from it.

The file may come from anybody. What it holds is checked as the tables are when an audit is made:
types, columns, and the words that each may hold; and texts are made safe to show.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from auditor.config.resources import Excerpt
from auditor.errors import ReportError
from auditor.judge.rules.rule_text import RuleText
from auditor.judge.tables.columns import TABLES
from auditor.judge.tables.table import Table, build
from auditor.judge.verdicts import Severity
from auditor.report.json_document import AUDIT_SCHEMA, CHECK_SCHEMA
from auditor.report.json_opinion import read_opinion
from auditor.report.json_rows import NULLABLE, group_of
from auditor.report.json_values import count_of, list_of, text_of, texts_of, time_of
from auditor.result import Audit, Basis, Check

#: Half a million flows.
MAX_BYTES = 1 << 30


def read_report(path: str | Path) -> Audit | Check:
    """Return the audit that was saved as a JSON report. Raises ReportError."""
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ReportError(f"{name} cannot be read: {error.strerror}.") from None
    if len(data) > MAX_BYTES:
        raise ReportError(f"{name} is larger than {MAX_BYTES >> 30} GiB, the most that is read.")
    return parse_report(data, name)


def parse_report(data: bytes, name: str) -> Audit | Check:
    """Return the audit that the bytes of a JSON report hold; ``name`` is what messages call it.

    Raises ReportError.
    """
    try:
        document = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ReportError(
            f"{name} is no JSON report: write one with bareos-audit analyze … -f json -o FILE."
        ) from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema not in (AUDIT_SCHEMA, CHECK_SCHEMA):
        raise ReportError(
            f"{name} is no report of an audit: its schema is neither {AUDIT_SCHEMA} nor "
            f"{CHECK_SCHEMA}."
        )
    if "basis" not in document:
        raise ReportError(
            f"{name} does not hold the whole audit: an earlier version wrote it. Audit again."
        )
    try:
        audit = _check(document) if schema == CHECK_SCHEMA else _audit(document)
        _refuse_unknown_rules(audit)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise ReportError(
            f"{name} is not as bareos-audit writes its reports ({_told(error)}): it was changed, "
            "or written by a later version."
        ) from None
    return audit


def _refuse_unknown_rules(audit: Audit) -> None:
    """Raise ValueError for a finding of a rule that was not applied: nothing can be told of it."""
    known = {rule.id for rule in audit.rules}
    findings = audit.tables["findings"]
    for rule, every in zip(findings.values("rule"), findings.values("rules"), strict=True):
        if rule not in every or not known.issuperset(every):
            raise ValueError(f"a finding is of a rule that is not among those applied: {rule!r}")


def _told(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)[:200]


def _no_number(word: str) -> Any:
    raise ValueError(word)


def _audit(document: Mapping[str, Any]) -> Audit:
    failed = document["failed"]
    return Audit(
        tables={name: _table(name, document[name]) for name in TABLES},
        failed=None if failed is None else frozenset(texts_of(failed)),
        opinion=read_opinion(document["second_opinion"]),
        **_common(document),
    )


def _check(document: Mapping[str, Any]) -> Check:
    given = {"expectations": document["expectations"], "findings": document["findings"]}
    return Check(
        tables={name: _table(name, given.get(name, [])) for name in TABLES},
        described=texts_of(document["summary"]["described"]),
        **_common(document),
    )


def _common(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what both kinds of audit have."""
    rules = list_of(document["rules"])
    return {
        "passed": {str(rule["id"]): count_of(rule["passed"]) for rule in rules},
        "unobserved": {str(rule["id"]): count_of(rule["unobserved"]) for rule in rules},
        "rules": tuple(map(_rule, rules)),
        "problems": texts_of(document["problems"]),
        "statements": texts_of(document["summary"]["statements"]),
        "basis": _basis(document["basis"]),
        "excerpts": tuple(map(_excerpt, list_of(document["excerpts"]))),
    }


def _rule(rule: Mapping[str, Any]) -> RuleText:
    return RuleText(
        id=text_of(rule["id"]),
        title=text_of(rule["title"]),
        about=text_of(rule["about"]),
        severity=Severity(rule["severity"]),
        explains=texts_of(rule["explains"]),
        why=text_of(rule["why"]),
        remedy=text_of(rule["remedy"]),
        manual=text_of(rule["manual"]),
    )


def _basis(basis: Mapping[str, Any]) -> Basis:
    return Basis(
        made=time_of(basis["made"]),
        version=text_of(basis["version"]),
        configuration=texts_of(basis["configuration"]),
        site_file=text_of(basis["site_file"]),
        hosts_file=text_of(basis["hosts_file"]),
        rules=texts_of(basis["rules"]),
        baseline=text_of(basis["baseline"]),
        baseline_made=time_of(basis["baseline_made"]),
        left_out=texts_of(basis["left_out"]),
        decode_as=texts_of(basis.get("decode_as", ())),
        fail_on=Severity(basis.get("fail_on", Severity.LOW)),
    )


def _excerpt(excerpt: Mapping[str, Any]) -> Excerpt:
    line, first = count_of(excerpt["line"]), count_of(excerpt["first"])
    return Excerpt(text_of(excerpt["file"]), line, first, texts_of(excerpt["lines"]))


def _table(name: str, rows: Any) -> Table:
    flat = _flat if name == "flows" else _as_it_is
    columns = TABLES[name]
    readers = {
        column: _word if of.words and not of.optional else _CELLS[of.dtype]
        for column, of in columns.items()
    }
    return build(name, (_row(flat(row), readers) for row in list_of(rows)))


def _row(cells: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """Return the cells of known columns; a later version may have added others."""
    return {name: read(cells.get(name)) for name, read in readers.items()}


def _as_it_is(row: Any) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise ValueError("a row is no object")
    return row


def _flat(row: Any) -> Mapping[str, Any]:
    """Return a flow with the members of its objects as columns."""
    cells = dict(_as_it_is(row))
    for group, known in NULLABLE.items():
        cells |= known if row.get(group) is None else {}
    for group, members in row.items():
        for key, value in members.items() if isinstance(members, dict) else ():
            if group_of(f"{group}_{key}") == (group, key):
                cells[f"{group}_{key}"] = value
    return cells


def _same(value: Any) -> Any:
    return value


def _word(value: Any) -> str:
    if not text_of(value):
        raise ValueError("a word is missing")
    return text_of(value)


def _items(value: Any) -> Iterable[str]:
    return texts_of([] if value is None else value)


#: How the cells of a dtype are read; the table checks the rest.
_CELLS: Mapping[str, Callable[[Any], Any]] = {
    "str": text_of,
    "Int64": _same,
    "Float64": _same,
    "bool": _same,
    "time": time_of,
    "list": lambda value: [*_items(value)],
}
