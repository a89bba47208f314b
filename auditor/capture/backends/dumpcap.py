"""The backend that lets dumpcap capture: one dumpcap an interface, each read through a pipe."""

from __future__ import annotations

import os
import select
import shutil
import time

from auditor.capture.backend import Request
from auditor.capture.backend_registry import BACKENDS, BackendName
from auditor.capture.backends.dumpcap_process import END_S, Dumpcap
from auditor.capture.backends.interface_pipeline import (
    InterfacePipeline,
    ThinningFactory,
    default_thinning,
)
from auditor.capture.backends.user_space import LAG_NS, UserSpaceBackend
from auditor.capture.interfaces import ANY
from auditor.capture.rights.capabilities import how_to_grant, missing
from auditor.errors import CaptureError
from auditor.evidence.packet import Interface, Packet

#: At the end to go on reading until nothing came for so long (s), and not for longer than that:
#: what is still in the kernel's buffer when dumpcap is told to end is thrown away by it, and it
#: passes its own buffer on twice a second.
_SETTLE_S, _LONGEST_S = 0.8, 3.0


class DumpcapBackend(UserSpaceBackend):
    """dumpcap, thinned here; a ``Backend``."""

    name = BackendName.DUMPCAP

    def __init__(self, thinning: ThinningFactory = default_thinning) -> None:
        super().__init__("What the kernel loses is known only at the end.", thinning=thinning)
        self._running: list[Dumpcap] = []

    def open(self, request: Request) -> None:
        """Start dumpcap for every interface; raise CaptureError with its reason if one fails."""
        program = shutil.which("dumpcap")
        if program is None:
            raise CaptureError("dumpcap is not installed: install Wireshark's command line tools.")
        if os.geteuid() == 0 and (lacking := missing(BACKENDS[self.name].capabilities)):
            raise CaptureError(how_to_grant(lacking))
        if ANY in request.interfaces:
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
        self.children = tuple(dumpcap.pid for dumpcap in self._running)
        self._make_pipelines(request)

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
        for dumpcap, pipeline in zip(self._running, self._pipelines.each, strict=True):
            if dumpcap.fd in ready or dumpcap.head:
                kept += self._read(dumpcap, pipeline, ready=dumpcap.fd in ready)
            else:
                kept += pipeline.advance(now - LAG_NS)
        return self._pipelines.merge(kept, now)

    def _read(self, dumpcap: Dumpcap, pipeline: InterfacePipeline, *, ready: bool) -> list[Packet]:
        stream, dumpcap.head = dumpcap.head, b""
        if ready:
            stream += dumpcap.read()
        if dumpcap.ended and self._failure is None:
            self._failure = dumpcap.failure()
        return pipeline.feed(stream)

    def flush(self) -> list[Packet]:
        """End every dumpcap, read what it still had and its statistics, and return the rest."""
        # Read first and thin later: while dumpcap waits for us the kernel's buffer fills up.
        streams = {dumpcap.fd: bytearray() for dumpcap in self._running}
        ended = time.time_ns()
        is_all = self._drain(streams, _LONGEST_S, _SETTLE_S)
        for dumpcap in self._running:
            dumpcap.stop()
        self._drain(streams, END_S, END_S)
        kept: list[Packet] = []
        for dumpcap, pipeline in zip(self._running, self._pipelines.each, strict=True):
            stream = dumpcap.head + streams[dumpcap.fd]
            kept += pipeline.feed(stream)
            pipeline.dropped += 0 if is_all else pipeline.behind(ended)
        return self._pipelines.merge(kept, time.time_ns()) + self._pipelines.flush()

    def _drain(self, streams: dict[int, bytearray], longest: float, settle: float) -> bool:
        """Read for so long (s), until nothing came for ``settle`` s, or until each has ended;
        return whether nothing more was to come."""
        until = time.monotonic() + longest
        while alive := {each.fd: each for each in self._running if not each.ended}:
            left = min(until - time.monotonic(), settle)
            ready = select.select(list(alive), [], [], left)[0] if left > 0 else []
            if not ready:
                return left == settle
            for fd in ready:
                streams[fd] += alive[fd].read()
        return True

    def close(self) -> None:
        """End every dumpcap; may be called twice."""
        for dumpcap in self._running:
            dumpcap.close()
        self._running = []
