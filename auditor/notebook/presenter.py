"""What shows audits in notebooks and writes them to files: the reports, for ``Audit``'s methods."""

from __future__ import annotations

from pathlib import Path

from auditor.errors import OutputError
from auditor.outputs import atomic_file
from auditor.presentation import Plots, Presentable, Presenter
from auditor.report.formats import SUFFIXES, Format, TableFormat, reporter
from auditor.report.told.finding_words import sentence
from auditor.report.told.verdict import aside, basis, headline
from auditor.report.told.view import View
from auditor.result import Audit, Check
from auditor.text import printable
from auditor.text.markup import NO_MATH, html_table, inert, with_code

#: Findings in a cell of a notebook: the table has all.
_MOST = 20


class AuditPresenter(Presenter):
    """Shows audits by the formats of this room."""

    def markup(self, audit: Presentable) -> str:
        """Return the verdict, what it rests on and the worst findings."""
        view = View(_audit(audit))
        told, _ = headline(view)
        lines = [
            f"<p><strong>{inert(told)}{inert('' if view.checked else aside(view))}</strong></p>"
        ]
        if not view.checked and view.audit.verdict != "pass":
            lines.append(f"<p>{inert(basis(view))}</p>")
        if view.audit.statements:
            short = (with_code(inert(view.short(one))) for one in view.audit.statements)
            said = "".join(f"<li>{one}</li>" for one in short)
            lines.append(f"<ul>{said}</ul>")
        return f'<div class="{NO_MATH}">{"".join(lines)}{_findings(view)}</div>'

    def html(self, audit: Presentable) -> str:
        """Return the page to hand in."""
        return _text(_audit(audit), Format.HTML)

    def json(self, audit: Presentable) -> str:
        """Return the report for programs."""
        return _text(_audit(audit), Format.JSON)

    def save(self, audit: Presentable, path: str | Path) -> tuple[Path, ...]:
        """Write a report, as the suffix says; Parquet is one file a table."""
        given = _audit(audit)
        name = str(path)
        known = [suffix for suffix in SUFFIXES if name.lower().endswith(suffix)]
        if not known:
            raise OutputError(
                f"{printable(name)}: the suffix says no format; name the file "
                f"{', '.join(SUFFIXES)}."
            )
        chosen = SUFFIXES[max(known, key=len)]
        if isinstance(chosen, TableFormat):
            from auditor.report.parquet import save_parquet

            return save_parquet(given.tables, name)
        text = _text(given, chosen)
        with atomic_file(name, private=False) as put:
            put(text.encode("utf-8", "replace"))
        return (Path(name),)

    def plots(self, audit: Presentable) -> Plots:
        """Return the pictures."""
        from auditor.notebook.plots import AuditPlots

        return AuditPlots(_audit(audit))


def _audit(audit: Presentable) -> Audit:
    if not isinstance(audit, Audit):
        raise TypeError(f"no audit: {type(audit).__name__}")
    return audit


def _text(audit: Audit, chosen: Format) -> str:
    report = reporter(chosen)
    return report.check(audit) if isinstance(audit, Check) else report.audit(audit)


def _findings(view: View) -> str:
    """Return the worst findings that count, as a table."""
    counted = [
        row
        for row in view.findings
        if row["verdict"] == "fail" and not row["waived"] and row["known_since"] is None
    ]
    if not counted:
        return ""
    cells = [
        (row["severity"], row["confidence"], sentence(view, row), row["remedy"])
        for row in counted[:_MOST]
    ]
    left = len(counted) - len(cells)
    caption = f"{left} more: audit.fails" if left else ""
    return html_table(("severity", "confidence", "finding", "what to do"), cells, caption)
