"""What a reader must know beside the findings, in every report."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from audits import FINDING, FLOW, made
from matching_site import flow_of
from scene import DIR, DIRECTOR, NETWORK, SD1, Wire, audit, network, planted

import auditor
from auditor.judge.tables.table import build
from auditor.packets.segments import CaptureInfo
from auditor.pipeline.build_audit import build_audit
from auditor.pipeline.network import load_network
from auditor.pipeline.statements import statements
from auditor.pipeline.track_capture import TrackedCapture

NO_SETTINGS = build("settings", ())
WITHOUT = "no configuration was given"


def test_an_audit_without_a_configuration_says_so(tmp_path: Path) -> None:
    capture = tmp_path / "tape.pcap"
    capture.write_bytes(Wire().dial(DIR, SD1, 9103, DIRECTOR).pcap())
    (said,) = auditor.audit(capture).statements
    assert said.startswith(WITHOUT)
    assert auditor.audit(capture).summary()["statements"] == [said]


def test_an_audit_with_one_does_not(tmp_path: Path) -> None:
    found = audit(tmp_path, Wire().dial(DIR, SD1, 9103, DIRECTOR)).statements
    assert not any(WITHOUT in said for said in found)


def test_what_was_summarised_is_told_the_first_of_it_in_full() -> None:
    info = CaptureInfo("a.pcap", "pcap", "file", "Ethernet", first=0, last=9)
    flow = flow_of("192.0.2.1", "192.0.2.2", 9103)
    flows = (flow, replace(flow, attempts=900), replace(flow, attempts=100))
    summaries = tuple(f"{number} attempts" for number in (500, 400, 300, 200, 100))
    network = load_network()
    result = build_audit([TrackedCapture(info, flows, (), summaries=summaries)], network)
    assert list(result.statements[1:]) == [
        "3 rows stand for 1,001 connections and attempts: those that are alike share a row, and "
        "`attempts` counts them",
        *summaries[:3],
        "and so are attempts of 2 more kinds: see CAPTURES",
    ]
    table = result.tables["captures"]
    assert table.values("summarised") == [list(summaries)]
    assert table.values("incomplete") == [False]


def test_nothing_is_said_of_an_empty_capture(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().other())
    assert not list(
        statements(load_network(), {**result.tables, "settings": build("settings", ())})
    )


def test_what_the_heartbeats_survive_is_told_where_no_limit_judges_them(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, SD1, 9103, DIRECTOR)
    said = audit(tmp_path, tape).statements
    assert said[0].startswith("connection 12 has no heartbeat: a firewall")
    assert "3, 4, 5a, 5b, 6, 7 and 8 send their first probe after at most 67.5 s" in said[1]
    said = audit(tmp_path / "limited", tape, site="idle_limit: 60m").statements
    assert [one.partition(" in time")[0] for one in said] == [
        "connections 2, 3, 4, 5a, 5b, 6, 7, 8, 9, 10 and 11 speak",
        "The idle limit cannot judge connection 1, whose heartbeat is not known: no bconsole "
        "configuration is at hand.",
    ]


def test_a_limit_without_a_configuration_is_said_to_judge_nothing(tmp_path: Path) -> None:
    (tmp_path / "tape.pcap").write_bytes(Wire().dial(DIR, SD1, 9103, DIRECTOR).pcap())
    said = auditor.audit(tmp_path / "tape.pcap", idle_limit="60m").statements
    assert "judges nothing" in said[1]


def told(folder: Path, *hosts: str) -> list[str]:
    """What is said of a configuration that has these hosts' files only, heartbeats left out."""
    files = {path: text for path, text in NETWORK.items() if path.partition("/")[0] in hosts}
    said = audit(folder, Wire().dial(DIR, SD1, 9103, DIRECTOR), files).statements
    return [one for one in said if "has no heartbeat" not in one and "first probe" not in one]


def test_without_a_director_strangers_cannot_be_judged(tmp_path: Path) -> None:
    (said,) = told(tmp_path / "fd", "fd1")
    assert said.startswith("no configuration of director dir is at hand: strangers cannot")
    (said,) = told(tmp_path / "con", "con")
    assert "strangers cannot be judged" in said


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        ("fd1", "no configuration of director dir is at hand: whether its names, passwords"),
        ("sd1", "no configuration of director dir is at hand: whether its names, passwords"),
        ("con", "no configuration of director dir is at hand: whether its names, passwords"),
        ("dir", "no files of file daemon fd1, fd2, fd3 and storage daemon sd1, sd2: whether they"),
        ("dir fd1 sd1 sd2", "no files of file daemon fd2, fd3: whether they agree with the Dir"),
        ("dir fd1 fd2 fd3 sd1 sd2", ""),
    ],
)
def test_a_part_alone_says_what_it_could_not_be_compared_with(
    hosts: str, said: str, tmp_path: Path
) -> None:
    files = {
        path: text for path, text in NETWORK.items() if path.partition("/")[0] in hosts.split()
    }
    told = auditor.check(planted(tmp_path / "config", files), resolve=False).statements
    compared = [one for one in told if "could not be looked at" in one]
    names = [", ".join(sorted(re.findall(r"\b[fs]d\d", one))) for one in compared]
    assert len(compared) == bool(said)
    assert names == [", ".join(re.findall(r"\b[fs]d\d", said))] * bool(said)
    assert all(one.startswith(said.partition(" of ")[0]) for one in compared)


