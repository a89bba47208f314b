"""Ctrl-C, SIGTERM and SIGHUP: every one is answered at once, whatever is under way.

Python runs its signal handlers in the main thread, between two instructions; while that thread is
in machine code (a kernel, the compiler, a name service) none runs. So the handlers here do little,
and a thread reads from ``signal.set_wakeup_fd``, which is written by the handler in C, and ends the
program if nobody else does.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from types import FrameType

from auditor.outputs.unfinished import remove_unfinished

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: How long (s) the main thread has to end the program properly.
PATIENCE_S = 0.7


class Interrupted(KeyboardInterrupt):
    """A signal that ends the program; ``code`` is its exit code, as shells count it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


class Stopping:
    """What signals do now to a recording; they do nothing special before ``opening``.

    While it is ``opening`` a signal ends the program as it ends any other. While it is
    ``recording`` the first one sets ``stop``, and the next one ends the program; so does any that
    comes when it is ``finishing``. A hangup that was ignored (nohup(1)) stays ignored.
    """

    def __init__(self) -> None:
        self.stop = Event()
        self._recording = False
        self._guard: _Guard | None = None

    def opening(self) -> None:
        """Nothing is there to be lost, and no thread may be started: the kernel ends us."""
        for one in _heeded():
            signal.signal(one, signal.SIG_DFL)

    def recording(self) -> None:
        """The first signal asks for the end of the recording."""
        self._recording = True
        self._guard = _Guard(self._answer)
        for one in _heeded():
            signal.signal(one, _do_nothing)

    def finishing(self) -> None:
        """The recording is whole: what is still done is not worth waiting for."""
        self._recording = False

    def close(self) -> None:
        """Let signals be whatever they were."""
        if self._guard is not None:
            self._guard.close()

    def _answer(self, guard: _Guard, number: int) -> None:
        del guard
        if self._recording and not self.stop.is_set():
            self.stop.set()
        else:
            # The recording is whole after every write; the report is what is not there.
            leave(number, "What was recorded until then is whole; the report is not written.")


@contextmanager
def stopping() -> Iterator[Stopping]:
    """Give what says in which phase a recording is; afterwards signals do what they did before."""
    before = {one: signal.getsignal(one) for one in SIGNALS}
    phases = Stopping()
    try:
        yield phases
    finally:
        phases.close()
        for one, old in before.items():
            signal.signal(one, old)


def end_at_once() -> None:
    """From now on, have a signal raise Interrupted in the main thread, and end the program by
    force if that does not end it soon, or if another one comes."""
    _Guard(_end_soon)
    for one in _heeded():
        signal.signal(one, _interrupt)


def leave(number: int, words: str = "") -> None:
    """End the program now, from any thread, and leave nothing unfinished behind."""
    remove_unfinished()
    with suppress(OSError, ValueError):
        if words:
            name = signal.Signals(number).name
            os.write(2, f"bareos-audit: ended by {name}. {words}\n".encode())
    os._exit(128 + number)


class _Guard:
    """The thread that answers: ``answer`` is called with it and the number of each signal."""

    def __init__(self, answer: Callable[[_Guard, int], None]) -> None:
        self._reads, self._writes = os.pipe()
        os.set_blocking(self._writes, False)
        self._answer = answer
        signal.set_wakeup_fd(self._writes, warn_on_full_buffer=False)
        self._thread = Thread(target=self._run, name="signals", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while number := self.next(None):
            self._answer(self, number)

    def next(self, timeout: float | None) -> int:
        """Return the number of the next signal; 0 where none came in time (s), or none will."""
        while select.select([self._reads], [], [], timeout)[0]:
            number = (os.read(self._reads, 1) or b"\0")[0]
            if number in {0, *SIGNALS}:
                return number
        return 0

    def close(self) -> None:
        """End the thread."""
        signal.set_wakeup_fd(-1)
        os.close(self._writes)
        self._thread.join()
        os.close(self._reads)


def _end_soon(guard: _Guard, number: int) -> None:
    guard.next(PATIENCE_S)
    leave(number)


def _heeded() -> Iterator[signal.Signals]:
    """Yield the signals that are ours to answer."""
    for one in SIGNALS:
        if one != signal.SIGHUP or signal.getsignal(one) != signal.SIG_IGN:
            yield one


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """Answer in the other thread; that there is a handler makes Python tell it."""
    del number, frame


def _interrupt(number: int, frame: FrameType | None) -> None:
    del frame
    for one in SIGNALS:  # the next one is the other thread's
        signal.signal(one, _do_nothing)
    raise Interrupted(number)
