"""One capture, read to its end by two threads."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from paths import CAPTURES
from scene import DIR, DIRECTOR, FD1, SD1, Wire

from auditor.errors import CaptureError
from auditor.pipeline.track_capture import track_capture

PORTS = frozenset({9101, 9102, 9103})


def recorded(folder: Path) -> Path:
    path = folder / "tape.pcap"
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).hang_up().dial(DIR, SD1, 9103, DIRECTOR)
    path.write_bytes(wire.pcap())
    return path


@pytest.mark.parametrize(
    ("ports", "acceptors"), [(PORTS, [FD1, SD1]), ({9103}, [SD1]), ({7}, [])], ids=str
)
def test_only_flows_on_the_ports_asked_for_are_tracked(
    tmp_path: Path, ports: Collection[int], acceptors: list[str]
) -> None:
    tracked = track_capture(str(recorded(tmp_path)), ports)
    assert [flow.acceptor.address for flow in tracked.flows] == acceptors
    assert tracked.overflow == ()
    assert bool(tracked.info.segments) is bool(acceptors)
    assert tracked.info.packets > 0


def test_progress_is_told_in_steps_that_add_up_to_the_file() -> None:
    path = CAPTURES / "modes" / "capture.pcap"
    steps: list[int] = []
    track_capture(str(path), PORTS, steps.append)
    assert len(steps) > 1
    assert min(steps) >= 0
    assert sum(steps) == path.stat().st_size


def test_a_file_that_is_no_capture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no capture at all, and long enough for a header")
    with pytest.raises(CaptureError):
        track_capture(str(tmp_path / "x"), PORTS)


def test_an_error_of_the_thread_that_follows_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **_options: Any) -> None:
        raise RuntimeError("cannot follow")

    monkeypatch.setattr("auditor.flows.ConnectionTracker.feed", fail)
    with pytest.raises(RuntimeError, match="cannot follow"):
        track_capture(str(recorded(tmp_path)), PORTS)
