"""One dumpcap process on one interface: started with the right it needs, read, and ended.

dumpcap gets the capture right and an account without any other, so it can be ended by this
process once that has dropped its own rights to the same account. A dumpcap with file
capabilities of its own needs nothing from us.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import subprocess
import time
from contextlib import nullcontext
from pathlib import Path

from auditor.capture.backend import Request
from auditor.capture.backends.dumpcap_errors import why_ended
from auditor.capture.interfaces import ANY
from auditor.capture.rights.capabilities import Capability
from auditor.capture.rights.capset import end_with_parent, passed_on
from auditor.capture.rights.privileges import remaining_account
from auditor.errors import CaptureError
from auditor.evidence.blocks import SNAPLEN
from auditor.evidence.libpcap_filter import capture_filter

#: How long (s) dumpcap may take to begin, and to end.
START_S, END_S = 5.0, 3.0
_CHUNK = 1 << 20
_MAX_MESSAGE = 1 << 16
_SECTION, _INTERFACE = 0x0A0D0D0A, 1


class Dumpcap:
    """One dumpcap process on one interface."""

    def __init__(self, program: str, interface: str, request: Request) -> None:
        self.name = interface
        self.head = b""
        """What it wrote before any packet."""
        self.link = 0
        """LINKTYPE_ number of the interface, after ``begin``."""
        self.ended = False
        """Whether its output has come to an end."""
        mebibytes = max(request.queue_bytes >> 20, 1)
        chosen = capture_filter(request.ports, tagged=interface != ANY)
        command = [program, "-q", "-n", "-i", interface, "-f", chosen]
        command += ["-s", str(SNAPLEN), "-B", str(mebibytes), "-w", "-"]
        account = remaining_account()
        rights = passed_on((Capability.CAP_NET_RAW,)) if account else nullcontext()
        with rights:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd="/",
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=_groups(program) if account else None,
                preexec_fn=lambda: end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - no thread yet
            )
        self.pid = self._process.pid
        assert self._process.stdout is not None
        self.fd = self._process.stdout.fileno()

    def begin(self) -> None:
        """Wait for the head of the stream; raise CaptureError if dumpcap gives up instead."""
        until = time.monotonic() + START_S
        while not self._has_interface():
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                self.close()
                raise CaptureError(f"dumpcap did not begin within {START_S:g} s on {self.name}.")
            written = self.read()
            if self.ended:
                raise self.failure()
            self.head += written

    def _has_interface(self) -> bool:
        """Find the interface's link type behind the section header (pcapng §4.1, §4.2)."""
        at = 0
        while len(self.head) - at >= 12:
            kind, size, link = struct.unpack_from("<IIH", self.head, at)
            if size < 12 or (at == 0) != (kind == _SECTION):
                raise CaptureError(
                    "dumpcap writes something other than pcapng: use a current version of it."
                )
            if kind == _INTERFACE and len(self.head) - at >= size:
                self.link = link
                return True
            at += size
        return False

    def read(self) -> bytes:
        """Return what it wrote; blocks if there is nothing yet. Sets ``ended`` at the end."""
        written = os.read(self.fd, _CHUNK)
        self.ended = not written
        return written

    def stop(self) -> None:
        """Ask it to end; it then writes its statistics."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def failure(self) -> CaptureError:
        """Return why it ended, as one sentence."""
        stderr = self._process.stderr
        assert stderr is not None
        text = b""
        # Bounded, since a child of dumpcap may hold the pipe open.
        while len(text) < _MAX_MESSAGE and select.select([stderr], [], [], 0.5)[0]:
            written = os.read(stderr.fileno(), _MAX_MESSAGE)
            if not written:
                break
            text += written
        self.close()
        return CaptureError(why_ended(text.decode("utf-8", "replace"), self.name))

    def close(self) -> None:
        """End it and wait for that, by its process id and not for long."""
        if self._process.poll() is None:
            self.stop()
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(END_S)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()


def _groups(program: str) -> list[int]:
    """Return the group that may execute dumpcap where not everyone may, as Debian has it."""
    status = Path(program).stat()
    return [] if status.st_mode & 0o001 else [status.st_gid]
