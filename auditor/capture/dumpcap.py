"""The backend that lets dumpcap capture: one dumpcap an interface, each read through a pipe.

dumpcap gets the capture right and an account without any other, so it can be ended by this
process once that has dropped its own rights to the same account. A dumpcap with file
capabilities of its own needs nothing from us.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Collection
from contextlib import nullcontext
from pathlib import Path

from auditor.capture.blocks import SNAPLEN
from auditor.capture.capabilities import Capability, end_with_parent, passed_on
from auditor.capture.dumpcap_errors import complaint
from auditor.capture.filters import capture_filter
from auditor.capture.lanes import LAG_NS, Lane, Lanes, ThinningFactory, default_thinning
from auditor.capture.model import Counters, Interface, Packet, Request, SocketFact
from auditor.capture.privileges import how_to_grant, missing, remaining_account
from auditor.errors import CaptureError

#: How long (s) dumpcap may take to begin, and to end.
_START_S, _END_S = 5.0, 3.0
#: How long (s) to go on reading at the end: what is still in the kernel's buffer when dumpcap is
#: told to end is thrown away by it, and it passes its own buffer on twice a second.
_SETTLE_S = 0.8
_CHUNK = 1 << 20
_MAX_COMPLAINT = 1 << 16
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
        mebibytes = max(request.ring_bytes >> 20, 1)
        chosen = capture_filter(request.ports, tagged=interface != "any")
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
        assert self._process.stdout is not None
        self.fd = self._process.stdout.fileno()

    def begin(self) -> None:
        """Wait for the head of the stream; raise CaptureError if dumpcap gives up instead."""
        until = time.monotonic() + _START_S
        while not self._headed():
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                self.close()
                raise CaptureError(f"dumpcap did not begin within {_START_S:g} s on {self.name}.")
            octets = self.read()
            if self.ended:
                raise self.failure()
            self.head += octets

    def _headed(self) -> bool:
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
        octets = os.read(self.fd, _CHUNK)
        self.ended = not octets
        return octets

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
        while len(text) < _MAX_COMPLAINT and select.select([stderr], [], [], 0.5)[0]:
            octets = os.read(stderr.fileno(), _MAX_COMPLAINT)
            if not octets:
                break
            text += octets
        self.close()
        return CaptureError(complaint(text.decode("utf-8", "replace"), self.name))

    def close(self) -> None:
        """End it and wait for that, by its process id and not for long."""
        if self._process.poll() is None:
            self.stop()
            try:
                self._process.wait(_END_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(_END_S)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()


class DumpcapBackend:
    """dumpcap, thinned here; a ``Backend``."""

    name = "dumpcap"

    def __init__(self, thinning: ThinningFactory = default_thinning) -> None:
        self.blind: tuple[str, ...] = (
            "It sees no sockets, so neither keepalive settings nor processes are known.",
            "What the kernel loses is known only at the end.",
        )
        self.interfaces: tuple[Interface, ...] = ()
        self._thinning = thinning
        self._running: list[Dumpcap] = []
        self._lanes = Lanes([])
        self._failure: CaptureError | None = None
        self._ending = False

    def open(self, request: Request) -> None:
        """Start dumpcap for every interface; raise CaptureError with its reason if one fails."""
        program = shutil.which("dumpcap")
        if program is None:
            raise CaptureError("dumpcap is not installed: install Wireshark's command line tools.")
        if os.geteuid() == 0 and (lacking := missing("dumpcap")):
            raise CaptureError(how_to_grant(lacking))
        if "any" in request.interfaces:
            self.blind += ("On the device any, libpcap cannot look behind VLAN tags.",)
        try:
            for name in request.interfaces:
                dumpcap = Dumpcap(program, name, request)
                self._running.append(dumpcap)
                dumpcap.begin()
        except OSError as error:
            self.close()
            raise CaptureError(f"{program} cannot be run: {error.strerror}.") from error
        except CaptureError:
            self.close()
            raise
        self.interfaces = tuple(Interface(d.name, d.link) for d in self._running)
        self._lanes = Lanes(
            [
                Lane(number, interface, request, self._thinning)
                for number, interface in enumerate(self.interfaces)
            ]
        )

    def poll(self, timeout: float) -> list[Packet]:
        """Return what has been kept since the last call; see ``Backend``.

        Raises CaptureError when a dumpcap has ended, after the call that returned its last
        packets.
        """
        if self._failure is not None:
            raise self._failure
        ready, _, _ = select.select([dumpcap.fd for dumpcap in self._running], [], [], timeout)
        now = time.time_ns()
        kept: list[Packet] = []
        for dumpcap, lane in zip(self._running, self._lanes.lanes, strict=True):
            if dumpcap.fd in ready or dumpcap.head:
                kept += self._read(dumpcap, lane, dumpcap.fd in ready)
            else:
                kept += lane.advance(now - LAG_NS)
        return self._lanes.merge(kept, now)

    def _read(self, dumpcap: Dumpcap, lane: Lane, ready: bool) -> list[Packet]:
        octets, dumpcap.head = dumpcap.head, b""
        if ready:
            octets += dumpcap.read()
        if dumpcap.ended and not self._ending and self._failure is None:
            self._failure = dumpcap.failure()
        return lane.feed(octets)

    def facts(self) -> Collection[SocketFact]:
        """Return nothing: dumpcap sees no sockets."""
        return ()

    def counters(self) -> tuple[Counters, ...]:
        """Return the counters of each interface."""
        return self._lanes.counters()

    def flush(self) -> list[Packet]:
        """End every dumpcap, read what it still had and its statistics, and return the rest."""
        self._ending = True
        kept = self._drain(_SETTLE_S)
        for dumpcap in self._running:
            dumpcap.stop()
        kept += self._drain(_END_S)
        return self._lanes.merge(kept, time.time_ns()) + self._lanes.flush()

    def _drain(self, seconds: float) -> list[Packet]:
        """Read for so long, or until every dumpcap has ended."""
        kept: list[Packet] = []
        pairs = list(zip(self._running, self._lanes.lanes, strict=True))
        until = time.monotonic() + seconds
        while alive := {
            dumpcap.fd: (dumpcap, lane) for dumpcap, lane in pairs if not dumpcap.ended
        }:
            left = until - time.monotonic()
            if left <= 0:
                break
            for fd in select.select(list(alive), [], [], left)[0]:
                kept += self._read(*alive[fd], ready=True)
        return kept

    def close(self) -> None:
        """End every dumpcap; may be called twice."""
        for dumpcap in self._running:
            dumpcap.close()
        self._running = []


def _groups(program: str) -> list[int]:
    """Return the group that may execute dumpcap where not everyone may, as Debian has it."""
    status = Path(program).stat()
    return [] if status.st_mode & 0o001 else [status.st_gid]
