"""Conditions of rules: a small language over the columns of one table.

Names, literals, comparisons, ``and``/``or``/``not``, ``in`` and arithmetic; no calls, attributes or
subscripts. ``kinds`` checks every part before anything is evaluated, and evaluation works on whole
columns, so that ``audit.flows.query(...)`` with the same text gives the same rows.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from auditor.judge.rules.typecheck import check
from auditor.judge.tables.column_cache import Cells
from auditor.judge.tables.columns import Column

_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

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

    def mask(self, cells: Cells) -> npt.NDArray[np.bool_]:
        """Return for each row whether it fulfils the condition, shape (rows,); where a missing
        value leaves it open, it does not."""
        fulfilled = _evaluate(self._body, cells)
        if isinstance(fulfilled, np.ndarray):
            return fulfilled.astype(bool)
        mask: npt.NDArray[np.bool_] = fulfilled.to_numpy(dtype=bool, na_value=False)
        return mask

    def __call__(self, table: pd.DataFrame) -> pd.Series[bool]:
        """Return the same for the rows of a table, on its index."""
        return pd.Series(self.mask(Cells(table)), index=table.index)


def _evaluate(node: ast.expr, cells: Cells) -> Any:
    """Return one array a part, or its constant: arrays cost a tenth of what Series do."""
    match node:
        case ast.Name(id=name):
            return cells.array(name)
        case ast.Constant(value=value):
            return value
        case ast.List(elts=elements):
            return [_evaluate(element, cells) for element in elements]
        case ast.BoolOp(op=ast.And(), values=values):
            return reduce(operator.and_, (_evaluate(value, cells) for value in values))
        case ast.BoolOp(values=values):
            return reduce(operator.or_, (_evaluate(value, cells) for value in values))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ~_evaluate(operand, cells)
        case ast.UnaryOp(operand=operand):
            return -_evaluate(operand, cells)
        case ast.BinOp(left=left, op=operation, right=right):
            apply = _ARITHMETIC[type(operation)]
            return apply(_real(_evaluate(left, cells)), _real(_evaluate(right, cells)))
        case ast.Compare():
            return _compare(node, cells)
    raise AssertionError(f"unchecked node {type(node).__name__}")


def _compare(node: ast.Compare, cells: Cells) -> Any:
    sides = [_evaluate(side, cells) for side in (node.left, *node.comparators)]
    parts = []
    for operation, left, right in zip(node.ops, sides, sides[1:], strict=False):
        if isinstance(operation, ast.In):
            parts.append(pd.Index(left).isin(right))
        elif isinstance(operation, ast.NotIn):
            parts.append(~pd.Index(left).isin(right))
        else:
            parts.append(_COMPARE[type(operation)](left, right))
    return reduce(operator.and_, parts)


def _real(value: Any) -> Any:
    """Whole numbers could overflow."""
    return float(value) if isinstance(value, int | float) else value.astype("Float64")
