"""Names are asked for together, and no dead one keeps anybody waiting."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.site import lookups
from auditor.site.lookups import MOST_AT_ONCE, Lookups, addresses_of, askable
from auditor.site.resolver import Resolver


class FakeSystem:
    """A resolver that never answers on names with ``dead``, until the test is over."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.over = threading.Event()
        self.most = self.now = 0
        self.lock = threading.Lock()

    def getaddrinfo(self, name: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        with self.lock:
            self.asked.append(name)
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            if "dead" in name:
                self.over.wait(60)
                raise socket.gaierror
            return [(0, 0, 0, "", ("10.0.0.7", 0)), (0, 0, 0, "", ("10.0.0.7", 0))]
        finally:
            with self.lock:
                self.now -= 1


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSystem]:
    fake = FakeSystem()
    monkeypatch.setattr(socket, "getaddrinfo", fake.getaddrinfo)
    yield fake
    fake.over.set()


def test_names_are_asked_for_once_and_together(system: FakeSystem) -> None:
    asked = Lookups()
    asked.ask(["a", "dead1", "a"])
    asked.ask(["a", "b"])
    assert asked.answer("b", 60) == asked.answer("a", 60) == ("10.0.0.7",)
    assert asked.answer("dead1", 0) is None
    assert sorted(system.asked) == ["a", "b", "dead1"]


def test_so_many_dead_names_take_one_time_out_together(system: FakeSystem) -> None:
    """Twelve took a hundred seconds, one after the other."""
    resolver = Resolver(timeout=0.3)
    names = [f"dead{number}.example" for number in range(30)]
    resolver.ask_for([*names, "alive.example"])
    assert resolver.resolve("alive.example") == {"10.0.0.7"}
    assert [resolver.resolve(name) for name in names] == [frozenset()] * 30
    assert resolver.late == resolver.unresolved == set(names)
    assert system.most >= 30


def test_a_name_that_was_not_foreseen_has_the_rest_of_the_time(system: FakeSystem) -> None:
    resolver = Resolver(timeout=0.2)
    assert resolver.resolve("alive") == {"10.0.0.7"}
    assert resolver.resolve("dead") == frozenset()
    assert resolver.late == {"dead"}
    assert system.asked == ["alive", "dead"]


def test_threads_are_bounded_and_keep_no_process_from_its_end(system: FakeSystem) -> None:
    asked = Lookups()
    before = set(threading.enumerate())
    asked.ask([f"dead{number}" for number in range(10 * MOST_AT_ONCE)])
    threads = set(threading.enumerate()) - before
    assert len(threads) == MOST_AT_ONCE
    assert all(thread.daemon for thread in threads)
    asked.stop()
    system.over.set()
    for thread in threads:
        thread.join(60)
    assert len(system.asked) <= MOST_AT_ONCE
    asked.ask(["later"])
    assert asked.answer("later", 60) == ("10.0.0.7",)


def test_only_what_the_tables_do_not_know_is_asked_for(system: FakeSystem) -> None:
    resolver = Resolver({"known": frozenset({"10.0.0.1"})})
    resolver.ask_for(["Known.", "10.0.0.5", "localhost", "", "Asked", "::1"])
    assert resolver.resolve("asked") == {"10.0.0.7"}
    assert system.asked == ["asked"]
    Resolver(system=False).ask_for(["nobody"])
    assert system.asked == ["asked"]


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "a\0b", "x" * 254, "\ud800"])
def test_what_cannot_be_a_name_is_not_asked_for(system: FakeSystem, name: str) -> None:
    assert not askable(name)
    assert addresses_of(name) == ()
    assert system.asked == []


def test_as_a_program_it_answers_as_it_learns_and_ends_with_its_input() -> None:
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(Path(lookups.__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as asked:
        assert asked.stdin is not None and asked.stdout is not None
        asked.stdin.write(b"127.0.0.9\n::1\n\n")
        asked.stdin.flush()
        found = sorted(asked.stdout.readline() for _ in range(2))
        assert found == [b"127.0.0.9\t127.0.0.9\n", b"::1\t::1\n"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as waiting:
        assert waiting.stdin is not None
        waiting.stdin.close()
        assert waiting.wait(60) == 0


@pytest.mark.root
def test_as_a_program_it_has_no_rights() -> None:
    code = (
        f"import runpy; room = runpy.run_path({lookups.__file__!r}); room['give_up_rights']();"
        "print([l.split()[1] for l in open('/proc/self/status') if l[:3] in ('Uid', 'Cap')])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, timeout=60, check=True
    )
    shown = done.stdout.decode().replace("'", "").strip("[]\n").split(", ")
    user, inheritable, permitted, effective, *_ = shown
    assert user == "65534" if os.geteuid() == 0 else user == str(os.geteuid())
    assert {int(one, 16) for one in (inheritable, permitted, effective)} == {0}


class Rights:
    """What root gives up, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, user: int) -> None:
        self.given: list[tuple[object, ...]] = []
        monkeypatch.setattr("os.geteuid", lambda: user)
        for name in ("setgroups", "setresgid", "setresuid"):
            monkeypatch.setattr(f"os.{name}", lambda *to, name=name: self.given.append((name, *to)))
        monkeypatch.setattr("ctypes.CDLL", lambda _: self)

    def capset(self, header: object, sets: object) -> None:
        self.given.append(("capset", next(iter(header)), any(sets)))  # type: ignore[call-overload]


NOBODY, CAPABILITIES = 65534, ("capset", 0x20080522, False)


@pytest.mark.parametrize(
    ("user", "given"),
    [
        (
            0,
            [
                ("setgroups", []),
                ("setresgid", *[NOBODY] * 3),
                ("setresuid", *[NOBODY] * 3),
                CAPABILITIES,
            ],
        ),
        (1000, [CAPABILITIES]),
    ],
)
def test_who_asks_for_root_is_nobody_and_groups_go_first(
    monkeypatch: pytest.MonkeyPatch, user: int, given: list[object]
) -> None:
    rights = Rights(monkeypatch, user)
    lookups.give_up_rights()
    assert rights.given == given


def test_the_process_answers_each_line_until_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lookups, "give_up_rights", lambda: None)
    monkeypatch.setattr(lookups, "_end_with_input", lambda: None)
    monkeypatch.setattr("sys.stdin", io.StringIO("one.example\nbad name\n\nnever.example\n"))
    monkeypatch.setattr(socket, "getaddrinfo", FakeSystem().getaddrinfo)
    lookups.main()
    assert sorted(capsys.readouterr().out.splitlines()) == ["bad name\t", "one.example\t10.0.0.7"]


def test_the_process_ends_with_its_input(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    monkeypatch.setattr("os._exit", ended.append)
    lookups._end_with_input()
    assert ended == [0]


def test_who_stops_asks_for_nothing_that_still_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    system = FakeSystem()
    monkeypatch.setattr(socket, "getaddrinfo", system.getaddrinfo)
    asked = Lookups()
    asked.ask([f"dead{n}.example" for n in range(MOST_AT_ONCE + 5)])
    asked.stop()
    system.over.set()
    assert asked.answer(f"dead{MOST_AT_ONCE + 4}.example", 0.0) is None
    assert len(system.asked) <= MOST_AT_ONCE
