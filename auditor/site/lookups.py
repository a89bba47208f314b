"""Asks the system's resolver for many names at once: a dead one keeps nobody else waiting.

Run as a program it asks for the names that it reads, without any rights, and writes what it finds
(``background_lookups``). So it imports nothing of ours, and all that it needs at once.
"""

from __future__ import annotations

import ctypes
import encodings.idna  # noqa: F401  (getaddrinfo would import it when nobody may read it any more)
import os
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable

#: Names that are asked for at once: each waits most of its time.
MOST_AT_ONCE = 64
#: Longer names are none (RFC 1035).
_LONGEST = 253
#: Who is left when root gives itself up: nobody, on every system that has him.
_NOBODY = 65534
_CAPABILITY_VERSION = 0x20080522
#: No resolver takes as long (s).
_HOUR = 3600

Addresses = tuple[str, ...]


class Lookups:
    """Names that are being asked for, by threads that keep no process from its end."""

    def __init__(self, tell: Callable[[str, Addresses], None] | None = None) -> None:
        """``tell`` is called with each name as soon as it is answered, one at a time."""
        self._tell = tell
        self._answers: dict[str, Addresses] = {}
        self._asked: set[str] = set()
        self._waiting: deque[str] = deque()
        self._changed = threading.Condition()
        self._threads = 0

    def ask(self, names: Iterable[str]) -> None:
        """Begin to ask for names, each once."""
        with self._changed:
            fresh = [name for name in dict.fromkeys(names) if name not in self._asked]
            self._asked.update(fresh)
            self._waiting.extend(fresh)
            more = min(len(self._waiting), MOST_AT_ONCE - self._threads)
            self._threads += more
        for _ in range(more):
            threading.Thread(target=self._run, name="lookup", daemon=True).start()

    def answer(self, name: str, seconds: float) -> Addresses | None:
        """Return the addresses of a name that was asked for, none where nobody knows it; None: it
        was not answered within so many seconds from now."""
        with self._changed:
            self._changed.wait_for(lambda: name in self._answers, max(seconds, 0.0))
            return self._answers.get(name)

    def stop(self) -> None:
        """Ask for no name any more that nobody is being asked for yet."""
        with self._changed:
            self._waiting.clear()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._threads -= 1
                    return
                name = self._waiting.popleft()
            found = addresses_of(name)
            with self._changed:
                self._answers[name] = found
                if self._tell is not None:
                    self._tell(name, found)
                self._changed.notify_all()


def addresses_of(name: str) -> Addresses:
    """Return what the system's resolver says; a name it cannot encode or find has no address."""
    if not askable(name):
        return ()
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


def askable(name: str) -> bool:
    """Tell whether a text can be a name at all."""
    return 0 < len(name) <= _LONGEST and name.isprintable() and " " not in name


def give_up_rights() -> None:
    """Become nobody, without capabilities."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)())


def main() -> None:
    """Answer the names on standard input, one a line, on standard output: the name, a tab, its
    addresses. An empty line ends them; the end of the input ends the program at once."""
    give_up_rights()
    names = list(iter(lambda: sys.stdin.readline().rstrip("\n"), ""))
    threading.Thread(target=_end_with_input, daemon=True).start()
    lookups = Lookups(_write)
    lookups.ask(names)
    for name in names:
        lookups.answer(name, _HOUR)


def _write(name: str, found: Addresses) -> None:
    sys.stdout.write(f"{name}\t{' '.join(found)}\n")
    sys.stdout.flush()


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
