"""A recording whose process is killed: what it has lost by then."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bpf_recording import Dialogue
from livenet import running
from netns import Namespace, injector, join, namespaces, need, why_no_bpf
from tape import PORTS

from auditor.packets import Decoder

#: What may be lost, by the issue of a kill -9; and what a busy machine takes on top.
LOST_S, BUSY_S = 1.0, 0.3


@pytest.fixture
def ends() -> Iterator[list[Namespace]]:
    need(why_no_bpf())
    with namespaces(2) as pair:
        join(*pair, addresses=False)
        yield pair


@pytest.mark.slow
def test_a_killed_recording_lacks_no_more_than_its_last_second(
    ends: list[Namespace], tmp_path: Path
) -> None:
    target = tmp_path / "evidence.pcapng"
    syns = [Dialogue(source=20000 + number).frame(0, "S") for number in range(300)]
    with (
        running(ends[0], "capture", "wire0", "--backend", "ebpf", "-w", target) as program,
        injector(ends[1]) as far,
    ):
        sent = []
        for syn in syns:
            sent.append(time.time_ns())
            far.send(syn)
            select.select([], [], [], 0.01)
        killed = time.time_ns()
        program.kill()
    decoder = Decoder(PORTS)
    kept = sum(len(batch.segments) for batch in decoder.feed(target.read_bytes()))
    decoder.finish()
    due = sum(time < killed - (LOST_S + BUSY_S) * 1e9 for time in sent)
    assert due > 100
    assert kept >= due
