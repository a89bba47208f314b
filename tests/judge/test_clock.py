"""The clock of a capture: what is written in the wrong order is read in the right one, and where it
was set nothing is judged that rests on it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from changed import RECORDINGS, Told, frames_of, said, said_of, written
from paths import CAPTURES

import auditor
from auditor.pipeline.live import LiveAudit
from auditor.pipeline.network import load_network

_S = 1_000_000_000


def shuffled(frames: tuple[Told, ...], most: int) -> list[Told]:
    """Return frames as queues that are emptied in turn write them: late by at most ``most`` ns."""
    at_random = random.Random(len(frames))
    waits = [(frame.time + at_random.randrange(most), k) for k, frame in enumerate(frames)]
    return [frames[k] for _, k in sorted(waits)]


def set_back(frames: tuple[Told, ...], back: int) -> list[Told]:
    """Return frames of which the second half was stamped by a clock that was set back (ns)."""
    half = len(frames) // 2
    return [*frames[:half], *(one._replace(time=one.time - back) for one in frames[half:])]


@pytest.mark.parametrize("name", RECORDINGS)
def test_frames_in_the_wrong_order_change_nothing(name: str, tmp_path: Path) -> None:
    for most in (20_000, 120_000_000):
        stands = shuffled(frames_of(name), most)
        assert said_of(written(tmp_path / "x.pcap", name, stands), name) == said(name)


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_clock_that_is_set_back_accuses_no_heartbeat_and_acquits_none(
    name: str, tmp_path: Path
) -> None:
    known = said(name)
    for back in (_S, 3600 * _S):
        found = said_of(written(tmp_path / "x.pcap", name, set_back(frames_of(name), back)), name)
        for rule in ("heartbeat-missing", "heartbeat-interval-wrong", "heartbeat-unanswered"):
            fails = (rule, "fail", "medium")
            assert found.findings[fails] <= known.findings[fails]
        passed = [key for key in found.flows - known.flows if key[12] == "pass"]
        assert passed == []


@pytest.mark.parametrize("name", ["modes", "cases/19-client-initiated-heartbeat-at-director"])
def test_a_capture_that_grows_is_put_in_order_as_a_whole_one_is(name: str, tmp_path: Path) -> None:
    stands = set_back(tuple(shuffled(frames_of(name), 120_000_000)), 30 * _S)
    path = written(tmp_path / "x.pcap", name, stands)
    config = CAPTURES / name / "config"
    whole = auditor.audit(path, config=config, resolve=False)
    live = LiveAudit(load_network(config=config, resolve=False), here=False, name="x.pcap")
    data = path.read_bytes()
    for start in range(0, len(data), 5000):
        live.feed(data[start : start + 5000])
    grown = live.audit("x.pcap")
    assert list(grown.tables["flows"].values("heartbeat_reason")) == list(
        whole.tables["flows"].values("heartbeat_reason")
    )
    steps = [one.tables["captures"].values("clock_steps") for one in (whole, grown)]
    assert steps[0] == steps[1] != [[]]


@pytest.mark.parametrize("share", [0.3, 0.6])
@pytest.mark.parametrize("forward", [30, 3600])
def test_a_clock_that_is_set_forward_accuses_no_connection_that_shows_it(
    share: float, forward: int, tmp_path: Path
) -> None:
    name = "beat-other"
    frames = frames_of(name)
    place = int(len(frames) * share)
    later = (one._replace(time=one.time + forward * _S) for one in frames[place:])
    path = written(tmp_path / "x.pcap", name, [*frames[:place], *later])
    found = said_of(path, name)
    assert not [key for key in found.findings - said(name).findings if key[1] == "fail"]
    (told,) = auditor.audit(path, resolve=False).captures["clock_steps"][0]
    assert float(told.split()[1]) == pytest.approx(forward, rel=0.01)
