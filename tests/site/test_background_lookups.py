"""Names that another process asks for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from select import select

import pytest

from auditor.site.background_lookups import BackgroundLookups
from auditor.site.resolver import Resolver

#: In place of the real program: answers on all names but those with ``dead``, whose end it awaits.
FAKE = """\
import sys
names = list(iter(lambda: sys.stdin.readline().strip(), ""))
for name in names:
    if "dead" not in name:
        print(name, "10.0.0.7 fe80::1%eth0" if "none" not in name else "", sep="\\t", flush=True)
if any("dead" in name for name in names):
    sys.stdin.read()
"""


@pytest.fixture
def begun(tmp_path: Path) -> Callable[..., BackgroundLookups]:
    program = tmp_path / "fake.py"
    program.write_text(FAKE)

    def begin(*names: str, answered: int) -> BackgroundLookups:
        lookups = BackgroundLookups(str(program))
        lookups.ask(names)
        while lookups._found >= 0 and len(lookups._answers) < answered:
            assert select([lookups._found], [], [], 60)[0]
            lookups._read()
        return lookups

    return begin


def test_answers_come_as_they_are_known(begun: Callable[..., BackgroundLookups]) -> None:
    lookups = begun("dead.example", "a.example", "none.example", "b c", answered=2)
    assert lookups.answer("a.example", 60) == ("10.0.0.7", "fe80::1%eth0")
    assert lookups.answer("none.example", 60) == ()
    assert lookups.answer("b c", 60) == ()
    assert lookups.answer("dead.example", 60) is None
    assert not lookups.complete
    lookups.close()
    assert lookups.complete


def test_when_all_is_answered_it_is_complete(begun: Callable[..., BackgroundLookups]) -> None:
    lookups = begun("a", "b", answered=3)
    assert lookups.complete
    assert lookups.answer("b", 0) is not None
    assert lookups.answer("never asked for", 0) == ()
    assert lookups.answer("never-asked-for", 0) is None


def test_a_resolver_takes_what_is_there(begun: Callable[..., BackgroundLookups]) -> None:
    resolver = Resolver(lookups=begun("dead", "a", answered=1))
    assert resolver.resolve("A.") == {"10.0.0.7", "fe80::1"}
    assert resolver.resolve("dead") == frozenset()
    assert resolver.late == {"dead"}


def test_the_other_process_ends_with_this_ones_interest(
    begun: Callable[..., BackgroundLookups], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    spawn = os.posix_spawn
    monkeypatch.setattr(
        os, "posix_spawn", lambda *args, **how: started.append(spawn(*args, **how)) or started[-1]
    )
    lookups = begun("dead", "a", answered=1)
    lookups.close()
    assert os.waitstatus_to_exitcode(os.waitpid(started[0], 0)[1]) == 0


def test_without_another_process_nothing_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    lookups = BackgroundLookups()
    lookups.ask(["a"])
    assert lookups.complete
    assert lookups.answer("a", 0) is None
    assert BackgroundLookups().complete
