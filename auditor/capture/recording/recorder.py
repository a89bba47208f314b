"""Takes packets and facts from a backend and writes them down, until a limit or a stop.

Every stage is counted: what the kernel lost, what a table could not hold, what came too late to
be placed in order. All of it goes into the statistics of the file and into the summary.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from auditor.capture.backend import Backend
from auditor.capture.recording.limits import Limits
from auditor.capture.recording.output import Output
from auditor.capture.recording.writer import RecordingWriter
from auditor.errors import CaptureError
from auditor.evidence.packet import Counters, Packet
from auditor.evidence.timeline import Timeline
from auditor.packets.pcapng_comments import SocketFact

#: How long (s) one look at the backend waits: a stop is noticed this fast, and what is due is
#: written this often.
POLL_S = 0.1
#: How long (ns) a packet waits for an earlier one of another interface.
WINDOW_NS = 200_000_000
#: Statistics go into the file at least this often (s) while they change, so that a killed
#: recording still says what it lost.
STATISTICS_S = 10.0


class Watcher(Protocol):
    """Sees the recording as it grows."""

    def written(self, blocks: bytes) -> None:
        """Whole pcapng blocks, as written: feed them to ``packets.Decoder``."""

    def fact(self, fact: SocketFact) -> None:
        """A socket fact, when it is read."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a recording came to."""

    files: tuple[str, ...]
    """Paths that exist now, oldest first; ``-`` is standard output."""
    packets: int
    """Packets written."""
    bytes_written: int
    """Bytes written, over all files."""
    facts: int
    """Socket facts written."""
    counters: tuple[tuple[str, Counters], ...]
    """Interface name and its counters; ``lost`` includes what came too late to be in order."""
    ended: str
    """What ended it: ``duration``, ``packets`` or ``stopped``."""

    @property
    def lost(self) -> int:
        """Packets that are missing from the recording, at any stage."""
        return sum(counters.dropped + counters.lost for _, counters in self.counters)


class Recorder:
    """One recording. The backend and the output are open, and all rights are dropped.

    ``filter_text`` is what packets were chosen by, ``names`` are names of addresses, ``own`` the
    addresses of this host: they only go into the file. ``meanwhile`` is called after every look at
    the backend; while it runs nothing is taken from the kernel. ``monotonic`` (s) and ``clock`` (ns
    UTC) are what time is read from.
    """

    def __init__(
        self,
        backend: Backend,
        output: Output,
        limits: Limits,
        *,
        filter_text: str,
        names: Mapping[str, str] | None = None,
        own: Collection[str] = (),
        watcher: Watcher | None = None,
        meanwhile: Callable[[], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._backend = backend
        self._limits = limits
        self._watcher = watcher
        self._meanwhile = meanwhile
        self._monotonic = monotonic
        self._clock = clock
        self._timeline = Timeline(WINDOW_NS)
        watch = None if watcher is None else watcher.written
        self._writer = RecordingWriter(backend, output, names or {}, filter_text, watch, clock, own)
        self._facts = 0
        self._counted: tuple[Counters, ...] = ()
        self._counted_at = monotonic()

    def run(self, stop: Event) -> Summary:
        """Record until a limit is reached or ``stop`` is set; return what it came to.

        Raises CaptureError when the backend or the output fails. Whatever had been captured by
        then is in the file, with its statistics as far as there is room. Closes the output, and
        leaves the backend open.
        """
        try:
            self._writer.begin()
            ended = self._record(stop)
        except CaptureError:
            self._save_rest()
            raise
        finally:
            self._writer.close()
        writer = self._writer
        return Summary(
            files=tuple(writer.output.files),
            packets=writer.packets,
            bytes_written=writer.bytes_written,
            facts=self._facts,
            counters=tuple(
                (interface.name, counters)
                for interface, counters in zip(
                    self._backend.interfaces, self._counters(), strict=True
                )
            ),
            ended=ended,
        )

    def _record(self, stop: Event) -> str:
        begun = self._monotonic()
        ended = ""
        while not ended:
            left = POLL_S
            if self._limits.duration is not None:
                left = min(left, begun + self._limits.duration - self._monotonic())
            packets = self._backend.poll(max(left, 0.0))
            self._take(packets)
            self._write(self._timeline.due(self._clock()))
            if self._meanwhile is not None:
                self._meanwhile()
            ended = self._ended(stop, begun)
        self._finish()
        return ended

    def _ended(self, stop: Event, begun: float) -> str:
        limits = self._limits
        if limits.packets is not None and self._writer.packets >= limits.packets:
            return "packets"
        if limits.duration is not None and self._monotonic() - begun >= limits.duration:
            return "duration"
        return "stopped" if stop.is_set() else ""

    def _take(self, packets: Iterable[Packet]) -> None:
        self._timeline.add(packets)
        facts = self._backend.facts()
        self._facts += len(facts)
        self._writer.annotations.add(facts)
        if self._watcher is not None:
            for fact in facts:
                self._watcher.fact(fact)

    def _write(self, packets: list[Packet]) -> None:
        if self._limits.packets is not None:
            packets = packets[: max(self._limits.packets - self._writer.packets, 0)]
        self._writer.add(packets)
        counters = self._counters()
        since = self._monotonic() - self._counted_at
        if counters != self._counted and (since >= STATISTICS_S or self._lost_more(counters)):
            self._writer.statistics(counters)
            self._counted, self._counted_at = counters, self._monotonic()
        self._writer.flush()

    def _lost_more(self, counters: tuple[Counters, ...]) -> bool:
        """Whether more is lost than the file says, a second after it was last written there."""
        if self._monotonic() - self._counted_at < 1.0:
            return False
        known = self._counted or (Counters(),) * len(counters)
        return any(
            now.dropped + now.lost > then.dropped + then.lost
            for now, then in zip(counters, known, strict=True)
        )

    def _counters(self) -> tuple[Counters, ...]:
        late = self._timeline.late
        return tuple(
            counters._replace(lost=counters.lost + late.get(number, 0))
            for number, counters in enumerate(self._backend.counters())
        )

    def _finish(self) -> None:
        self._drain()
        self._end()

    def _drain(self) -> None:
        self._take(self._backend.flush())

    def _end(self) -> None:
        self._write(self._timeline.rest())
        self._writer.end(self._counters())

    def _save_rest(self) -> None:
        """Write what still can be written; the error that led here is the one to report."""
        for step in (self._drain, self._end):
            with suppress(CaptureError):
                step()
