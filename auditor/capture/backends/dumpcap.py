"""The backend that lets dumpcap capture: one dumpcap an interface, each read through a pipe."""

from __future__ import annotations

import os
import select
import shutil
import time
from collections.abc import Collection

from auditor.capture.backend import Request
from auditor.capture.backend_registry import BACKENDS, BackendName
from auditor.capture.backends.dumpcap_process import END_S, Dumpcap
from auditor.capture.backends.interface_pipeline import (
    LAG_NS,
    InterfacePipeline,
    MergedPipelines,
    ThinningFactory,
    default_thinning,
)
from auditor.capture.rights.capabilities import how_to_grant, missing
from auditor.errors import CaptureError
from auditor.evidence.packet import Counters, Interface, Packet
from auditor.packets.pcapng_comments import SocketFact

#: How long (s) to go on reading at the end: what is still in the kernel's buffer when dumpcap is
#: told to end is thrown away by it, and it passes its own buffer on twice a second.
_SETTLE_S = 0.8


class DumpcapBackend:
    """dumpcap, thinned here; a ``Backend``."""

    name = BackendName.DUMPCAP

    def __init__(self, thinning: ThinningFactory = default_thinning) -> None:
        self.blind: tuple[str, ...] = (
            "It sees no sockets, so neither keepalive settings nor processes are known.",
            "What the kernel loses is known only at the end.",
        )
        self.interfaces: tuple[Interface, ...] = ()
        self._thinning = thinning
        self._running: list[Dumpcap] = []
        self._lanes = MergedPipelines([])
        self._failure: CaptureError | None = None
        self._ending = False

    def open(self, request: Request) -> None:
        """Start dumpcap for every interface; raise CaptureError with its reason if one fails."""
        program = shutil.which("dumpcap")
        if program is None:
            raise CaptureError("dumpcap is not installed: install Wireshark's command line tools.")
        if os.geteuid() == 0 and (lacking := missing(BACKENDS[self.name].capabilities)):
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
        self._lanes = MergedPipelines(
            [
                InterfacePipeline(number, interface, request, self._thinning)
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

    def _read(self, dumpcap: Dumpcap, lane: InterfacePipeline, ready: bool) -> list[Packet]:
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
        kept += self._drain(END_S)
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
