"""Which module imports which, which room may import which, and circles of either.

Every import counts: those inside functions, those for type checkers only, and those by name
(``import_module("auditor.x")``, also in a table of names, and ``f"auditor.x.{name}"``: all of x).
That a module makes Python run the ``__init__`` of its package first is no import.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PACKAGE = "auditor"


class Room(NamedTuple):
    """A folder of the package, or a module at its top."""

    name: str
    imports: str
    """Rooms it may import, and with each whatever that one may import."""
    why: str


#: The one direction of imports: a room names rooms above it only.
ROOMS = (
    Room("errors", "", "what is refused is one tree of exceptions"),
    Room("version", "", "every room may write it"),
    Room("text", "errors", "text from outside is read and shown in one way"),
    Room("outputs", "text errors", "files are written in one way, whatever they hold"),
    Room("kernels", "outputs", "a compiler knows nothing of what it compiles"),
    Room("packets", "text errors kernels", "bytes become segments without knowing connections"),
    Room("flows", "packets", "connections are followed without knowing any configuration"),
    Room("evidence", "flows version", "what is kept does not depend on a configuration"),
    Room("engines", "evidence", "who thins many captures knows nothing of what becomes of them"),
    Room("capture", "evidence", "the process with rights loads nothing that judges"),
    Room("config", "text errors", "files become resources without knowing packets"),
    Room("site", "config outputs", "who may connect to whom is known before any packet is read"),
    Room("judge", "flows site", "a verdict comes from flows and the site, not from files"),
    Room("opinion", "", "what another program says is data"),
    Room("presentation", "", "an audit shows itself by what it does not know"),
    Room("result", "judge opinion presentation", "an audit is data, not the calls that make it"),
    Room("second_opinion", "result", "another program is asked, apart from all that judges"),
    Room("pipeline", "capture engines result", "joins all rooms that compute, and shows nothing"),
    Room("comparison", "result", "two audits are compared as data"),
    Room("report", "comparison version", "a report shows what an audit holds"),
    Room("notebook", "report", "pictures and outputs for whoever audits from Python"),
    Room("loading", "pipeline notebook", "what a call was given becomes a network or an audit"),
    Room("sharing", "loading", "what is handed to others is made in one place"),
    Room("api", "sharing second_opinion", "the public calls"),
    Room("cli", "api", "nothing but the command line prints, exits or asks for rights"),
    Room("__init__", "api version", "the public names"),
    Room("__main__", "cli", "python -m auditor"),
)


@dataclass(frozen=True)
class Import:
    """One import statement."""

    module: str
    """Dotted name of the module that imports."""
    target: str
    """Dotted name of the module that is imported."""
    path: Path
    line: int


def allowed(rooms: tuple[Room, ...] = ROOMS) -> dict[str, frozenset[str]]:
    """Return all rooms that each room may import, itself among them.

    Raises ValueError for a room that names one which is not above it: rooms form no circle.
    """
    found: dict[str, frozenset[str]] = {}
    for room in rooms:
        named = room.imports.split()
        if not found.keys() >= set(named):
            raise ValueError(f"{room.name} may import rooms above it only, not {room.imports}")
        found[room.name] = frozenset({room.name}).union(*(found[name] for name in named))
    return found


def module_names(root: Path) -> dict[str, Path]:
    """Return the modules of a checkout: path by dotted name, a package by its ``__init__``."""
    found = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def parsed(path: Path) -> ast.Module:
    """Return a module's syntax tree. To keep them costs more than to parse twice: each one kept is
    looked at again whenever Python looks for garbage."""
    return ast.parse(path.read_text(encoding="utf-8"))


def room_of(module: str) -> str:
    """Return the room of a module by its dotted name."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(modules: Mapping[str, Path]) -> list[Import]:
    """Return every import of one module by another."""
    found = []
    for module, path in modules.items():
        for node in ast.walk(parsed(path)):
            targets = {_resolve(name, modules) for name in _names(node, module, path, modules)}
            found += [
                Import(module, target, path, getattr(node, "lineno", 1))
                for target in sorted(targets - {"", module})
            ]
    return found


def _names(node: ast.AST, module: str, path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    """Yield the dotted names that a node imports."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=base, names=names, level=level):
            if level:
                package = module.split(".") if path.stem == "__init__" else module.split(".")[:-1]
                start = package[: len(package) - level + 1]
                base = ".".join([*start, *([base] if base else [])])
            yield from (f"{base}.{alias.name}" for alias in names)
        case ast.Constant(value=str(text)) if text in modules and "." in text:
            yield text
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]) if text[:-1] in modules:
            yield from (name for name in modules if name.rpartition(".")[0] == text[:-1])
        case _:
            pass


def _resolve(name: str, modules: Mapping[str, Path]) -> str:
    """Return the module that a dotted name is, or is in; empty: none of ours."""
    for known in (name, name.rpartition(".")[0]):
        if known in modules:
            return known
    return ""


def circles(found: Iterable[Import]) -> Iterator[list[Import]]:
    """Yield circles of imports, shortest first, no import in two of them: each wants a repair."""
    edges: dict[str, dict[str, Import]] = {}
    for one in found:
        edges.setdefault(one.module, {}).setdefault(one.target, one)
    while found_here := [way for start in sorted(edges) if (way := _way(edges, start))]:
        shortest = min(found_here, key=len)
        yield shortest
        for one in shortest:
            del edges[one.module][one.target]


def _way(edges: Mapping[str, Mapping[str, Import]], start: str) -> list[Import]:
    """Return a shortest way from a module back to it; empty: there is none."""
    reached: dict[str, list[Import]] = {start: []}
    waiting = [start]
    for module in waiting:
        for target, one in sorted(edges.get(module, {}).items()):
            if target == start:
                return [*reached[module], one]
            if target not in reached:
                reached[target] = [*reached[module], one]
                waiting.append(target)
    return []
