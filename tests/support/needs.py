"""What a test needs of the machine it runs on, found out from what it calls.

A helper that needs something declares it once::

    @needs("root")
    class Namespace: ...

and every test from which that helper can be reached, through its fixtures and through any other
helper, gets the marker. It is reached when its name is read somewhere in the code that a test
leads to: a test that could call it counts as one that does.

Running tshark needs no helper: a function that uses ``subprocess`` and names the program is enough.
That nothing was overlooked is checked while tests run: ``check`` fails a test that gets to a helper
without its marker, and ``watch`` one that starts tshark without.
"""

from __future__ import annotations

import inspect
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeVar

import pytest
from paths import TESTS

Thing = TypeVar("Thing", bound=Callable[..., Any])

#: The markers that tests get from here; pyproject.toml says what they mean.
MARKERS = frozenset({"root", "bpf", "tshark", "browser", "slow"})


def needs(*names: str) -> Callable[[Thing], Thing]:
    """Declare what a helper needs, by names of markers."""
    assert MARKERS.issuperset(names)

    def declare(thing: Thing) -> Thing:
        inspect.unwrap(thing).needs = frozenset(names)  # type: ignore[attr-defined]
        return thing

    return declare


def needs_of(item: pytest.Item) -> set[str]:
    """Return the markers of all that a test can reach."""
    found: set[str] = set()
    for thing in reached(_begin(item)):
        found |= vars(thing).get("needs", frozenset())
        if isinstance(thing, FunctionType) and _runs_tshark(thing):
            found.add("tshark")
    return found


def reached(things: Iterable[object]) -> Iterator[FunctionType | type]:
    """Return every function and class of the tests that these things lead to, each once."""
    seen: set[int] = set()
    waiting = list(things)
    while waiting:
        thing = _bare(waiting.pop())
        if id(thing) in seen or not isinstance(thing, FunctionType | type):
            continue
        seen.add(id(thing))
        if isinstance(thing, type):
            if _is_ours(getattr(sys.modules.get(thing.__module__), "__file__", None)):
                yield thing
                waiting += [*thing.__bases__, *vars(thing).values()]
        elif _is_ours(thing.__code__.co_filename):
            yield thing
            waiting += _named(thing)


def why_not(name: str) -> str:
    """Return why this machine cannot run tests with a marker; empty: it can, or they find out."""
    if name == "root" and os.geteuid() != 0:
        return "it needs root"
    if name == "tshark" and shutil.which("tshark") is None:
        return "tshark is not installed"
    if name == "browser" and shutil.which("chromium") is None:
        return "chromium is not installed"
    return ""


# ---------------------------------------------------------------------------- while tests run

#: The test under way.
_current: pytest.Item | None = None


def begin(item: pytest.Item | None) -> None:
    """Take note of the test under way."""
    global _current  # noqa: PLW0603
    _current = item


def check(name: str) -> None:
    """Fail a test that needs what it is not marked for."""
    if _current is not None and _current.get_closest_marker(name) is None:
        raise AssertionError(f"{_current.nodeid} needs {name} and lacks the marker")


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Fail a test without the marker that starts tshark (an audit hook); ``doctor`` may ask for
    the version, and does so only where there is one."""
    if event == "subprocess.Popen":
        program, command = arguments[:2]
        if Path(str(program)).name == "tshark" and "--version" not in command:
            check("tshark")


# ---------------------------------------------------------------------------- inside


def _begin(item: pytest.Item) -> list[object]:
    assert isinstance(item, pytest.Function)
    things: list[object] = [item.obj]
    inner = getattr(item.obj, "hypothesis", None)
    things.append(getattr(inner, "inner_test", None))
    for definitions in item._fixtureinfo.name2fixturedefs.values():
        things += [definition.func for definition in definitions]
    if hasattr(item, "callspec"):
        things += item.callspec.params.values()
    return things


def _bare(thing: object) -> object:
    """Return the function behind a property, a decorator or a method."""
    if isinstance(thing, property):
        thing = thing.fget
    thing = getattr(thing, "__func__", thing)
    return inspect.unwrap(thing) if callable(thing) else thing


@cache
def _is_ours(file: str | None) -> bool:
    return file is not None and Path(file).is_relative_to(TESTS)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


@cache
def _named(function: FunctionType) -> tuple[object, ...]:
    """Return what the names in a function's code stand for."""
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    things = [cell.cell_contents for cell in function.__closure__ or ()]
    for name in names:
        thing = function.__globals__.get(name)
        things.append(thing)
        if isinstance(thing, ModuleType) and _is_ours(getattr(thing, "__file__", None)):
            things += [vars(thing).get(other) for other in names]
    return tuple(things)


@cache
def _runs_tshark(function: FunctionType) -> bool:
    for code in _codes(function.__code__):
        words = {word for one in code.co_consts for word in _words(one)}
        if "pyshark" in code.co_names or ("tshark" in words and "subprocess" in code.co_names):
            return True
    return False


def _words(constant: object) -> Iterator[object]:
    if isinstance(constant, tuple):
        yield from constant
    elif isinstance(constant, str):
        yield constant