def test_what_an_include_hides_is_told_once(tmp_path: Path) -> None:
    unread = NETWORK["dir/bareos-dir.conf"] + '@|"/etc/bareos/clients.sh"\n'
    tape = Wire().dial(DIR, SD1, 9103, DIRECTOR)
    found = audit(tmp_path, tape, network(dir=unread)).statements
    assert [one for one in found if "strangers" in one or "no host is called unknown" in one] == [
        one for one in found if "was not read" in one
    ]


def test_daemons_whose_files_are_missing_are_named_with_what_they_dial(tmp_path: Path) -> None:
    (said,) = told(tmp_path / "dir", "dir", "con", "fd2", "sd1")
    assert said == (
        "no files of file daemon fd1, fd3 (4, 6) and storage daemon sd2 (7, 8): the heartbeats "
        "that they set are not known"
    )
    assert told(tmp_path / "all", *{path.partition("/")[0] for path in NETWORK}) == []


def test_of_many_daemons_a_few_are_named(tmp_path: Path) -> None:
    more = "".join(
        f"Client {{ Name = x{i}; Address = 10.9.0.{i}; Password = p{i} }}\n" for i in range(1, 6)
    )
    files = network(dir=NETWORK["dir/bareos-dir.conf"] + more)
    found = audit(tmp_path, Wire().dial(DIR, SD1, 9103, DIRECTOR), files).statements
    assert any("file daemon x1, x2, x3 and 2 more (4, 6):" in one for one in found)


@pytest.mark.parametrize("attempts", [1, 7, 1_000_000])
def test_rows_that_stand_for_many_are_told(attempts: int) -> None:
    rows = [FLOW, {**FLOW, "id": "f2", "attempts": attempts}]
    said = list(statements(load_network(), {**made(flows=rows).tables, "settings": NO_SETTINGS}))
    told = [one for one in said if "stand for" in one]
    assert told == (
        [
            f"2 rows stand for {attempts + 1:,} connections and attempts: those that are alike "
            "share a row, and `attempts` counts them"
        ]
        if attempts > 1
        else []
    )


@pytest.mark.parametrize(("count", "told"), [(16, False), (17, True), (20_000, True)])
def test_findings_that_stand_for_many_are_told(count: int, told: bool) -> None:
    tables = {**made(findings=[{**FINDING, "count": count}, FINDING]).tables}
    said = list(statements(load_network(), {**tables, "settings": NO_SETTINGS}))
    assert (
        any(one.startswith(f"{count:,} findings") and "told as 1:" in one for one in said) is told
    )


def test_the_age_of_a_baseline_is_told_and_how_much_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = Wire().attempt(DIR, SD1, 9103).rst()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1_800_000_000))
    old = audit(tmp_path, tape)
    assert len(old.fails) == 1
    for later, age in ((3600, "less than a day"), (86_400, "1 day"), (6 * 86_400 + 5, "6 days")):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1_800_000_000 + later))
        first = audit(tmp_path, tape, baseline=old).statements[0]
        assert first == (
            "only what is new counts: 1 finding was known already, by the baseline  of 2027-01-15 "
            f"({age} old)"
        ).replace("baseline  of", "baseline of")
    assert "0 findings were known" in audit(tmp_path, Wire().other(), baseline=old).statements[0]


@pytest.mark.parametrize(("back", "told"), [((), ""), ((60,), "once"), ((60, 7), "2 times")])
def test_that_a_clock_was_set_back_is_told_on_the_first_screen(
    tmp_path: Path, back: tuple[int, ...], told: str
) -> None:
    wire = Wire().dial(DIR, SD1, 9103, DIRECTOR).talk()
    for seconds in back:
        wire.silence(5).other().silence(-seconds).other()
    said = [one for one in audit(tmp_path, wire).statements if "the clock" in one]
    assert [re.findall(r"set (.*?):", one) for one in said] == ([[told]] if told else [])
