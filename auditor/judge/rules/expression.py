"""Conditions of rules: a small language over the columns of one table.

Names, literals, comparisons, ``and``/``or``/``not``, ``in`` and arithmetic; no calls, attributes or
subscripts. ``typecheck`` checks every part before anything is evaluated, and ``evaluation`` works
on whole columns, so that ``audit.flows.query(...)`` with the same text gives the same rows.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.judge.rules.typecheck import check
from auditor.judge.tables.column import Column
from auditor.judge.tables.table import Table

if TYPE_CHECKING:
    from auditor.judge.tables.arrays import Cells, Mask

#: Longer conditions are no conditions; it also bounds the parser's work.
_MAX_LENGTH = 2000


class Condition:
    """One checked expression."""

    def __init__(self, text: str, columns: Mapping[str, Column]) -> None:
        """Raises ValueError, in words, for anything outside the language or the columns."""
        if len(text) > _MAX_LENGTH:
            raise ValueError(f"the condition is longer than {_MAX_LENGTH} characters")
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ValueError(f"not an expression: {text.strip()[:80]!r}") from None
        check(tree.body, columns)
        self._body = tree.body
        self.names = frozenset(n.id for n in ast.walk(tree.body) if isinstance(n, ast.Name))
        """The columns it looks at."""

    def mask(self, table: Table) -> Mask:
        """Return for each row whether it fulfils the condition, shape (rows,); where a missing
        value leaves it open, it does not."""
        values, known = self._evaluated(table)
        fulfilled: Mask = values if known is None else values & known
        return fulfilled

    def refuted(self, table: Table) -> Mask:
        """Return for each row whether it is seen not to fulfil the condition, shape (rows,);
        where a missing value leaves it open, it is not."""
        values, known = self._evaluated(table)
        refuted: Mask = ~values if known is None else ~values & known
        return refuted

    def _evaluated(self, table: Table) -> Cells:
        from auditor.judge.rules.evaluation import evaluate  # loads numpy: the catalogue does not

        return evaluate(self._body, table)
