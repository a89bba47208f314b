"""Names that are asked for while something else goes on: by a process of its own, so that no
thread of this one keeps rights, and that ends with this one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from auditor.site import lookups
from auditor.site.lookups import Addresses, askable


class BackgroundLookups:
    """The same as ``Lookups``, in another process; once begun it opens no file, and asks no system
    call of this process but to read a pipe."""

    def __init__(self, program: str = str(lookups.__file__)) -> None:
        self._program = program
        self._answers: dict[str, Addresses] = {}
        self._asked: set[str] = set()
        self._rest = b""
        self._names = self._found = -1

    def ask(self, names: Iterable[str]) -> None:
        """Begin to ask for names. Only the first call does: later names stay unanswered."""
        if self._asked:
            return
        self._asked.update(names)
        lines = [f"{name}\n" for name in self._asked if askable(name)]
        if lines:
            self._begin("".join([*lines, "\n"]).encode("utf-8", "surrogateescape"))

    def answer(self, name: str, seconds: float) -> Addresses | None:
        """Return what ``Lookups.answer`` does, and wait for nothing."""
        del seconds
        self._read()
        return self._answers.get(name) if askable(name) else ()

    def stop(self) -> None:
        """Go on: there is time while something else is done."""

    @property
    def complete(self) -> bool:
        """Whether nothing more will be answered."""
        self._read()
        return self._found < 0

    def close(self) -> None:
        """End the other process, by ending its input."""
        for descriptor in (self._names, self._found):
            if descriptor >= 0:
                os.close(descriptor)
        self._names = self._found = -1

    def _begin(self, text: bytes) -> None:
        theirs, self._names = os.pipe()
        self._found, written = os.pipe()
        os.set_blocking(self._found, False)
        nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        given = ((theirs, 0), (written, 1), (nowhere, 2))
        actions = [(os.POSIX_SPAWN_DUP2, ours, number) for ours, number in given]
        # Isolated, so that no variable and no folder of somebody else adds code to it, and in a
        # group of its own, so that Ctrl-C is not for it.
        command = [sys.executable, "-I", "-S", "-X", "utf8", self._program]
        try:
            os.posix_spawn(sys.executable, command, os.environ, file_actions=actions, setpgroup=0)
            _write_all(self._names, text)
        except OSError:
            self.close()
        finally:
            for descriptor in (theirs, written, nowhere):
                os.close(descriptor)

    def _read(self) -> None:
        while self._found >= 0:
            try:
                chunk = os.read(self._found, 1 << 16)
            except BlockingIOError:
                return
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                name, _, found = line.decode("utf-8", "surrogateescape").partition("\t")
                self._answers[name] = tuple(found.split())
            if not chunk:
                self.close()


def _write_all(descriptor: int, text: bytes) -> None:
    while text:
        text = text[os.write(descriptor, text) :]
