"""What a reader must know beside the findings, in every report."""

from __future__ import annotations

from pathlib import Path

from scene import DIR, DIRECTOR, SD1, Wire, audit

import auditor
from auditor.judge.tables.table import build
from auditor.pipeline.network import load_network
from auditor.pipeline.statements import statements

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


def test_nothing_is_said_of_an_empty_capture(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().other())
    assert not list(
        statements(load_network(), {**result.tables, "settings": build("settings", ())})
    )


def test_what_the_heartbeats_survive_is_told_where_no_limit_judges_them(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, SD1, 9103, DIRECTOR)
    said = audit(tmp_path, tape).statements
    assert said[0].startswith("12 has no heartbeat: a firewall")
    assert "3, 4, 5a, 5b, 6, 7 and 8 first probe after at most 67.5 s." in said[1]
    said = audit(tmp_path / "limited", tape, site="idle_limit: 60m").statements
    assert [one.partition(" in time")[0] for one in said] == [
        "2, 3, 4, 5a, 5b, 6, 7, 8, 9, 10 and 11 speak",
        "The idle limit cannot judge 1, whose heartbeat is not known: no bconsole configuration is "
        "at hand.",
    ]


def test_a_limit_without_a_configuration_is_said_to_judge_nothing(tmp_path: Path) -> None:
    (tmp_path / "tape.pcap").write_bytes(Wire().dial(DIR, SD1, 9103, DIRECTOR).pcap())
    said = auditor.audit(tmp_path / "tape.pcap", idle_limit="60m").statements
    assert "judges nothing" in said[1]
