"""The report as a comment on a pull request: GitHub flavoured Markdown, the verdict first.

A comment holds 65,536 characters. What does not fit is left out section by section, the least
weighty first, and its end says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from auditor.report.interface import Report
from auditor.report.markdown import listings, sections
from auditor.report.told.view import View
from auditor.report.told.words import count
from auditor.version import __version__

if TYPE_CHECKING:
    from auditor.comparison import Comparison
    from auditor.judge.rules.rule import Rule
    from auditor.judge.tables.table import Table
    from auditor.result import Audit, Check
    from auditor.site.middleboxes import Middlebox

#: Characters of a comment on GitHub, with room for what the end says.
_MOST = 65_536 - 500


class MarkdownReport(Report):
    """The report for a pull request, an issue or a wiki."""

    def audit_parts(self, audit: Audit) -> Iterator[str]:
        """Yield an audit: the verdict, what failed and what to do, then what it rests on."""
        return _fitting(sections.audit_sections(View(audit)))

    def check(self, check: Check) -> str:
        """Return what was found in a configuration, in the same form."""
        return "".join(_fitting(sections.check_sections(View(check), check)))

    def expectation_parts(self, table: Table, problems: Sequence[str] = ()) -> Iterator[str]:
        """Yield the connections that a configuration calls for, as a table."""
        return _fitting(listings.expectation_sections(table, problems))

    def comparison(self, comparison: Comparison) -> str:
        """Return what was opened and closed from one audit to another."""
        return "".join(_fitting(listings.comparison_sections(comparison)))

    def sockets(self, table: Table) -> str:
        """Return this host's sockets as a table."""
        return "".join(_fitting(listings.socket_sections(table)))

    def idle_limits(self, boxes: Sequence[Middlebox]) -> str:
        """Return the middleboxes as a table."""
        return "".join(_fitting(listings.idle_limit_sections(boxes)))

    def rules(self, rules: Sequence[Rule]) -> str:
        """Return the catalogue as a table, or one rule explained."""
        return "".join(_fitting(listings.rule_sections(rules)))


def _fitting(parts: Iterable[str]) -> Iterator[str]:
    """Yield parts as long as they fit together, and how many do not."""
    size, left = 0, 0
    yield f"<!-- Made by bareos-audit {__version__} -->\n"
    for part in parts:
        size += len(part) + 2
        if size > _MOST:
            size -= len(part) + 2
            left += 1
        else:
            yield f"\n{part}\n"
    if left:
        yield f"\n{count(left, 'part')} did not fit into a comment; the other formats have all.\n"
