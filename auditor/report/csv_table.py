"""CSV: one table with a header line, safe to open in a spreadsheet.

Comma, line feed, quotes where needed (RFC 4180 but for the line end); a row is always one line.
Lists are joined with ``; ``, booleans are ``true`` and ``false``, what is missing is empty, control
characters (tabs and line ends among them) are ``?``. A text that a spreadsheet would take for a
formula, because it begins with ``=``, ``+``, ``-`` or ``@``, gets a ``'`` in front: names on the
wire are anybody's choice.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from auditor.comparison import Compared
from auditor.judge.tables.expectations import OBSERVED
from auditor.report.cells import Value, plain
from auditor.report.interface import Report, TableName
from auditor.text import printable

if TYPE_CHECKING:
    from auditor.comparison import Comparison
    from auditor.judge.rules.rule import Rule
    from auditor.judge.tables.column import Column
    from auditor.judge.tables.table import Table
    from auditor.result import Audit, Check
    from auditor.site.middleboxes import Middlebox

#: What Excel, LibreOffice and Google Sheets may take for the start of a formula (OWASP, "CSV
#: Injection"); the full-width forms count in East Asian locales.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
#: Characters of one cell: no limit but what a spreadsheet can hold (Excel: 32,767).
_LIMIT = 32_767
#: Rows that are made together.
_CHUNK = 512


class CsvReport(Report):
    """The report for a spreadsheet: one table."""

    def __init__(self, table: TableName) -> None:
        self._table = table

    def audit_parts(self, audit: Audit) -> Iterator[str]:
        """Yield the chosen table of an audit, all of its columns."""
        table = audit.tables[self._table]
        return _table_parts(table, list(table.columns))

    def check(self, check: Check) -> str:
        """Return the chosen table of what was found in a configuration; of the expectations
        without what only captures can show."""
        if self._table is TableName.EXPECTATIONS:
            return self.expectations(check.tables[self._table])
        return self.audit(check)

    def expectation_parts(self, table: Table, problems: Sequence[str] = ()) -> Iterator[str]:
        """Yield the expectations, without what only captures can show; one table has no place for
        the problems, which the command line shows on standard error."""
        del problems
        return _table_parts(table, [name for name in table.columns if name not in OBSERVED])

    def comparison(self, comparison: Comparison) -> str:
        """Return the findings of both audits: one line each."""
        rows = [{**one._asdict(), "sources": list(one.sources)} for one in comparison.findings]
        return _written(list(Compared._fields), rows)

    def sockets(self, table: Table) -> str:
        """Return this host's sockets, all columns."""
        return "".join(_table_parts(table, list(table.columns)))

    def idle_limits(self, boxes: Sequence[Middlebox]) -> str:
        """Return the middleboxes: one line each."""
        from auditor.report.json_document import middlebox_object

        shown = [middlebox_object(box) for box in boxes]
        return _written(list(shown[0]) if shown else ["name"], shown)

    def rules(self, rules: Sequence[Rule]) -> str:
        """Return the catalogue: one line a rule."""
        from auditor.report.json_document import rule_object

        shown = [rule_object(rule) for rule in rules]
        return _written(list(shown[0]) if shown else ["id"], shown)


def _written(columns: Sequence[str], rows: Iterable[Mapping[str, Value]]) -> str:
    return "".join(_parts(columns, ([cell(row[column]) for column in columns] for row in rows)))


def _table_parts(table: Table, columns: Sequence[str]) -> Iterator[str]:
    return _parts(columns, _rows(table, columns))


def _rows(table: Table, columns: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the cells of each row, made column by column: most columns have few values."""
    for start in range(0, len(table), _CHUNK):
        stop = min(start + _CHUNK, len(table))
        made = [_column(table.values(name, start, stop), table.columns[name]) for name in columns]
        yield from zip(*made, strict=True)


def _column(values: list[Any], column: Column) -> list[str]:
    shown = plain(values, column.dtype)
    if column.dtype in {"list", "Float64"}:  # the one has no hash, the other two zeros
        return list(map(cell, shown))
    known = {value: cell(value) for value in set(shown)}
    return [known[value] for value in shown]


def _parts(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the header and then each row, a line each."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for values in chain([columns], rows):
        writer.writerow(values)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def cell(value: Value) -> str:
    """Return one value as the text of a cell."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list():
            return cell("; ".join(value))
        case str():
            clean = value.isprintable() and len(value) <= _LIMIT
            shown = value if clean else printable(value, _LIMIT)
            return f"'{shown}" if shown.startswith(_FORMULA) else shown
