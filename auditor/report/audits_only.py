"""What the formats for pipelines have in common: they tell findings, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from auditor.report.interface import Report

if TYPE_CHECKING:
    from auditor.judge.rules.rule import Rule
    from auditor.judge.tables.table import Table
    from auditor.site.middleboxes import Middlebox


class AuditsOnly(Report):
    """A format that has nothing to say but of an audit, or of a configuration alone.

    ``formats.AUDITS_ONLY`` names them, and no command without findings offers them; whoever asks
    all the same gets NotImplementedError.
    """

    def expectation_parts(self, table: Table, problems: Sequence[str] = ()) -> Iterator[str]:
        """Refuse."""
        del table, problems
        self._refuse()

    def sockets(self, table: Table) -> str:
        """Refuse."""
        del table
        self._refuse()

    def idle_limits(self, boxes: Sequence[Middlebox]) -> str:
        """Refuse."""
        del boxes
        self._refuse()

    def rules(self, rules: Sequence[Rule]) -> str:
        """Refuse."""
        del rules
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise NotImplementedError(f"{type(self).__name__} tells audits only")
