"""Where the clock of a capture was set, thinning begins anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tape import PORTS, Endpoint, Tape
from thinning_stage import follow, judged

from auditor.evidence.thin_file import thin_capture
from auditor.evidence.thinning.clock_set import set_clock
from auditor.evidence.thinning.tables import FLOW, SIDE, STATE
from auditor.flows.tcp_state import NEVER
from auditor.packets import read_capture

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
SIX = Endpoint("2001:db8::31", 40001), Endpoint("2001:db8::20", 9103)


def test_all_are_active_now_and_what_follows_is_kept() -> None:
    state, flows, sides = np.zeros(1, STATE)[0], np.zeros(2, FLOW), np.zeros(4, SIDE)
    state["matched"], state["clock"], flows["doubtful"][0] = 7, 900, 64
    assert set_clock(100, state, flows, sides) == 7
    assert state["clock"] == 100
    assert set(sides["active_at"].tolist()) == {100}
    assert set(sides["unchanged_since"].tolist()) == {NEVER}
    assert flows["doubtful"].tolist() == [64, 8]


@pytest.mark.parametrize("ends", [(FD, SD), SIX], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("back", [0.2, 61, 7200])
@pytest.mark.parametrize("hidden", [False, True])
def test_the_thinned_capture_says_where_the_clock_was_set(
    tmp_path: Path, ends: tuple[Endpoint, Endpoint], back: float, hidden: bool
) -> None:
    """If only by packets that are not kept."""
    fd, sd = ends
    tape = Tape().syn(fd, sd).synack().ack().send(fd, b"hello").ack()
    for _ in range(2):
        tape.silence(60).probe(fd).answer()
    tape.silence(20).other().silence(-back).other()
    tape.silence(back + 40 if hidden else 40).probe(fd).answer()
    for _ in range(2):
        tape.silence(60).probe(fd).answer()
    full, thin = tmp_path / "full.pcap", tmp_path / "thin.pcapng"
    full.write_bytes(tape.silence(3).other().pcap())
    thin_capture(str(full), str(thin), PORTS)
    flows, info = follow(full.read_bytes())
    again, account = follow(thin.read_bytes())
    assert [judged(flow) for flow in again] == [judged(flow) for flow in flows]
    exact = [probe.exact for probe in again[0].initiator.probes]
    assert len(exact) == 5
    assert {True, False} == set(exact)
    assert any(step.after < step.before for step in info.clock.steps)
    assert (account.clock, account.ended) == (info.clock, info.ended)


def test_thinned_once_more_it_still_does(tmp_path: Path) -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"hello").ack()
    tape.silence(20).other().silence(-9).other().silence(40).send(FD, b"x").ack()
    paths = [str(tmp_path / name) for name in ("full.pcap", "thin.pcapng", "again.pcapng")]
    Path(paths[0]).write_bytes(tape.pcap())
    thin_capture(paths[0], paths[1], PORTS)
    thin_capture(paths[1], paths[2], PORTS)
    clocks = []
    for path in paths:
        with read_capture(path, PORTS) as reader:
            list(reader)
            clocks.append(reader.info.clock)
    assert len(set(clocks)) == 1
    assert len(clocks[0].steps) == 2
