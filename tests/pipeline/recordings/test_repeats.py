"""Files that begin as others did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pieces_of_tape import PORTS, facts, later, written
from scene import DIR, DIRECTOR, FD1, SD1, Wire

from auditor.packets.segments import SEGMENT
from auditor.pipeline.recordings.repeats import Repeats
from auditor.pipeline.recordings.track_recordings import track_recordings


def segments(*numbers: int, length: int = 9) -> np.ndarray:
    some = np.zeros(len(numbers), SEGMENT)
    some["seq"], some["length"] = numbers, length
    return some


def test_most_of_what_tells_has_to_be_there_already() -> None:
    known = Repeats()
    assert not known.begins_alike(segments(1, 2, 3, 4))
    assert known.begins_alike(segments(1, 2, 3))
    assert not known.begins_alike(segments(4, 5, 6, 7))
    assert not known.begins_alike(segments(1))
    assert not known.begins_alike(segments())


def test_probes_that_are_sent_again_as_they_were_tell_nothing() -> None:
    known = Repeats()
    for _ in range(2):
        assert not known.begins_alike(segments(*[1] * 20, length=1))
        assert not known.begins_alike(segments(2, 3, 4, length=0))


@pytest.mark.parametrize("shift", [300, 3600, 86_400, -3600])
def test_a_copy_whose_times_were_shifted_does_not_go_on(shift: float, tmp_path: Path) -> None:
    """Nobody tampered with connections whose segments come again."""
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).beats(40, 4).dial(DIR, SD1, 9103, DIRECTOR)
    frames = wire.beats(9, 3).frames
    given = written(tmp_path, one=frames, other=later(frames, shift))
    found = track_recordings(given, PORTS)
    assert len(found) == 2
    for one, path in zip(sorted(found, key=lambda one: one.info.name), given, strict=True):
        alone = track_recordings([path], PORTS)[0]
        assert list(map(facts, one.flows)) == list(map(facts, alone.flows))
        assert not any(flow.tampering for flow in one.flows)
