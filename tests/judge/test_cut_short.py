"""A recording that begins late or ends early says less than the whole, and never something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import DIR, FD1, FD3, SD1, SD2, STRANGER, Wire, audit, failed, job, tls

FD, SD, DIRECTOR = 9102, 9103, 9101
RULE = "storage-dials-active-client"


def unlocated(client: str, storage: str) -> dict[str, str]:
    """Return files that do not say where their Director is."""
    return {
        "dir/bareos-dir.conf": f"""
Director {{ Name = dir; Password = dirpw }}
Client {{ Name = fd1; Address = {client}; Password = fd1pw }}
Storage {{ Name = sd1; Address = {storage}; Password = sd1pw; Device = d1; Media Type = F }}
"""
    }


@pytest.mark.parametrize(("client", "storage"), [(FD1, SD1), (FD3, SD2)])
def test_a_director_beside_a_storage_daemon_is_not_taken_for_it(
    client: str, storage: str, tmp_path: Path
) -> None:
    files = unlocated(client, storage)
    late = audit(tmp_path / "late", Wire().midstream(storage, client, FD).talk(), files)
    assert RULE not in failed(late)
    (told,) = late.findings.query("rule == @RULE").itertuples()
    assert told.verdict == "unknown"
    assert "a Director may be on that host" in told.message
    whole = Wire().dial(storage, client, FD, tls("R_DIRECTOR\x1edir"))
    assert RULE not in set(audit(tmp_path / "whole", whole, files).findings["rule"])
    named = Wire().dial(storage, client, FD, tls(job("job1")))
    assert RULE in failed(audit(tmp_path / "named", named, files))


@pytest.mark.parametrize(("target", "port"), [(SD1, SD), (FD1, FD), (DIR, DIRECTOR)])
def test_nobody_is_unknown_who_had_no_time_to_say_his_name(
    target: str, port: int, tmp_path: Path
) -> None:
    early = audit(tmp_path / "early", Wire().dial(STRANGER, target, port))
    (told,) = early.findings.query("rule == 'unknown-initiator'").itertuples()
    assert told.verdict == "unknown"
    assert "ends before it had time to say who it is" in told.message
    silent = audit(tmp_path / "silent", Wire().dial(STRANGER, target, port).silence(3).other())
    (told,) = silent.findings.query("rule == 'unknown-initiator'").itertuples()
    assert told.verdict == "fail"
