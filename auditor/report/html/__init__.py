"""The report as one HTML file that opens from disk: no request, one inline style and script.

Everything of foreign origin is inert: templates escape all they print, the policy in the head runs
no script and no style but ours, and rows that the script shows are set as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from auditor.report.html.listings import (
    comparison_listing,
    expectation_listing,
    idle_limit_listing,
    rule_listings,
    socket_listing,
)
from auditor.report.html.page import render
from auditor.report.html.sections import audit_sections, check_sections
from auditor.report.interface import Report
from auditor.report.told.view import View

if TYPE_CHECKING:
    from auditor.comparison import Comparison
    from auditor.judge.rules.rule import Rule
    from auditor.judge.tables.table import Table
    from auditor.result import Audit, Check
    from auditor.site.middleboxes import Middlebox


class HtmlReport(Report):
    """The report to hand in."""

    def audit_parts(self, audit: Audit) -> Iterator[str]:
        """Yield an audit: the verdict first, then what is wrong, then all that it rests on."""
        return render("audit.html", audit_sections(View(audit)))

    def check(self, check: Check) -> str:
        """Return what was found in a configuration alone, in the same form."""
        return "".join(render("check.html", check_sections(check)))

    def expectation_parts(self, table: Table, problems: Sequence[str] = ()) -> Iterator[str]:
        """Yield the connections that a configuration calls for, and what is wrong in it."""
        return render("listing.html", expectation_listing(table, problems))

    def comparison(self, comparison: Comparison) -> str:
        """Return what became of the findings of an audit in a later one."""
        return "".join(render("listing.html", comparison_listing(comparison)))

    def sockets(self, table: Table) -> str:
        """Return this host's Bareos sockets."""
        return "".join(render("listing.html", socket_listing(table)))

    def idle_limits(self, boxes: Sequence[Middlebox]) -> str:
        """Return after how long each middlebox forgets a silent connection."""
        return "".join(render("listing.html", idle_limit_listing(boxes)))

    def rules(self, rules: Sequence[Rule]) -> str:
        """Return the catalogue, each rule with why it matters and what to do."""
        return "".join(render("listing.html", rule_listings(rules)))
