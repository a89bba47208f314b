"""A part of the configuration never makes a healthy network fail: one host's tree at a time."""

import pytest
from paths import CAPTURES

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
