"""Captures that others thin, a file each, are judged as one recording: by whomever it was done."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from cutting import cut, differences, recorded
from paths import CAPTURES

import auditor
from auditor import Audit, Network
from auditor.engines.here import Here
from auditor.engines.unit import Failed, Outcome, Task, thin_one
from auditor.errors import CaptureError, EngineError, OutputError

RECORDINGS = sorted(path for path in CAPTURES.rglob("*.pcap*") if path.stat().st_size < 600_000)
TROUBLE = CAPTURES / "trouble" / "capture.pcap"
#: Evidence has fewer segments, and what is counted in it is a lower bound (docs/thinning.md).
COUNTED = (
    "segments",
    "initiator_octets",
    "acceptor_octets",
    "largest_acknowledged",
    "longest_quiet_s",
    "retransmissions",
    "heartbeat_reason",
)


@cache
def whole(path: Path) -> tuple[Audit, Network]:
    """Return the audit of a recording that was thinned in one piece."""
    found = (folder / "config" for folder in path.parents)
    network = auditor.load_network(config=next(filter(Path.is_dir, found), None), resolve=False)
    return auditor.audit(path, network=network, engine=Here()), network


def judged_otherwise(one: Audit, other: Audit) -> list[str]:
    found = differences(one, other, frames=False)
    counted = tuple(f"flows: ('{column}'" for column in COUNTED)
    return [line for line in found if not line.startswith((*counted, "passed"))]


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: "/".join(path.parts[-3:]))
def test_pieces_thinned_each_by_itself_are_judged_as_the_whole(path: Path, tmp_path: Path) -> None:
    """What lies at a cut may be the middle of a hello."""
    chance = random.Random(f"gathered {path.relative_to(CAPTURES)}")
    audit, network = whole(path)
    last = len(recorded(path.read_bytes()).packets)
    places = [chance.randrange(1, last) for _ in range(chance.choice([1, 3, 8]))]
    pieces = cut(path, places, tmp_path)
    chance.shuffle(pieces)
    found = auditor.audit(pieces, network=network, engine=Here())
    assert judged_otherwise(audit, found) == [], places


def test_findings_and_numbers_are_those_of_an_audit_without_an_engine() -> None:
    thinned, network = whole(TROUBLE)
    direct = auditor.audit(TROUBLE, network=network)
    assert judged_otherwise(direct, thinned) == []


def test_captures_have_their_own_names_and_frames_are_told_of_none(tmp_path: Path) -> None:
    audit, _ = whole(TROUBLE)
    assert list(audit.captures["name"]) == [str(TROUBLE)]
    assert set(audit.flows["capture"]) == {str(TROUBLE)}
    frames = [name for name in audit.flows.columns if name.endswith("_frame")]
    assert frames and audit.flows[frames].isna().all(axis=None)
    assert audit.probes["frame"].isna().all()
    beat = auditor.audit(CAPTURES / "heartbeat" / "capture.pcap", engine=Here())
    assert len(beat.probes) and beat.probes["frame"].isna().all()
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_every_engine_comes_to_the_same_bytes(tmp_path: Path) -> None:
    network = whole(TROUBLE)[1]
    pieces = cut(TROUBLE, [100, 350, 500], tmp_path)
    documents = []
    for engine, work in ((Here(), None), (2, tmp_path / "w"), (None, tmp_path / "w")):
        audit = auditor.audit(pieces, network=network, engine=engine, work=work)
        audit.save(tmp_path / "audit.json")
        documents.append((tmp_path / "audit.json").read_bytes())
    assert documents[0] == documents[1] == documents[2]


def test_what_cannot_be_read_is_named_and_the_rest_is_audited(tmp_path: Path) -> None:
    audit, network = whole(TROUBLE)
    bad = tmp_path / "bad.pcap"
    bad.write_text("no capture")
    found = auditor.audit([bad, TROUBLE], network=network, engine=Here())
    assert list(found.flows["connection"]) == list(audit.flows["connection"])
    row = found.captures.set_index("name").loc[str(bad)]
    assert row["incomplete_reason"] == (
        f"it was not read: {bad} is not a capture: give a pcap or pcapng file, packed or not "
        "(`tshark -r FILE -w FILE.pcapng` makes one of what only Wireshark knows)"
    )
    assert "capture-incomplete" in set(found.findings["rule"])


def test_that_a_capture_was_not_read_is_said_once(tmp_path: Path) -> None:
    class Gone:
        def run(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
            for task in tasks:
                why = f"{task.path} was not read: the scheduler went away."
                yield Failed(task.number, why) if task.number else thin_one(task)

    found = auditor.audit([TROUBLE, tmp_path / "b.pcap"], engine=Gone())
    reasons = found.captures.set_index("name")["incomplete_reason"]
    assert reasons[str(tmp_path / "b.pcap")] == "it was not read: the scheduler went away"


def test_what_a_capture_could_have_shown_is_not_unseen_if_it_was_not_read(tmp_path: Path) -> None:
    recording = CAPTURES / "heartbeat" / "capture.pcap"
    audit, network = whole(recording)
    had = audit.expectations["opportunity"]
    assert had.any(), "the recording shows what this test is about"
    found = auditor.audit([recording, tmp_path / "gone.pcap"], network=network, engine=Here())
    assert not found.expectations["opportunity"].any()
    reasons = set(found.expectations["opportunity_reason"][had])
    assert reasons == {"1 of the captures could not be read, which may hold it"}


def test_if_nothing_can_be_read_there_is_no_audit(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="does not exist"):
        auditor.audit([tmp_path / "a.pcap", tmp_path / "b.pcap"], engine=Here())


def test_standard_input_is_for_this_process() -> None:
    with pytest.raises(CaptureError, match="give files"):
        auditor.audit("-", engine=Here())


@pytest.mark.parametrize("engine", [0, -1, True, 2.5, object()])
def test_what_is_no_engine_is_refused(engine: object) -> None:
    with pytest.raises(EngineError, match="give"):
        auditor.audit(TROUBLE, engine=engine)


def test_a_run_is_taken_up_from_its_folder(tmp_path: Path) -> None:
    own = tmp_path / "capture.pcap"
    shutil.copy(TROUBLE, own)

    class Nobody:
        def run(self, _tasks: object) -> object:
            raise AssertionError("nothing is left to do")

    first = auditor.audit(own, engine=Here(), work=tmp_path / "work")
    again = auditor.audit(own, engine=Nobody(), work=tmp_path / "work")
    assert first.passed == again.passed
    assert list(first.flows["connection"]) == list(again.flows["connection"])


def test_evidence_that_a_run_needs_may_not_be_where_others_write(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work").chmod(0o777)
    with pytest.raises(OutputError, match="others can write to it"):
        auditor.audit(TROUBLE, work=tmp_path / "work")


@pytest.mark.parametrize("work", [".", "work", "taps/../work/deep"])
def test_evidence_is_not_kept_in_a_folder_of_captures(tmp_path: Path, work: str) -> None:
    """The first run was let, the second was not, and an audit of the folder read the evidence."""
    (tmp_path / "taps").mkdir()
    shutil.copy(TROUBLE, tmp_path / "taps" / "capture.pcap")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputError, match=r"it is in .*; name another --work"):
        auditor.audit(tmp_path, work=tmp_path / work)
    assert sorted(tmp_path.rglob("*")) == before


def test_evidence_may_be_kept_beside_a_folder_of_captures(tmp_path: Path) -> None:
    (tmp_path / "taps").mkdir()
    shutil.copy(TROUBLE, tmp_path / "taps" / "capture.pcap")
    assert auditor.audit(tmp_path / "taps", work=tmp_path / "taps-work").flows is not None
