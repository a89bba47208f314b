"""In which files of a recording connections and frames are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.flows.flow import Flow, InitiatorEvidence, Outcome, Side
from auditor.judge.tables.places import Places
from auditor.packets.segments import CaptureInfo

EMPTY = CaptureInfo("empty", "pcap", "", "")
FILES = [
    EMPTY,
    replace(EMPTY, name="a", packets=10, first=0, last=100),
    replace(EMPTY, name="b", packets=5, before=10, first=90, last=150),
    replace(EMPTY, name="c of c", packets=7, before=15, first=300, last=400),
]
SIDE = Side("10.0.0.1", 1)


def flow(started: int, last: int) -> Flow:
    evidence, outcome = InitiatorEvidence.SYN, Outcome.ESTABLISHED
    return Flow(0, SIDE, SIDE, evidence, outcome, started, last)


@pytest.mark.parametrize(
    ("span", "names"),
    [
        ((0, 50), ["a"]),
        ((95, 99), ["a", "b"]),
        ((20, 400), ["a", "b", "c of c"]),
        ((101, 300), ["b", "c of c"]),
        ((350, 350), ["c of c"]),
        ((200, 250), ["empty"]),  # where no file is: as good as any
    ],
)
def test_a_flow_is_in_the_files_of_its_time(span: tuple[int, int], names: list[str]) -> None:
    found = Places(FILES).of(flow(*span))
    assert [FILES[index].name for index in found] == names
    if names != ["empty"]:
        assert Places(FILES).ends(flow(*span)) == (names[0], names[-1])


def test_the_ends_of_what_no_file_is_of_are_files_all_the_same() -> None:
    for span in ((200, 250), (500, 600), (-9, -1)):
        assert set(Places(FILES).ends(flow(*span))) <= {one.name for one in FILES}


def test_one_file_is_where_everything_is() -> None:
    places = Places(FILES[1:2])
    assert places.of(flow(900, 901)) == [0]
    assert places.ends(flow(900, 901)) == ("a", "a")
    assert str(places.frame(7)) == "7"


@pytest.mark.parametrize(
    ("number", "told"),
    [(1, "1 of a"), (10, "10 of a"), (11, "1 of b"), (15, "5 of b"), (16, "1 of c of c")],
)
def test_a_frame_is_told_with_its_file(number: int, told: str) -> None:
    assert str(Places(FILES).frame(number)) == told
