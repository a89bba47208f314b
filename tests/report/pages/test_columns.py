"""docs/columns.md is made from the contract."""

from __future__ import annotations

from audits import ROOT

from auditor.judge.tables.columns import TABLES
from auditor.report.pages.columns import columns_page


def test_the_page_is_up_to_date() -> None:
    written = (ROOT / "docs/columns.md").read_text(encoding="utf-8")
    assert written == columns_page(), "python -m auditor.report.pages.columns > docs/columns.md"


def test_it_has_every_column_once_a_table() -> None:
    page = columns_page()
    for name, columns in TABLES.items():
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert all(section.count(f"| `{column}` |") == 1 for column in columns)


def test_a_column_lists_its_words() -> None:
    assert "(`established`, `unanswered`, `refused`, `midstream`) |" in columns_page()


def test_no_meaning_breaks_the_table() -> None:
    lines = [line for line in columns_page().splitlines() if line.startswith("| `")]
    assert all(line.count("|") in {4} for line in lines)
