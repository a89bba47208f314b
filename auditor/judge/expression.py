"""Conditions of rules: a small language over the columns of one table.

Names, literals, comparisons, ``and``/``or``/``not``, ``in`` and arithmetic; no calls, attributes or
subscripts. Every node is checked before anything is evaluated, and evaluation works on whole
columns, so that ``audit.flows.query(...)`` with the same text gives the same rows.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pandas as pd

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
_ALLOWED = (
    ast.Expression,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.Not,
    ast.USub,
    ast.Compare,
    ast.In,
    ast.NotIn,
    ast.BinOp,
    ast.Name,
    ast.Load,
    ast.Constant,
    ast.List,
    *_COMPARE,
    *_ARITHMETIC,
)
#: Longer conditions are no conditions; it also bounds the parser's recursion.
_MAX_LENGTH = 2000


class Condition:
    """One checked expression."""

    def __init__(self, text: str, columns: Collection[str]) -> None:
        """Raises ValueError, in words, for anything outside the language or the columns."""
        if len(text) > _MAX_LENGTH:
            raise ValueError(f"the condition is longer than {_MAX_LENGTH} characters")
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, RecursionError, MemoryError):
            raise ValueError(f"not an expression: {text.strip()!r}") from None
        for node in ast.walk(tree):
            if not isinstance(node, _ALLOWED):
                raise ValueError(f"{type(node).__name__} is not allowed in a condition")
            if isinstance(node, ast.Name) and node.id not in columns:
                raise ValueError(f"no column is called {node.id!r}")
            if isinstance(node, ast.Constant) and not isinstance(node.value, str | int | float):
                raise ValueError(f"{node.value!r} is not allowed in a condition")
        self._body = tree.body

    def __call__(self, table: pd.DataFrame) -> pd.Series[bool]:
        """Return which rows of the table fulfil the condition; a missing value never does."""
        value = _evaluate(self._body, table)
        if not isinstance(value, pd.Series):
            value = pd.Series(bool(value), index=table.index)
        return value.fillna(False).astype(bool)


def _evaluate(node: ast.expr, table: pd.DataFrame) -> Any:
    match node:
        case ast.Name(id=name):
            return table[name]
        case ast.Constant(value=value):
            return value
        case ast.List(elts=elements):
            return [_evaluate(element, table) for element in elements]
        case ast.BoolOp(op=op, values=values):
            parts = [_truth(_evaluate(value, table)) for value in values]
            result = parts[0]
            for part in parts[1:]:
                result = (result & part) if isinstance(op, ast.And) else (result | part)
            return result
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ~_truth(_evaluate(operand, table))
        case ast.UnaryOp(operand=operand):
            return -_evaluate(operand, table)
        case ast.BinOp(left=left, op=operation, right=right):
            apply = _ARITHMETIC[type(operation)]
            return apply(_evaluate(left, table), _evaluate(right, table))
        case ast.Compare():
            return _compare(node, table)
    raise AssertionError(f"unchecked node {type(node).__name__}")


def _compare(node: ast.Compare, table: pd.DataFrame) -> Any:
    left = _evaluate(node.left, table)
    result = None
    for operation, comparator in zip(node.ops, node.comparators, strict=True):
        right = _evaluate(comparator, table)
        if isinstance(operation, ast.In | ast.NotIn):
            part = left.isin(right if isinstance(right, list) else [right])
            part = ~part if isinstance(operation, ast.NotIn) else part
        else:
            part = _COMPARE[type(operation)](left, right)
        result = part if result is None else result & part
        left = right
    return result


def _truth(value: Any) -> Any:
    return value.fillna(False).astype(bool) if isinstance(value, pd.Series) else bool(value)
