"""The public contract: every table and every column, with dtype, meaning and words.

One module a table holds its columns and what fills them, so that a column is added in one place.
FLOWS, the longest, has two: ``flow_columns`` and ``flow_rows``; the columns of FINDINGS are below.
``docs/columns.md`` and ``docs/report.schema.json`` are made from this, tables and rules are checked
against it, and notebooks rely on it. Columns may be added; none is renamed.
"""

from __future__ import annotations

from collections.abc import Mapping

from auditor.judge.tables.captures import CAPTURES
from auditor.judge.tables.column import Column
from auditor.judge.tables.expectations import EXPECTATIONS
from auditor.judge.tables.flow_columns import FLOWS
from auditor.judge.tables.host_sockets import SOCKETS
from auditor.judge.tables.probes import PROBES
from auditor.judge.tables.problems import PROBLEMS
from auditor.judge.tables.settings import SETTINGS
from auditor.judge.tables.witness_columns import WITNESSED
from auditor.judge.verdicts import (
    FOUND,
    RISING_CONFIDENCES,
    RISING_SEVERITIES,
    RISING_VERDICTS,
    Confidence,
    Severity,
)

FINDINGS: Mapping[str, Column] = {
    "id": Column(
        "str", "what it is called in every run; two rows of one id differ in verdict or waiver"
    ),
    "rule": Column("str", "id of the rule"),
    "verdict": Column("str", "passes are counted in the summary", FOUND, rising=RISING_VERDICTS),
    "severity": Column("str", "how bad it is, worst first", Severity, rising=RISING_SEVERITIES),
    "confidence": Column(
        "str", "how sure it is, surest first", Confidence, rising=RISING_CONFIDENCES
    ),
    "capture": Column("str", "name of the capture; empty: the site"),
    "count": Column("Int64", "rows of the table that it is about, alike but for the ends"),
    "first": Column("time", "when the earliest of these flows or probes began; NA: about none"),
    "last": Column("time", "when the latest of them began"),
    "flow": Column("str", "id of the flow, the first of several; empty: not about one"),
    "flows": Column("list", "ids of the flows that it is about, the first 1000"),
    "rules": Column("list", "ids of all rules that found it, that of `rule` first"),
    "affects": Column("list", "connections that it concerns, as 3:director dir>file daemon fd1"),
    "expectation": Column("str", "id of the expectation; empty: not about one"),
    "message": Column("str", "what was found, one sentence"),
    "evidence": Column("list", "column=value of the row that was judged"),
    "sources": Column("list", "file:line of what the configuration says"),
    "remedy": Column("str", "what to do"),
    "known_since": Column("time", "when a baseline first had it; NA: none had, so that it counts"),
    "waived": Column("str", "reason of the waiver that covers it; empty: none"),
}

#: The tables of an audit.
TABLES: Mapping[str, Mapping[str, Column]] = {
    "flows": {**FLOWS, **WITNESSED},
    "probes": PROBES,
    "expectations": EXPECTATIONS,
    "findings": FINDINGS,
    "captures": CAPTURES,
}
#: Every table there is.
ALL_TABLES: Mapping[str, Mapping[str, Column]] = {
    **TABLES,
    "sockets": SOCKETS,
    "problems": PROBLEMS,
    "settings": SETTINGS,
}
#: The tables that rules may judge.
JUDGED_TABLES = {
    name: ALL_TABLES[name] for name in ALL_TABLES if name not in {"findings", "sockets"}
}
