"""Checks a condition before it runs: only what the language has, and only what fits together.

Kinds are checked as well as nodes: ``"a" * 1000000000`` is made of allowed parts.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from auditor.judge.tables.column import Column

_NUMBER, _TEXT, _FLAG, _TIME = "a number", "text", "yes or no", "a time"
_KINDS = {"Int64": _NUMBER, "Float64": _NUMBER, "str": _TEXT, "bool": _FLAG, "time": _TIME}

#: Whole numbers above this are not exact as real ones.
_MAX_NUMBER = 1 << 53
#: Bounds the recursion of everything that walks a condition.
_MAX_DEPTH = 25

_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_EQUALITY = (ast.Eq, ast.NotEq)
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_MEMBERSHIP = (ast.In, ast.NotIn)


def check(condition: ast.expr, columns: Mapping[str, Column]) -> None:
    """Raise ValueError, in words, unless this is a condition over these columns."""
    kind = _Checker(columns).kind(condition, 0)
    if kind != _FLAG or isinstance(condition, ast.Constant):
        raise ValueError(f"{_shown(condition)} is no condition but {kind}")


class _Checker:
    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns

    def kind(self, node: ast.expr, depth: int) -> str:
        """Return what a part of a condition is; raise ValueError where it may not be there."""
        if depth > _MAX_DEPTH:
            raise ValueError(f"the condition is nested deeper than {_MAX_DEPTH} levels")
        match node:
            case ast.Name(id=name):
                return self._column(name)
            case ast.Constant(value=value):
                return _constant(value)
            case ast.BoolOp(values=operands):
                for operand in operands:
                    self._flag(operand, depth)
                return _FLAG
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self._flag(operand, depth)
                return _FLAG
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._number(operand, depth)
            case ast.BinOp(left=left, op=operation, right=right):
                if not isinstance(operation, _ARITHMETIC):
                    raise _not_allowed(operation)
                if not _has_column(node):
                    raise ValueError(f"write the result instead of {_shown(node)}")
                self._number(left, depth)
                return self._number(right, depth)
            case ast.Compare():
                return self._compare(node, depth)
        raise _not_allowed(node)

    def _column(self, name: str) -> str:
        if name not in self._columns:
            raise ValueError(f"no column is called {name!r}")
        kind = _KINDS.get(self._columns[name].dtype)
        if kind is None:
            raise ValueError(f"{name!r} is a list, which no condition can judge")
        return kind

    def _flag(self, node: ast.expr, depth: int) -> None:
        kind = self.kind(node, depth + 1)
        if kind != _FLAG or isinstance(node, ast.Constant):
            raise ValueError(f"{_shown(node)} is no condition but {kind}")

    def _number(self, node: ast.expr, depth: int) -> str:
        kind = self.kind(node, depth + 1)
        if kind != _NUMBER:
            raise ValueError(f"{_shown(node)} is {kind}, and no number to reckon with")
        return _NUMBER

    def _compare(self, node: ast.Compare, depth: int) -> str:
        left = node.left
        kind = self.kind(left, depth + 1)
        for operation, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operation, _MEMBERSHIP):
                self._member(node, kind, right, depth)
                continue
            if not isinstance(operation, (*_EQUALITY, *_ORDER)):
                raise _not_allowed(operation)
            other = self.kind(right, depth + 1)
            if other != kind:
                raise ValueError(f"{_shown(left)} is {kind}, but {_shown(right)} is {other}")
            if isinstance(operation, _ORDER) and kind not in {_NUMBER, _TIME}:
                raise ValueError(f"{_shown(left)} is {kind}, which has no order")
            if not (_has_column(left) or _has_column(right)):
                raise ValueError(f"{_shown(node)} compares no column")
            self._word(left, right)
            self._word(right, left)
            left = right
        return _FLAG

    def _member(self, node: ast.Compare, kind: str, right: ast.expr, depth: int) -> None:
        if len(node.ops) > 1 or not _has_column(node.left):
            raise ValueError("'in' needs one column before it and one list behind it")
        if not isinstance(right, ast.List) or not right.elts:
            raise ValueError('\'in\' needs a list such as ["6", "7"] behind it')
        for element in right.elts:
            plain = isinstance(element, ast.Constant)
            if not plain or self.kind(element, depth + 1) != kind:
                raise ValueError(f"{_shown(element)} in the list is not {kind}")
            self._word(node.left, element)

    def _word(self, part: ast.expr, constant: ast.expr) -> None:
        """Refuse a text that the column it is compared with never holds."""
        if not isinstance(part, ast.Name) or not isinstance(constant, ast.Constant):
            return
        column = self._columns[part.id]
        words = column.listed_words()
        # No text is what is missing, of which a rule may ask in any column.
        if not words or constant.value in ("", *words):
            return
        empty = ' or ""' if column.optional else ""
        raise ValueError(
            f"{part.id!r} is never {_shown(constant)}, it is one of: {', '.join(words)}{empty}"
        )


def _constant(value: object) -> str:
    match value:
        case bool():
            return _FLAG
        case str():
            return _TEXT
        case int() | float() if abs(value) <= _MAX_NUMBER:
            return _NUMBER
        case int() | float():
            raise ValueError("a number is too large for a condition")
    raise ValueError(f"{type(value).__name__} is not allowed in a condition")


def _has_column(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) for part in ast.walk(node))


def _not_allowed(node: ast.AST) -> ValueError:
    return ValueError(f"{type(node).__name__} is not allowed in a condition")


def _shown(node: ast.expr) -> str:
    """Return a part as written, cut to a length that fits into a sentence."""
    match node:
        case ast.Name(id=name):
            return repr(name)
        case ast.Constant(value=value):
            return repr(value)[:80]
    return f"the part with {type(node).__name__}"
