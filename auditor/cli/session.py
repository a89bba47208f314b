"""One capture from its beginning to its report, in the order that giving rights up demands.

Code is loaded and everything is opened while rights are held (names are asked for by another
process, and awaited by none); then all of
them are dropped, and only then is a packet looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from threading import Event
from typing import Any

from auditor.api import live_audit
from auditor.capture.addresses import own_addresses
from auditor.capture.backend import Backend, Request
from auditor.capture.backend_registry import AUTO, BACKENDS, BackendName
from auditor.capture.choose import choose_backend
from auditor.capture.interfaces import check_interfaces
from auditor.capture.recording.limits import Limits
from auditor.capture.recording.output import Output
from auditor.capture.recording.recorder import Recorder
from auditor.capture.rights.capabilities import how_to_grant, missing
from auditor.capture.rights.confinement import confine_recording
from auditor.capture.rights.privileges import drop_everything
from auditor.cli import garbage
from auditor.cli import output as sink
from auditor.cli.errors import counting_from
from auditor.cli.inputs import Inputs, recording_guard
from auditor.cli.places import Reports
from auditor.cli.preopened_output import PreopenedReports
from auditor.cli.progress import compilation_told
from auditor.cli.stopping import Stopping
from auditor.cli.watch import Watch, show_on_stderr
from auditor.errors import CaptureError
from auditor.evidence.libpcap_filter import capture_filter
from auditor.judge.verdicts import Severity
from auditor.outputs import Guard
from auditor.pipeline.live import LiveAudit

#: Without -w the blocks go to the audit only.
NOWHERE = "/dev/null"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    interfaces: tuple[str, ...]
    backend: str
    path: str
    """Where the recording goes: a file, ``-``, or ``NOWHERE``."""
    limits: Limits
    quiet: bool
    fail_on: str = Severity.LOW
    """The least severity that counts for the exit code."""


def capture(
    wanted: Wanted, signals: Stopping, reports: Reports, read: Inputs, **known: Any
) -> tuple[Any, str]:
    """Record until a limit or a signal, write the reports, and return the audit and the sentence
    that says what ended the recording too early; empty: nothing did.

    ``read`` is what is an input, which neither may replace; ``known`` are the parameters of
    ``live_audit``. Raises a subclass of BareosAuditError.
    """
    garbage.as_ever()
    signals.opening()
    guard = reports.check(read, *([] if wanted.path == NOWHERE else [wanted.path]))
    recording = recording_guard(read, force=reports.force)
    _check_recording(wanted, recording)
    show = None if wanted.quiet else show_on_stderr
    with ExitStack() as stack:
        if show is not None:
            stack.enter_context(compilation_told(show))
        live = live_audit(**known)
        watch = Watch(live, show, local_time=reports.local_time)
        check_interfaces(wanted.interfaces)
        opened = stack.enter_context(closing(PreopenedReports(reports, guard)))
        opened.warm(live.warm())
        output = Output(wanted.path, wanted.limits, recording)
        backend, why = _opened(wanted, frozenset(live.ports))
        with closing(backend):
            opened.open()
            with closing(output):
                output.open()
                own = own_addresses()
                drop_everything()
                confine_recording(output.folder, opened.folders, backend.children)
                signals.recording()
                failure = _record(wanted, backend, output, live, own, signals.stop, watch)
            signals.finishing()
            notes = [why, *backend.blind, *_counts(backend)]
            audit = counting_from(live.audit(_name(wanted), notes), wanted.fail_on)
        opened.write(audit)
    return audit, failure


def _check_recording(wanted: Wanted, guard: Guard) -> None:
    """Refuse now a recording that would replace what must stay. Raises OutputError."""
    if wanted.path == NOWHERE or wanted.limits.file_bytes:
        return  # the names of a ring are new ones
    sink.check(wanted.path, guard)


def _record(
    wanted: Wanted,
    backend: Backend,
    output: Output,
    live: LiveAudit,
    own: frozenset[str],
    stop: Event,
    watch: Watch,
) -> str:
    recorder = Recorder(
        backend,
        output,
        wanted.limits,
        filter_text=capture_filter(live.ports),
        names=live.names(),
        own=own,
        watcher=watch,
        meanwhile=watch.tick,
    )
    names = ", ".join(interface.name for interface in backend.interfaces)
    watch.tell(f"Capturing on {names} with backend {backend.name}; Ctrl-C ends it.")
    try:
        recorder.run(stop)
    except CaptureError as error:
        quiet = isinstance(error.__cause__, BrokenPipeError)
        return "" if quiet else str(error)
    finally:
        watch.look()
    return ""


def _opened(wanted: Wanted, ports: frozenset[int]) -> tuple[Backend, str]:
    try:
        return choose_backend(wanted.backend, Request(wanted.interfaces, ports))
    except CaptureError as error:
        lacking = missing(BACKENDS[BackendName.EBPF].capabilities) if wanted.backend == AUTO else ()
        if lacking:
            raise CaptureError(how_to_grant(lacking)) from error
        raise


def _counts(backend: Backend) -> Iterator[str]:
    for interface, count in zip(backend.interfaces, backend.counters(), strict=True):
        missed = count.dropped + count.lost
        yield (
            f"{interface.name}: {count.seen:,} packets seen, {count.matched:,} of them on the "
            f"ports, {count.kept:,} kept, {missed:,} lost."
        )


def _name(wanted: Wanted) -> str:
    if wanted.path in (NOWHERE, "-"):
        return f"live capture on {', '.join(wanted.interfaces)}"
    return wanted.path
