"""Holds that the tests of each room cover its modules: 90 % of the lines of each.

A module of ``auditor/flows/`` is covered by what the tests below ``tests/flows/`` execute, not by
the tests of other rooms that come through it; a module at the top by those at the top of
``tests/``. Lines outside functions run once, when whoever comes first imports the module: they
count whoever that was.

Tests say whose they are by coverage's dynamic context (tests/conftest.py). Run after them::

    python tools/room_coverage.py [DATA_FILE]
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from coverage import Coverage, CoverageData

#: Of a module's lines so many (%) are executed by tests of its room.
GATE = 90.0

#: Modules that need not reach the gate, each with the reason and the share (%) that it keeps.
EXCEPTIONS: dict[str, tuple[float, str]] = {}

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "auditor"


@dataclass(frozen=True)
class Module:
    """How much of a module the tests of its room execute."""

    path: Path
    lines: int
    missing: tuple[int, ...]

    @property
    def name(self) -> str:
        """Its path below the package, such as ``flows/hello/tls.py``."""
        return self.path.relative_to(PACKAGE).as_posix()

    @property
    def room(self) -> str:
        """Its room; of a module at the top, a dot."""
        return room_of(self.path.relative_to(PACKAGE).parent.as_posix())

    @property
    def share(self) -> float:
        """Share of its lines that are executed (%)."""
        return 100 * (1 - len(self.missing) / self.lines) if self.lines else 100.0


def main(arguments: list[str]) -> int:
    """Print the table and the violations; return the exit code."""
    covered = Coverage(data_file=arguments[0] if arguments else None, config_file=True)
    covered.load()
    modules = [measure(covered, path) for path in sorted(PACKAGE.rglob("*.py"))]
    print("\n".join(table(modules)))
    found = list(violations(modules))
    print("\n".join(found))
    return 1 if found else 0


def room_of(folder: str) -> str:
    """Return the room of a folder below ``auditor/`` or ``tests/``: its first part."""
    return folder.partition("/")[0]


def measure(covered: Coverage, path: Path) -> Module:
    """Return how much of a module the tests of its room execute."""
    _, statements, _, _, _ = covered.analysis2(str(path))
    within = inside_functions(path.read_text(encoding="utf-8"))
    room = room_of(path.relative_to(PACKAGE).parent.as_posix())
    found = executed(covered.get_data(), path)
    missing = [
        line
        for line in statements
        if not any(line not in within or room_of(one) == room for one in found.get(line, ()))
    ]
    return Module(path, len(statements), tuple(missing))


def executed(data: CoverageData, path: Path) -> dict[int, list[str]]:
    """Return the contexts in which each line of a module was executed."""
    return data.contexts_by_lineno(str(path))


def inside_functions(source: str) -> Collection[int]:
    """Return the lines of all function bodies."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            body = node.body if isinstance(node.body, list) else [node.body]
            found.update(range(body[0].lineno, (body[-1].end_lineno or 0) + 1))
    return found


def table(modules: Collection[Module]) -> Iterator[str]:
    """Yield one line a room: modules, lines, share executed, and its lowest module."""
    yield f"{'room':10} {'modules':>7} {'lines':>6} {'covered':>8}  lowest"
    for room in sorted({module.room for module in modules}):
        own = [module for module in modules if module.room == room]
        lines = sum(module.lines for module in own)
        share = 100 * (1 - sum(len(module.missing) for module in own) / lines) if lines else 100.0
        lowest = min(own, key=lambda module: module.share)
        yield (f"{room:10} {len(own):7} {lines:6} {share:7.1f}%  {lowest.name} {lowest.share:.0f}%")


def violations(modules: Collection[Module]) -> Iterator[str]:
    """Yield one line for each module that its room's tests cover too little."""
    for module in modules:
        gate, _ = EXCEPTIONS.get(module.name, (GATE, ""))
        if module.share < gate:
            yield (
                f"auditor/{module.name}: {module.share:.0f}% of {module.lines} lines are executed "
                f"by tests of {module.room}, less than {gate:.0f}%; missing {ranges(module.missing)}"
            )


def ranges(lines: Collection[int]) -> str:
    """Return line numbers as ``3, 7-9``."""
    found: list[list[int]] = []
    for line in sorted(lines):
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
