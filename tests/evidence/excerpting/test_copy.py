"""An excerpt has the chosen packets, each with its comments, and refuses a capture that changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from excerpts import segments, shown
from tape import Endpoint, Tape

from auditor.errors import CaptureError
from auditor.evidence.excerpting.copy import copy_packets
from auditor.evidence.excerpting.selection import Chosen

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Return a capture of seven packets."""
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"x" * 99).ack().fin(FD).ack()
    (tmp_path / "full.pcap").write_bytes(tape.pcap())
    return tmp_path / "full.pcap"


def test_wireshark_shows_the_comments(capture: Path, tmp_path: Path) -> None:
    marks = {4: {"first\ttold": ["why", "and why"], "second": ["ü"]}}
    chosen = Chosen({1, 4, 6}, marks)
    written: list[bytes] = []
    assert copy_packets(str(capture), chosen, ["of all"], written.append) == 3
    copy = tmp_path / "copy.pcapng"
    copy.write_bytes(b"".join(written))
    assert segments(copy) == [segments(capture)[at] for at in (0, 3, 5)]
    found = shown(copy)
    assert [one.time for one in found] == [shown(capture)[at].time for at in (0, 3, 5)]
    assert [one.comments for one in found] == ["", r"first\ttold [why, and why],second [ü]", ""]


def test_a_capture_that_lost_packets_meanwhile_is_refused(capture: Path) -> None:
    with pytest.raises(CaptureError, match="was changed while it was read"):
        copy_packets(str(capture), Chosen({1, 8}), [], lambda _data: None)
