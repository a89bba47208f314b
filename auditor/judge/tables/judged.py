"""A flow with all that was found out about it, before it becomes rows of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.flows.flow import Flow
from auditor.judge.heartbeat.from_sockets import SocketVerdict
from auditor.judge.heartbeat.verdict import HeartbeatVerdict
from auditor.judge.matching.match import Match
from auditor.judge.tables.places import Places

if TYPE_CHECKING:  # a command that reads no capture loads no numpy
    from auditor.packets.segments import CaptureInfo


class Judged(NamedTuple):
    """A flow with all that was found out about it."""

    id: str
    flow: Flow
    match: Match
    heartbeat: HeartbeatVerdict
    capture: CaptureInfo
    socket: SocketVerdict | None = None
    places: Places | None = None
    """Where it is, of a recording in several files; None: in ``capture``."""
    watched: bool = True
    """Its tap recorded for as long as it was open, and has all the probes that it saw then."""
    watched_until: int | None = None
    """Up to when (ns UTC) it was recorded what became of it; None: to the end."""

    @property
    def network(self) -> tuple[str, int]:
        """The recording, and which of the networks in it: what is seen there tells of it."""
        return self.capture.name, self.flow.network
