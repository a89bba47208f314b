"""Wireshark's ``tshark``, in a process of nobody with bounds on memory and time: its readers and
dissectors take whatever is on a network, so that root never runs them."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from typing import IO, Any

from auditor.text import printable

#: nobody, on every system that has him.
_NOBODY = 65534
_MEMORY = 4 << 30
_CPU_S = 3600
_WORDS = 300


def tshark_path() -> str | None:
    """Return where the program is; None: nowhere."""
    return shutil.which("tshark", path="/usr/bin:/usr/local/bin:/bin:/opt/homebrew/bin")


def nobody() -> dict[str, Any]:
    """Return how a process is started that may do nothing."""
    given: dict[str, Any] = {
        "cwd": "/",
        "env": {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"},
        "preexec_fn": _bounded,
    }
    if os.geteuid() == 0:
        given |= {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
    return given


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))


class Conversion:
    """A capture that is read and written anew as pcapng, packet by packet and without dissection.

    ``file`` is open, of any format that Wireshark knows, and can be read from any place in it;
    ``early`` says why it ends early, empty: it does not. Raises OSError where the program cannot be
    started.
    """

    def __init__(self, file: IO[bytes], program: str, early: str = "") -> None:
        self._early = early
        command = [program, "-n", "-r", "-", "-w", "-", "-F", "pcapng"]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open until close()
        try:
            self._child = subprocess.Popen(
                command, stdin=file, stdout=subprocess.PIPE, stderr=self._said, **nobody()
            )
        except (OSError, subprocess.SubprocessError) as error:
            self._said.close()
            raise OSError(f"tshark does not run: {error}") from error

    def readinto(self, target: memoryview) -> int:
        """Read some bytes; 0: it was read to its end. Raises OSError where that is early."""
        count: int = self._child.stdout.readinto1(target)  # type: ignore[union-attr]
        if not count and self._child.wait():
            raise OSError(
                f"tshark gave up with exit code {self._child.returncode}: {self._words()}"
            )
        if not count and self._early:
            raise OSError(self._early)
        return count

    def _words(self) -> str:
        self._said.seek(0)
        lines = self._said.read(1 << 16).decode("utf-8", "replace").splitlines()
        told = [line.removeprefix("tshark: ") for line in lines if line.startswith(("tshark", "("))]
        return printable(" ".join(told).strip(". "), _WORDS)

    def close(self) -> None:
        """End the program, whatever it is at."""
        self._child.kill()
        self._child.wait()
        assert self._child.stdout is not None
        self._child.stdout.close()
        self._said.close()
