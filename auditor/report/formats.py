"""The formats that exist, and the one place that chooses between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import assert_never

from auditor.report.interface import RenderOptions, Report


class Format(StrEnum):
    """How a report is written."""

    TABLE = "table"
    """For a person on a terminal."""
    JSON = "json"
    """For programs: ``docs/report.schema.json``."""
    CSV = "csv"
    """For a spreadsheet: one table, ``docs/columns.md``."""
    HTML = "html"
    """To read in a browser, to print, to hand in: one file."""
    JSONL = "jsonl"
    """For programs that read row after row: one object a line."""
    MARKDOWN = "markdown"
    """For a comment on a pull request."""
    SARIF = "sarif"
    """For code scanning: SARIF 2.1.0."""
    JUNIT = "junit"
    """For whoever shows the results of tests."""


class TableFormat(StrEnum):
    """How tables are written, each as a file of its own."""

    PARQUET = "parquet"
    """For pandas, DuckDB and whoever else computes: all tables, ``docs/notebook.md``."""


#: How names of files end, in lower case, and the format that this asks for; of several suffixes of
#: a format the first is proposed.
SUFFIXES: Mapping[str, Format | TableFormat] = {
    ".txt": Format.TABLE,
    ".json": Format.JSON,
    ".csv": Format.CSV,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".sarif": Format.SARIF,
    ".sarif.json": Format.SARIF,
    ".xml": Format.JUNIT,
    ".parquet": TableFormat.PARQUET,
}
#: The formats that show only one table of an audit, which has to be chosen.
ONE_TABLE = frozenset({Format.CSV})
#: The formats that tell findings and nothing else, and those of what has none.
AUDITS_ONLY = frozenset({Format.SARIF, Format.JUNIT})
LISTINGS = tuple(one for one in Format if one not in AUDITS_ONLY)


def reporter(chosen: Format, options: RenderOptions | None = None) -> Report:
    """Return the report of one format; only that format's own imports are paid for."""
    options = options or RenderOptions()
    match chosen:
        case Format.TABLE:
            from auditor.report.terminal import TerminalReport

            return TerminalReport(options)
        case Format.JSON:
            from auditor.report.json_document import JsonReport

            return JsonReport()
        case Format.CSV:
            from auditor.report.csv_table import CsvReport

            return CsvReport(options.table)
        case Format.HTML:
            from auditor.report.html import HtmlReport

            return HtmlReport()
        case Format.JSONL:
            from auditor.report.json_lines import JsonLinesReport

            return JsonLinesReport()
        case Format.MARKDOWN:
            from auditor.report.markdown import MarkdownReport

            return MarkdownReport()
        case Format.SARIF:
            from auditor.report.sarif import SarifReport

            return SarifReport()
        case Format.JUNIT:
            from auditor.report.junit import JunitReport

            return JunitReport()
        case _:
            assert_never(chosen)
