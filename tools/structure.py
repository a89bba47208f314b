"""Holds how the source is laid out: who may import whom, sizes, names, and where tests lie.

::

    python tools/structure.py [--explain] [CHECKOUT]

Prints one line a violation, file and line first, with the rule and its reason, and then exits with
1. ``--explain`` prints all rules and today's figures. Nothing is imported: sources are only parsed.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from structure_imports import PACKAGE, ROOMS, allowed, circles, room_of
from structure_source import Source, read

MODULE_LINES, MEDIAN_LINES = 250, 130
FUNCTION_LINES, P95_LINES = 60, 45
SAME_NAME = 2

#: Every rule: what holds, and why.
RULES = {
    "rooms": "a room imports only what lies before it: what comes early can be understood, tested "
    "and used without what comes late",
    "circle": "no circle of imports, lazy ones and those for type checkers included: two modules "
    "in a circle are one module in two files",
    "module-size": f"no module has more than {MODULE_LINES} lines: a longer one does two things",
    "median-size": f"the median module has at most {MEDIAN_LINES} lines: it is read in one go",
    "function-size": f"no function has more than {FUNCTION_LINES} lines from its def to its end: "
    "it fits on a screen",
    "p95-size": f"95 % of functions have at most {P95_LINES} lines: long ones stay exceptions",
    "same-name": f"no file name occurs more than {SAME_NAME} times in {PACKAGE}/: people name a "
    "module by its file",
    "waived": "nothing waives docstrings (D), annotations (ANN) or all checks of a line at once: "
    "ruff and mypy hold that every public name is documented and every function typed",
    "mirror": f"tests/<room>/ mirrors {PACKAGE}/<room>/, folder by folder: who edits a module "
    "finds what to run",
    "test-lines": "at least as many lines of tests (tests/**/*.py) as of source (auditor/**/*.py, "
    "*.c, *.h); what is blank, comment or docstring counts on neither side",
}

_WAIVERS = re.compile(r"#\s*(?:noqa(?!:)|noqa:[^#]*\b(?:D|ANN)\d+|type:\s*ignore(?!\[))")


class Violation(NamedTuple):
    """What breaks a rule, and where."""

    path: Path
    line: int
    what: str
    rule: str


def main(arguments: list[str]) -> int:
    """Print what breaks a rule, or the rules; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("checkout", type=Path, nargs="?", default=Path(__file__).parents[1])
    parser.add_argument("--explain", action="store_true", help="print the rules and the figures")
    given = parser.parse_args(arguments)
    source = read(given.checkout)
    if given.explain:
        print("\n".join(explanation(source)))
        return 0
    found = list(violations(source))
    for path, line, what, rule in found:
        print(f"{path.relative_to(source.root)}:{line}: {what} ({rule}: {RULES[rule]})")
    return 1 if found else 0


def explanation(source: Source) -> Iterator[str]:
    """Yield the rules and today's figures, a line each."""
    yield from (f"{rule}: {text}" for rule, text in RULES.items())
    yield ""
    yield "A room may import those behind its arrow, and what these may import:"
    yield from (f"  {name:9} <- {imports or '(none)':19}  {why}" for name, imports, why in ROOMS)
    yield ""
    largest = max(source.modules.values(), key=lambda path: source.lines[path])
    longest = max(source.functions, key=lambda function: function.lines)
    yield (
        f"{len(source.modules)} modules, median {source.median:.0f} lines, largest "
        f"{largest.relative_to(source.root)}, {source.lines[largest]}"
    )
    yield (
        f"{len(source.functions)} functions, 95 % up to {source.p95} lines, longest "
        f"{longest.path.relative_to(source.root)}:{longest.line} {longest.name}, {longest.lines}"
    )
    yield f"{source.source_lines} lines of source, {source.test_lines} of tests"


def violations(source: Source) -> Iterator[Violation]:
    """Yield what breaks a rule."""
    yield from _imports(source)
    yield from _sizes(source)
    yield from _names(source)
    yield from _waivers(source)
    yield from _mirror(source)
    if source.test_lines < source.source_lines:
        what = f"{source.test_lines} lines of tests for {source.source_lines} of source"
        yield Violation(source.root / "tests", 1, what, "test-lines")


def _imports(source: Source) -> Iterator[Violation]:
    rooms = allowed()
    for name, path in source.modules.items():
        if room_of(name) not in rooms:
            yield Violation(path, 1, f"{room_of(name)} is no room of the table", "rooms")
    for one in source.imports:
        room, other = room_of(one.module), room_of(one.target)
        if room in rooms and other not in rooms[room]:
            yield Violation(one.path, one.line, f"{room} imports {one.target}", "rooms")
    for circle in circles(source.imports):
        way = " -> ".join([one.module for one in circle] + [circle[0].module])
        yield Violation(circle[0].path, circle[0].line, way, "circle")


def _sizes(source: Source) -> Iterator[Violation]:
    for path, lines in source.lines.items():
        if lines > MODULE_LINES:
            yield Violation(path, lines, f"{lines} lines", "module-size")
    for path, line, name, lines in source.functions:
        if lines > FUNCTION_LINES:
            yield Violation(path, line, f"{name} has {lines} lines", "function-size")
    if source.median > MEDIAN_LINES:
        what = f"the median module has {source.median:.0f} lines"
        yield Violation(source.package, 1, what, "median-size")
    if source.p95 > P95_LINES:
        what = f"of 20 functions one or more has over {P95_LINES} lines"
        yield Violation(source.package, 1, what, "p95-size")


def _names(source: Source) -> Iterator[Violation]:
    same = defaultdict(list)
    for path in source.modules.values():
        if path.name != "__init__.py":
            same[path.name].append(path)
    for name, paths in same.items():
        if len(paths) > SAME_NAME:
            others = ", ".join(str(path.relative_to(source.root)) for path in paths[:-1])
            yield Violation(paths[-1], 1, f"{name} is the name of {others} too", "same-name")


def _waivers(source: Source) -> Iterator[Violation]:
    for path in source.lines:
        if path.suffix == ".py":
            for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                waiver = _WAIVERS.search(text)
                if waiver:
                    yield Violation(path, line, waiver[0], "waived")


def _mirror(source: Source) -> Iterator[Violation]:
    """Tests of what is no room (notebooks/, tools/ ...) mirror that folder of the checkout."""
    tests = source.root / "tests"
    homes = {
        path.parent.relative_to(source.package)
        for path in source.modules.values()
        if path.name != "__init__.py"
    }
    tested = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    for folder in sorted(tested - {Path("support")}):
        if not (source.package / folder).is_dir() and not (source.root / folder).is_dir():
            yield Violation(tests / folder, 1, f"{PACKAGE}/{folder} does not exist", "mirror")
    for folder in sorted(homes - tested):
        yield Violation(source.package / folder, 1, f"tests/{folder} has no test", "mirror")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
