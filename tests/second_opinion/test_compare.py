"""An audit beside Wireshark: they agree, or a difference has its frame and its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from audits import FLOW, made
from paths import CAPTURES
from scene import DIR, DIRECTOR, FD1, SD1, Wire, audit

import auditor
from auditor.errors import SecondOpinionError
from auditor.opinion import Difference, Opinion
from auditor.second_opinion import compare
from auditor.second_opinion.compare import second_opinion
from auditor.second_opinion.wireshark import Ends, Sight

pytestmark = pytest.mark.tshark

PORTS = frozenset({5432, 9101, 9102, 9103})
THERE = Ends("192.0.2.10", 40000, "192.0.2.20", 9103)
BACK = Ends(*THERE[2:], *THERE[:2])
STARTED = FLOW["started"]


def asked(name: str, folder: str = "") -> Opinion:
    config = CAPTURES / name / "config"
    capture = CAPTURES / name / folder / "capture.pcap"
    found = auditor.audit(capture, config=config, resolve=False, second_opinion=True).opinion
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["trouble", "refusals", "modes", "cleartext", "self-copy"])
def test_both_see_the_same_in_recordings(name: str) -> None:
    opinion = asked(name)
    assert opinion.program.startswith("TShark (Wireshark) ")
    assert all(one.ours == one.theirs == one.both for one in opinion.agreements)
    assert opinion.agreements[0].both > 5
    assert (opinion.differences, opinion.more, opinion.incomplete) == ((), 0, "")


def test_what_only_we_see_has_its_frame_and_its_reason() -> None:
    opinion = asked("heartbeat")
    probes = [one for one in opinion.differences if one.what == compare.PROBES]
    assert len(probes) == 9  # tests/test_tshark_witness.py says why
    assert all(one.ours and one.frame and "older than the capture" in one.reason for one in probes)
    assert all(one.ends == "10.77.0.33:40416 → 10.77.0.10:9101" for one in probes)


def test_ipv6_is_compared_as_ipv4_is(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, SD1, 9103, DIRECTOR).talk().beats(60, 2)
    six = tape.over_six() if hasattr(tape, "over_six") else tape
    capture = tmp_path / "tape.pcap"
    capture.write_bytes(six.pcap())
    opinion = auditor.audit(capture, second_opinion=True).opinion
    assert opinion is not None
    assert [one.both for one in opinion.agreements] == [1, 1, 2, 2, 1]
    assert opinion.differences == ()


def test_a_packed_capture_is_unpacked_for_it(tmp_path: Path) -> None:
    import gzip

    packed = tmp_path / "tape.pcap.gz"
    packed.write_bytes(gzip.compress(Wire().dial(DIR, FD1, 9102, DIRECTOR).pcap()))
    opinion = auditor.audit(packed, second_opinion=True).opinion
    assert opinion is not None
    assert opinion.agreements[0] == ("SYNs", 1, 1, 1)


def told(
    monkeypatch: pytest.MonkeyPatch, *sights: Sight, failure: str = "", **flow: Any
) -> Opinion:
    """Return the opinion where Wireshark sees this, beside one flow with these cells."""

    def theirs(*_: object) -> Any:
        yield from sights
        if failure:
            raise SecondOpinionError(failure)

    monkeypatch.setattr(compare, "sights", theirs)
    monkeypatch.setattr(compare, "frames_at", lambda *_: {})
    monkeypatch.setattr(compare, "program", lambda: "TShark 0")
    ours = {**FLOW, "syns": 1, "identity_type": "", **flow}
    return second_opinion(made(flows=[ours]), ["a.pcap"], PORTS)


def sight(ends: Ends = THERE, time: int = STARTED, **what: Any) -> Sight:
    plain = {"syn": False, "again": False, "probe": False, "answer": False, "identity": b""}
    return Sight(7, time, ends, **{**plain, **what})


SYN = sight(syn=True)


def test_what_both_see_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, SYN).differences == ()


@pytest.mark.parametrize(
    ("more", "flow", "what", "reason"),
    [
        (sight(probe=True), {}, compare.PROBES, "not for the silence before it"),
        (sight(BACK, answer=True), {}, compare.ANSWERS, "not for the silence before it"),
        (sight(syn=True, time=STARTED + 1), {"syns": 2}, compare.DIALLED, "repetition of the SYN"),
        (
            sight(probe=True),
            {"tampering_count": 1, "tampering": "two segments differ"},
            compare.PROBES,
            "somebody writes into the connection: two segments differ",
        ),
        (sight(syn=True, again=True), {"duplicates": 1}, compare.SYNS, "delivered frames twice"),
        (sight(identity=b"R_DIRECTOR\x1eevil"), {}, compare.IDENTITIES, ""),
        (
            sight(Ends("192.0.2.9", 1, "192.0.2.20", 9103), probe=True),
            {},
            compare.PROBES,
            "follows no connection there",
        ),
    ],
)
def test_what_only_wireshark_sees_has_its_frame_and_reason(
    monkeypatch: pytest.MonkeyPatch, more: Sight, flow: Any, what: str, reason: str
) -> None:
    (one,) = told(monkeypatch, SYN, more, **flow).differences
    assert (one.what, one.ours, one.frame, one.capture) == (what, False, 7, "a.pcap")
    assert reason in one.reason


def test_what_only_we_see_of_a_whole_connection_is_called_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = told(monkeypatch).differences
    assert [(one.what, one.ours, one.time) for one in found] == [
        (compare.SYNS, True, None),
        (compare.DIALLED, True, STARTED),
    ]
    assert all(isinstance(one, Difference) for one in found)


def test_rows_of_many_attempts_are_left_out_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    opinion = told(monkeypatch, SYN, sight(BACK, answer=True), attempts=900, syns=2000)
    assert [tuple(one)[1:] for one in opinion.agreements] == [(0, 0, 0)] * 5
    assert opinion.incomplete == "attempts that share a row are not compared"


def test_where_wireshark_gives_up_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    opinion = told(monkeypatch, SYN, failure="it crashed")
    assert opinion.agreements[0].both == 1
    assert opinion.incomplete == "a.pcap: it crashed"


def test_of_many_differences_a_thousand_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [sight(probe=True, time=STARTED + n) for n in range(2500)]
    opinion = told(monkeypatch, SYN, *many)
    assert (len(opinion.differences), opinion.more) == (1000, 1500)


def test_without_being_asked_there_is_none(tmp_path: Path) -> None:
    assert audit(tmp_path, Wire().other()).opinion is None
