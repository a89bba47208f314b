"""Holds that the tests of each room cover its modules: 90 % of the lines of each.

A module of ``auditor/flows/`` is covered by what the tests below ``tests/flows/`` execute, not by
the tests of other rooms that come through it; a module at the top by those at the top of
``tests/``. What an import executes runs once, when whoever comes first imports the module: it
counts whoever that was.

Tests say whose they are by coverage's dynamic context (tests/conftest.py). Run after them::

    python tools/room_coverage.py [DATA_FILE [CHECKOUT]]
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from coverage import Coverage

#: Of a module's lines so many (%) are executed by tests of its room.
GATE = 90.0

#: Modules below the gate: the share (%) that each keeps, and why it cannot be more.
EXCEPTIONS: dict[str, tuple[float, str]] = {}


#: The context of what runs while tests are collected: imports, and functions that these call.
COLLECTING = ""


class Module(NamedTuple):
    """How much of a module the tests of its room execute."""

    name: str
    """Its path below the package, such as ``flows/hello/tls.py``."""
    lines: int
    missing: tuple[int, ...]

    @property
    def room(self) -> str:
        """Its room; of a module at the top, a dot."""
        return room_of(self.name)

    @property
    def share(self) -> float:
        """Share of its lines that are executed (%)."""
        return share([self])


def main(arguments: Sequence[str]) -> int:
    """Print the table and what is below the gate; return the exit code."""
    data = arguments[0] if arguments else ".coverage"
    here = Path(__file__).parents[1]
    root = Path(arguments[1]) if len(arguments) > 1 else here
    covered = Coverage(data_file=data, config_file=str(here / "pyproject.toml"))
    covered.load()
    package = root / "auditor"
    modules = [measure(covered, package, path) for path in sorted(package.rglob("*.py"))]
    modules = [module for module in modules if module.lines]
    found = list(violations(modules))
    print("\n".join([*table(modules), *found]))
    return 1 if found else 0


def room_of(name: str) -> str:
    """Return the room of a path below ``auditor/``: its first folder."""
    return Path(name).parts[0] if "/" in name else "."


def measure(covered: Coverage, package: Path, path: Path) -> Module:
    """Return how much of a module the tests of its room execute."""
    name = path.relative_to(package).as_posix()
    _, statements, _, _, _ = covered.analysis2(str(path))
    bodies = inside_functions(path.read_text(encoding="utf-8"))
    contexts = covered.get_data().contexts_by_lineno(str(path))
    ours = {room_of(name), COLLECTING}
    executed = {
        line for line, rooms in contexts.items() if line not in bodies or ours.intersection(rooms)
    }
    return Module(name, len(statements), tuple(x for x in statements if x not in executed))


def inside_functions(source: str) -> set[int]:
    """Return the lines of the bodies of all functions."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.update(range(node.body[0].lineno, (node.end_lineno or 0) + 1))
    return found


def share(modules: Collection[Module]) -> float:
    """Return the share of the lines of these modules that are executed (%)."""
    missing = sum(len(module.missing) for module in modules)
    return 100 * (1 - missing / sum(module.lines for module in modules))


def table(modules: Iterable[Module]) -> Iterator[str]:
    """Yield a line a room: its modules, their lines, how many are executed, the lowest module."""
    rooms: dict[str, list[Module]] = {}
    for module in modules:
        rooms.setdefault(module.room, []).append(module)
    yield "Lines executed by the tests of each room:"
    yield f"{'room':10} {'modules':>7} {'lines':>6} {'share':>8}  lowest module"
    for room, own in sorted(rooms.items()):
        lines = sum(module.lines for module in own)
        lowest = min(own, key=lambda module: module.share)
        yield (
            f"{room:10} {len(own):7} {lines:6} {share(own):6.1f} %  "
            f"{lowest.name} {lowest.share:.0f} %"
        )


def violations(modules: Iterable[Module]) -> Iterator[str]:
    """Yield a line for each module below its gate, and for each exception that is not needed."""
    unseen = set(EXCEPTIONS)
    for module in modules:
        unseen.discard(module.name)
        gate, _ = EXCEPTIONS.get(module.name, (GATE, ""))
        if module.share < gate:
            yield (
                f"auditor/{module.name}:{module.missing[0]}: {module.share:.0f} % of {module.lines}"
                f" lines are executed by tests of {module.room}, less than {gate:.0f} %: "
                f"not {ranges(module.missing)}"
            )
        elif gate < GATE <= module.share:
            told = f"{module.share:.0f} % are executed: it needs no exception"
            yield f"auditor/{module.name}:1: {told}"
    yield from (f"auditor/{name}:1: it has an exception and does not exist" for name in unseen)


def ranges(lines: Iterable[int]) -> str:
    """Return line numbers as ``3, 7-9``."""
    found: list[list[int]] = []
    for line in sorted(lines):
        if found and line == found[-1][-1] + 1:
            found[-1] = [found[-1][0], line]
        else:
            found.append([line])
    return ", ".join("-".join(map(str, one)) for one in found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
