"""A checkout as it is measured: modules, lines, functions, imports."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import NamedTuple

from structure_imports import PACKAGE, Import, imports, module_names, parsed

_C_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_BLANK_OR_COMMENT = re.compile(r"\s*(#|$)")


class Function(NamedTuple):
    """A function or method, also one inside another."""

    path: Path
    line: int
    """Of its ``def``: decorators do not count."""
    name: str
    lines: int


@dataclass(frozen=True)
class Source:
    """A checkout, read."""

    root: Path
    modules: dict[str, Path]
    """Path of each module of the package by its dotted name."""
    lines: dict[Path, int]
    """Of every Python and C file of the package, and of tools/."""
    functions: tuple[Function, ...]
    """Of the package and of tools/."""
    imports: tuple[Import, ...]

    @property
    def package(self) -> Path:
        """The folder of the package."""
        return self.root / PACKAGE

    @property
    def median(self) -> float:
        """Lines of the median module of the package."""
        return statistics.median(self.lines[path] for path in self.modules.values())

    @property
    def p95(self) -> int:
        """Lines that 95 % of the package's functions do not exceed."""
        lengths = sorted(one.lines for one in self.functions if self._is_inside(one.path))
        return lengths[ceil(0.95 * len(lengths)) - 1] if lengths else 0

    @cached_property
    def source_lines(self) -> int:
        """Lines of code of the package, Python and C."""
        return sum(code_lines(path) for path in self.lines if self._is_inside(path))

    @cached_property
    def test_lines(self) -> int:
        """Lines of code of the tests and their helpers."""
        return sum(code_lines(path) for path in (self.root / "tests").rglob("*.py"))

    def _is_inside(self, path: Path) -> bool:
        return path.is_relative_to(self.package)


def read(root: Path) -> Source:
    """Read a checkout."""
    modules = module_names(root)
    python = [*modules.values(), *sorted((root / "tools").glob("*.py"))]
    files = [*python, *sorted((root / PACKAGE).rglob("*.[ch]"))]
    return Source(
        root,
        modules,
        {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files},
        tuple(function for path in python for function in functions(path)),
        tuple(imports(modules)),
    )


def code_lines(path: Path) -> int:
    """Return the lines of a Python or C file that are not blank, comment or docstring."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = _C_COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
        return sum(1 for line in text.splitlines() if line.strip())
    lines = text.splitlines()
    found = {line for line, one in enumerate(lines, 1) if not _BLANK_OR_COMMENT.match(one)}
    for statement in statements(parsed(path)):
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                found.difference_update(range(statement.lineno, (statement.end_lineno or 0) + 1))
            case _:
                pass
    return len(found)


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all statements below a node, with what parts them such as ``except``."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        for statement in getattr(node, part, ()):
            yield statement
            yield from statements(statement)


def functions(path: Path) -> list[Function]:
    """Return the functions of a file."""
    return [
        Function(path, node.lineno, node.name, (node.end_lineno or 0) - node.lineno + 1)
        for node in statements(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
