"""A recording in several files is judged as in one: for any cut, any order and any overlap."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest
from cutting import cut, differences, recorded
from paths import CAPTURES

import auditor
from auditor import Audit, Network

RECORDINGS = sorted(path for path in CAPTURES.rglob("*.pcap*") if path.stat().st_size < 600_000)


@cache
def whole(path: Path) -> tuple[Audit, Network]:
    """Return the audit of a recording in one file, and what it was held against."""
    found = (folder / "config" for folder in path.parents)
    config = next((one for one in found if one.is_dir()), None)
    network = auditor.load_network(config=config, resolve=False)
    return auditor.audit(path, network=network), network


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_cut_changes_nothing(path: Path, tmp_path: Path) -> None:
    chance = random.Random(str(path.relative_to(CAPTURES)))
    audit, network = whole(path)
    last = len(recorded(path.read_bytes()).packets)
    lap, zipped = chance.choice([0, 0, 1, 5, 100]), chance.random() < 0.3
    places = [chance.randrange(1, last) for _ in range(chance.choice([1, 3, 8]))]
    pieces = cut(path, places, tmp_path, zipped=zipped, lap=lap)
    again = chance.random() < 0.5
    if again:  # one of them is given twice, under another name
        pieces.append(tmp_path / f"again{path.suffix}")
        pieces[-1].write_bytes(chance.choice(pieces[:-1]).read_bytes())
    chance.shuffle(pieces)
    found = auditor.audit(pieces, network=network)
    assert differences(audit, found, frames=not (lap or again)) == [], (places, lap)


@pytest.mark.parametrize("place", [1, 7, 350, 761])
def test_a_file_that_others_are_parts_of_counts_once(place: int, tmp_path: Path) -> None:
    path = CAPTURES / "trouble" / "capture.pcap"
    audit, network = whole(path)
    files = [path, *cut(path, [place], tmp_path)]
    for order in (files, files[::-1]):
        both = auditor.audit(order, network=network)
        assert differences(audit, both, frames=False) == []
        notes = both.captures.set_index("name")["notes"]
        copies = [
            name for name in notes.index if any("in other captures" in n for n in notes[name])
        ]
        assert copies == [str(one) for one in files[1:]] or len(copies) == 1


def test_files_that_overlap_are_read_in_order_of_time_whatever_they_are_called(
    tmp_path: Path,
) -> None:
    path = CAPTURES / "refusals" / "capture.pcap"
    audit, network = whole(path)
    pieces = cut(path, [100, 200, 300, 400], tmp_path, lap=40)
    found = auditor.audit(pieces[::-1], network=network)
    assert found.captures["name"].tolist() == list(map(str, pieces))
    assert found.captures["recording"].tolist() == [1] * 5
    assert found.captures["frames_before"].tolist() == [0, 100, 240, 380, 520]
    assert differences(audit, found, frames=False) == []


def missing_beats(audit: Audit) -> set[tuple[object, ...]]:
    """Return the ports of the connections whose heartbeat fails."""
    flows = audit.tables["flows"]
    columns = [
        flows.values(name) for name in ("initiator_port", "acceptor_port", "heartbeat_verdict")
    ]
    return {(min(a, b), max(a, b)) for a, b, said in zip(*columns, strict=True) if said == "fail"}


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: "/".join(path.parts[-3:]))
def test_of_what_is_missing_between_files_nothing_is_known(path: Path, tmp_path: Path) -> None:
    chance = random.Random(f"missing {path.relative_to(CAPTURES)}")
    audit, network = whole(path)
    last = len(recorded(path.read_bytes()).packets)
    places = [chance.randrange(1, last) for _ in range(6)]
    pieces = cut(path, places, tmp_path)
    some = chance.sample(pieces, 1 + len(pieces) // 2)
    found = auditor.audit(some, network=network)
    assert missing_beats(found) <= missing_beats(audit), places


def test_a_gap_that_nothing_shows_makes_no_heartbeat_missing(tmp_path: Path) -> None:
    path = CAPTURES / "heartbeat" / "capture.pcap"
    audit, network = whole(path)
    pieces = cut(path, [355, 1504, 1535, 1798], tmp_path)
    found = auditor.audit(pieces[::2], network=network)
    assert missing_beats(found) <= missing_beats(audit)
