"""Evaluates a checked condition on all rows of a table at once.

Missing values are those of pandas' nullable dtypes, so that a condition can be pasted into
``DataFrame.query``: a comparison with a missing number is neither true nor false, ``and``, ``or``
and ``not`` are Kleene's, ``in`` is false, and a missing time differs from every time.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from auditor.judge.tables.arrays import Cells, Mask, compared
from auditor.judge.tables.table import Table

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


def evaluate(node: ast.expr, table: Table) -> Cells:
    """Return what a part of a condition is in each row; of a constant, ``values`` is its value."""
    match node:
        case ast.Name(id=name):
            return compared(table, name)
        case ast.Constant(value=value):
            return Cells(value, None)
        case ast.BoolOp(op=operation, values=operands):
            join = _and if isinstance(operation, ast.And) else _or
            return reduce(join, (evaluate(operand, table) for operand in operands))
        case ast.UnaryOp(op=operation, operand=operand):
            values, known = evaluate(operand, table)
            return Cells(~values if isinstance(operation, ast.Not) else -values, known)
        case ast.BinOp(left=left, op=operation, right=right):
            return _reckon(type(operation), evaluate(left, table), evaluate(right, table))
        case ast.Compare():
            return _compare(node, table)
    raise AssertionError(f"unchecked node {type(node).__name__}")


def _and(left: Cells, right: Cells) -> Cells:
    """What is false in one part is false, whatever is missing in the other."""
    if left.known is None and right.known is None:
        return Cells(left.values & right.values, None)
    true = _is(left, True) & _is(right, True)
    return Cells(true, true | _is(left, False) | _is(right, False))


def _or(left: Cells, right: Cells) -> Cells:
    """What is true in one part is true, whatever is missing in the other."""
    if left.known is None and right.known is None:
        return Cells(left.values | right.values, None)
    true = _is(left, True) | _is(right, True)
    return Cells(true, true | (_is(left, False) & _is(right, False)))


def _is(part: Cells, wanted: bool) -> Mask:
    found: Mask = part.values if wanted else ~part.values
    return found if part.known is None else found & part.known


def _both_known(left: Cells, right: Cells) -> Mask | None:
    if left.known is None or right.known is None:
        return right.known if left.known is None else left.known
    return left.known & right.known


def _reckon(operation: type[ast.operator], left: Cells, right: Cells) -> Cells:
    """Whole numbers become real ones, which cannot overflow; what is no number is missing."""
    with np.errstate(all="ignore"):
        values = _ARITHMETIC[operation](_real(left.values), _real(right.values))
    known, number = _both_known(left, right), ~np.isnan(values)
    return Cells(values, number if known is None else known & number)


def _real(values: Any) -> Any:
    return values.astype(np.float64) if isinstance(values, np.ndarray) else np.float64(values)


def _compare(node: ast.Compare, table: Table) -> Cells:
    parts = []
    left = node.left
    for operation, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(right, ast.List):
            found = _member(evaluate(left, table), right)
            parts.append(Cells(found if isinstance(operation, ast.In) else ~found, None))
        else:
            sides = evaluate(left, table), evaluate(right, table)
            parts.append(_relate(type(operation), *sides, time=_is_time(left, table)))
        left = right
    return reduce(_and, parts)


def _relate(operation: type[ast.cmpop], left: Cells, right: Cells, *, time: bool) -> Cells:
    values, known = _COMPARE[operation](left.values, right.values), _both_known(left, right)
    if not time or known is None:
        return Cells(values, known)
    return Cells(values | ~known if operation is ast.NotEq else values & known, None)


def _member(part: Cells, listed: ast.List) -> Mask:
    elements = [element.value for element in listed.elts if isinstance(element, ast.Constant)]
    found: Mask = reduce(operator.or_, (part.values == element for element in elements))
    return found if part.known is None else found & part.known


def _is_time(node: ast.expr, table: Table) -> bool:
    return isinstance(node, ast.Name) and table.columns[node.id].dtype == "time"
