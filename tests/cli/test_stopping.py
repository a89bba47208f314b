"""Every signal is answered at once, in every phase, also while the main thread is in C."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from audits import ROOT
from needs import needs

from auditor.cli import stopping as module
from auditor.cli.stopping import PATIENCE_S, SIGNALS, Stopping, stopping

#: What a second is, on a machine that does other things.
A_SECOND = 5.0

#: A kernel, a compiler or a name service: Python runs no handler meanwhile, and other threads may.
#: A mutex that is locked twice is waited for whatever signals come.
STUCK = "[ctypes.CDLL(None).pthread_mutex_lock(mutex) for _ in range(2)]"
BEGIN = "import ctypes; mutex = (ctypes.c_char * 64)(); "
READY = "import threading; threading.Timer(0.5, print, ['ready'], {'flush': True}).start(); "
IN_C = f"{BEGIN}{READY}{STUCK}"


@pytest.fixture(autouse=True)
def no_nohup() -> Iterator[None]:
    """Whoever runs the tests may have had hangups ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Note what the program would have ended with."""
    found: list[int] = []
    monkeypatch.setattr(module, "leave", lambda number, *_: found.append(number))
    yield found


def soon(holds: object) -> bool:
    """Wait until something holds."""
    until = time.monotonic() + A_SECOND
    while time.monotonic() < until:
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.005)
    return False


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_only_asks_for_the_end(number: signal.Signals, exits: list[int]) -> None:
    with stopping() as phases:
        phases.opening()
        phases.recording()
        assert not phases.stop.is_set()
        signal.raise_signal(number)
        assert soon(phases.stop.is_set)
    assert exits == []


@pytest.mark.parametrize("first", SIGNALS)
@pytest.mark.parametrize("second", SIGNALS)
def test_the_second_signal_ends_the_program_at_once(
    exits: list[int], first: signal.Signals, second: signal.Signals
) -> None:
    with stopping() as phases:
        phases.recording()
        signal.raise_signal(first)
        assert soon(phases.stop.is_set)
        signal.raise_signal(second)
        assert soon(lambda: exits == [second])


@pytest.mark.parametrize("number", SIGNALS)
def test_once_the_recording_is_whole_any_signal_ends_the_program(
    exits: list[int], number: signal.Signals
) -> None:
    with stopping() as phases:
        phases.recording()
        phases.finishing()
        signal.raise_signal(number)
        assert soon(lambda: exits == [number])
    assert not phases.stop.is_set()


def test_before_the_recording_the_kernel_ends_the_program() -> None:
    with stopping() as phases:
        phases.opening()
        assert {signal.getsignal(one) for one in SIGNALS} == {signal.SIG_DFL}


def test_a_hangup_that_was_ignored_stays_ignored(exits: list[int]) -> None:
    """As nohup(1) has it."""
    old = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stopping() as phases:
            phases.opening()
            phases.recording()
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            signal.raise_signal(signal.SIGHUP)
            signal.raise_signal(signal.SIGTERM)
            assert soon(phases.stop.is_set)
    finally:
        signal.signal(signal.SIGHUP, old)
    assert exits == []


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGWINCH])
def test_other_signals_are_nothing_to_us(exits: list[int], number: signal.Signals) -> None:
    old = signal.signal(number, lambda *_: None)
    try:
        with stopping() as phases:
            phases.recording()
            signal.raise_signal(number)
            signal.raise_signal(signal.SIGINT)
            assert soon(phases.stop.is_set)
    finally:
        signal.signal(number, old)
    assert exits == []


def test_afterwards_signals_do_what_they_did_before() -> None:
    before = [signal.getsignal(one) for one in SIGNALS]
    with pytest.raises(ZeroDivisionError), stopping() as phases:
        phases.opening()
        phases.recording()
        assert all(signal.getsignal(one) != old for one, old in zip(SIGNALS, before, strict=True))
        raise ZeroDivisionError
    assert [signal.getsignal(one) for one in SIGNALS] == before
    assert signal.set_wakeup_fd(-1) == -1


def test_closing_what_never_began_is_no_error() -> None:
    Stopping().close()


@needs("slow")
def process(code: str) -> subprocess.Popen[str]:
    """Start Python with some code, and wait until it is ready."""
    started = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def ended(started: subprocess.Popen[str], *numbers: int) -> tuple[int, str, float]:
    """Send signals; return the exit code, standard error and how long it took (s)."""
    begun = time.monotonic()
    for number in numbers:
        started.send_signal(number)
        time.sleep(0.05)
    _, said = started.communicate(timeout=30)
    return started.returncode, said, time.monotonic() - begun


@pytest.mark.parametrize("number", SIGNALS)
def test_a_recording_is_asked_to_end_also_while_the_main_thread_is_in_c(
    number: signal.Signals,
) -> None:
    """And where it does not end, the second signal ends the program."""
    begin = "from auditor.cli.stopping import Stopping; s = Stopping(); s.opening(); s.recording();"
    code, said, took = ended(process(begin + IN_C), signal.SIGTERM, number)
    assert (code, took < A_SECOND) == (128 + number, True)
    assert said == (
        f"bareos-audit: ended by {number.name}. What was recorded until then is whole; "
        "the report is not written.\n"
    )


@pytest.mark.parametrize("number", SIGNALS)
def test_a_command_is_ended_although_the_main_thread_is_in_c(number: signal.Signals) -> None:
    code, said, took = ended(
        process("from auditor.cli.stopping import end_at_once; end_at_once();" + IN_C), number
    )
    assert (code, said, PATIENCE_S <= took < A_SECOND) == (128 + number, "", True)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("where", ["time.sleep(60)", STUCK])
def test_nothing_unfinished_is_left(tmp_path: Path, number: signal.Signals, where: str) -> None:
    """Whether the program unwinds itself or is ended in the middle of machine code."""
    code = (
        f"{BEGIN}import time; from contextlib import closing\n"
        "from auditor.cli.stopping import end_at_once\n"
        "from auditor.outputs import ReservedFile, atomic_file\n"
        f"end_at_once(); place = ReservedFile({str(tmp_path / 'report')!r})\n"
        f"with closing(place), atomic_file({str(tmp_path / 'out')!r}) as write:\n"
        f"    write(b'x'); print('ready', flush=True); {where}\n"
    )
    started = process(code)
    assert len(list(tmp_path.iterdir())) == 2
    ended(started, number)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_commands_end_with_the_code_of_the_signal(number: signal.Signals) -> None:
    program = (
        "import sys, time; from auditor.cli import main, rules\n"
        "def wait(**_): print('ready', flush=True); time.sleep(60)\n"
        "rules.rules.callback = wait; sys.argv = ['bareos-audit', 'rules']; main.main()"
    )
    code, said, took = ended(process(program), number)
    assert (code, said, took < A_SECOND) == (128 + number, "", True)


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put back what signals did before."""
    before = {one: signal.getsignal(one) for one in SIGNALS}
    yield
    signal.set_wakeup_fd(-1)
    for one, old in before.items():
        signal.signal(one, old)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_any_other_command_with_its_own_code(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, exits: list[int]
) -> None:
    """The main thread is told; only where it does not end the other one ends the program."""
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    module.end_at_once()
    with pytest.raises(module.Interrupted) as caught:
        signal.raise_signal(number)
    assert caught.value.code == 128 + number
    assert str(caught.value) == number.name
    assert soon(lambda: exits == [number])


@pytest.mark.parametrize("words", ["", "The report is not written."])
def test_who_leaves_removes_what_is_unfinished_and_says_why(
    words: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    done: list[object] = []
    monkeypatch.setattr("os._exit", done.append)
    monkeypatch.setattr(module, "remove_unfinished", lambda: done.append("removed"))
    module.leave(signal.SIGTERM, words)
    assert done == ["removed", 143]
    said = f"bareos-audit: ended by SIGTERM. {words}\n" if words else ""
    assert capfd.readouterr().err == said
