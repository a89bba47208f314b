"""A part of the configuration never makes a healthy network fail: one host's tree at a time, or one
whose includes nobody can follow."""

from pathlib import Path

import pytest
from paths import CAPTURES
from scene import (
    DIR,
    FD1,
    FD2,
    NETWORK,
    SD1,
    STRANGER,
    Wire,
    audit,
    edited,
    failed,
    job,
    network,
    tls,
)

import auditor

#: What the recording fails with the whole configuration, too.
GENUINE = {"modes": set(), "heartbeat": set(), "cleartext": {"cleartext-connection"}}
TREES = [
    (recording, tree.name)
    for recording in GENUINE
    for tree in sorted((CAPTURES / recording / "config").iterdir())
]


@pytest.mark.parametrize(("recording", "tree"), TREES)
def test_one_hosts_configuration_accuses_nobody(recording: str, tree: str) -> None:
    audit = auditor.audit(
        CAPTURES / recording / "capture.pcap",
        config=CAPTURES / recording / "config" / tree,
        resolve=False,
    )
    fails = audit.fails[audit.fails["severity"] != "info"]
    assert set(fails["rule"]) <= GENUINE[recording], list(fails["message"])


def test_a_stranger_is_still_found_by_the_directors_and_a_daemons_configuration() -> None:
    trouble = CAPTURES / "trouble"
    trees = [trouble / "config" / tree for tree in ("dir", "con", "sd1")]
    audit = auditor.audit(trouble / "capture.pcap", config=trees, resolve=False)
    strangers = audit.fails[audit.fails["rule"] == "unknown-initiator"]
    found = audit.flows[audit.flows["id"].isin(strangers["flows"].explode())]
    assert {"10.77.0.20", "10.77.0.10"} <= set(found["acceptor_address"])


@pytest.mark.parametrize("tree", ["fd1", "fd2", "fd3", "sd1", "sd2", "con"])
def test_a_possible_stranger_is_never_passed_by(tree: str) -> None:
    """One daemon's files cannot tell whether a host that dials others is a stranger."""
    trouble = CAPTURES / "trouble"
    config = trouble / "config" / tree
    audit = auditor.audit(trouble / "capture.pcap", config=config, resolve=False)
    assert (audit.severity, audit.verdict) == ("", "unknown")


ACCUSING = {"unknown-initiator", "identity-mismatch", "unnumbered-connection"}
LISTED = f"Client {{ Name = fd2; Address = {FD2}; Password = fd2pw; Passive = yes }}\n"
DIALS = [
    lambda: Wire().dial(STRANGER, SD1, 9103, tls("R_JOB\x1eother.2026-11-22_22.22.37_03")),
    lambda: Wire().dial(STRANGER, DIR, 9101, tls("R_CLIENT\x1eguest")),
    lambda: Wire().dial(FD1, SD1, 9103, tls(job("hidden"))),
]


@pytest.mark.parametrize("include", ["@|/usr/local/bin/clients", "@/etc/bareos/more.conf"])
@pytest.mark.parametrize("number", range(len(DIALS)))
def test_nobody_is_called_unknown_where_an_include_hides_a_part(
    number: int, include: str, tmp_path: Path
) -> None:
    whole = audit(tmp_path / "whole", DIALS[number](), network())
    assert ACCUSING & set(whole.fails["rule"])
    hidden = edited("dir", LISTED, f"{include}\n").replace("Job { Name = job2", "Job { Name = gone")
    result = audit(tmp_path / "part", DIALS[number](), network(dir=hidden, fd2=None))
    assert not ACCUSING & set(result.fails["rule"]), list(result.fails["message"])
    (said,) = (one for one in result.statements if "was not read" in one)
    assert "/part/config/dir/bareos-dir.conf:5: what this includes was not read" in said
    unknown = result.findings[result.findings["rule"].isin(ACCUSING)]
    assert set(unknown["verdict"]) <= {"unknown"}


def test_a_director_whose_jobs_are_not_at_hand_accuses_no_job(tmp_path: Path) -> None:
    """Its Jobs are in files that were not given: no Director is without any."""
    text = NETWORK["dir/bareos-dir.conf"]
    jobless = "\n".join(line for line in text.splitlines() if not line.startswith("Job"))
    tape = Wire().dial(FD1, SD1, 9103, tls(job("unheard-of")))
    assert failed(audit(tmp_path / "all", tape)) == ["identity-mismatch"]
    result = audit(tmp_path / "part", tape, network(dir=jobless))
    assert (failed(result), list(result.flows["connection"])) == ([], ["6"])
