"""What `capture` recorded on the hosts themselves, judged with what each host has, and with all.

A recording is called ``live-HOST-PART``: PART is the part of ``config/`` that it belongs to. What
its host knew of itself is in it, so that it is judged later as it was on the host.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from mutation import CAPTURES, audit_recording
from true_numbers import Ends, numbers, truth

import auditor

#: What only the host can know: the whole recording, made on the switch, has no sockets.
SOCKET = "socket-heartbeat-wrong"
#: A Director that does not see the 8 cannot tell the second of its two from the first.
SAME_ON_THE_WIRE = {"5a", "5b"}


class Recording(NamedTuple):
    folder: str
    host: str
    part: str

    @property
    def path(self) -> Path:
        return CAPTURES / self.folder / f"live-{self.host}-{self.part}.pcapng"


def recordings() -> list[Recording]:
    found = sorted(CAPTURES.glob("*/live-*.pcapng"))
    return [Recording(path.parent.name, *path.stem.split("-")[1:3]) for path in found]


@cache
def audited(recording: Recording, config: str) -> auditor.Audit:
    """``config``: a host's tree, or empty for all of them."""
    folder = CAPTURES / recording.folder / "config" / config
    return auditor.audit(recording.path, config=folder, resolve=False)


#: Each with the whole configuration, and with the tree of its own host alone.
CASES = [(recording, config) for recording in recordings() for config in ("", recording.host)]
EACH = pytest.mark.parametrize(("recording", "config"), CASES, ids="-".join)


def daemons(audit: auditor.Audit) -> dict[Ends, tuple[str, str]]:
    columns = [*Ends._fields, "initiator_daemon", "acceptor_daemon"]
    rows = audit.flows[columns].itertuples(index=False)
    return {Ends(*row[:4]): (row[4], row[5]) for row in rows}


def failed(audit: auditor.Audit) -> set[tuple[str, Ends]]:
    """Return the rules that fail, with the connections that they fail on."""
    ends = {row[0]: Ends(*row[1:]) for row in audit.flows[["id", *Ends._fields]].values.tolist()}
    return {
        (str(rule), ends[flow])
        for rule, flows in zip(audit.fails["rule"], audit.fails["flows"], strict=True)
        for flow in flows
    }


def test_there_are_recordings_of_hosts() -> None:
    assert {recording.part for recording in recordings()} >= {"all", "fd1_etc", "sd1_etc"}


@EACH
def test_no_connection_has_another_number_than_the_true_one(
    recording: Recording, config: str
) -> None:
    true = truth(recording.folder)
    for ends, number in numbers(audited(recording, config)).items():
        if number and ends in true:
            assert number == true[ends] or {number, true[ends]} == SAME_ON_THE_WIRE, ends


@EACH
def test_no_host_fails_what_the_whole_network_passes(recording: Recording, config: str) -> None:
    whole = failed(audit_recording(recording.folder))
    here = {found for found in failed(audited(recording, config)) if found[0] != SOCKET}
    seen = set(truth(recording.folder))
    assert {found for found in here - whole if found[1] in seen} == set()


@pytest.mark.parametrize("recording", recordings(), ids="-".join)
def test_the_tree_of_any_other_host_gives_no_wrong_number_and_no_fail(recording: Recording) -> None:
    """The files of another host's File Daemon look as those of this one would."""
    whole = audited(recording, "")
    numbered, named, fails = numbers(whole), daemons(whole), failed(whole)
    for folder in sorted((CAPTURES / recording.folder / "config").iterdir()):
        if folder.is_dir() and folder.name != "dir":  # which is a Director's whole network
            part = audited(recording, folder.name)
            for ends, number in numbers(part).items():
                true = numbered[ends]
                assert number in {"", true} or {number, true} <= SAME_ON_THE_WIRE, ends
            for ends, names in daemons(part).items():
                for name, right in zip(names, named[ends], strict=True):
                    assert name == right or name.startswith("any ") or " " not in name, ends
            assert failed(part) <= fails


@EACH
def test_no_daemon_has_a_name_that_is_not_its(recording: Recording, config: str) -> None:
    """The Director's tree alone has no Storage Daemon's own name, but the Storage's."""
    whole = daemons(audit_recording(recording.folder))
    for ends, names in daemons(audited(recording, config)).items():
        for name, true in zip(names, whole.get(ends, names), strict=True):
            named = name != true and not name.startswith("any ") and " " in name
            assert not named or "storage daemon store1" in name, (ends, name, true)


@EACH
def test_what_a_host_dialled_itself_has_its_number(recording: Recording, config: str) -> None:
    """Its process is known, so that its own files are enough. It is a guess only where that is one
    who it dialled, because names have no address here, or where it may be a 5b."""
    audit = audited(recording, config)
    own = audit.flows[audit.flows["socket_side"] == "initiator"]
    assert (own["connection"] != "").all()
    guesses = own[own["confidence"] == "guess"]
    guesses = guesses[~guesses["match_reason"].str.startswith("5a or 5b")]
    assert not guesses["acceptor_known"].any()


def fails_on(recording: Recording, config: str, rule: str) -> pd.DataFrame:
    fails = audited(recording, config).fails
    return fails[fails["rule"] == rule]


@pytest.mark.parametrize("config", ["", "fd1"])
def test_a_file_daemon_with_another_heartbeat_fails_with_its_own_files_as_with_all(
    config: str,
) -> None:
    recording = Recording("beat-other", "fd1", "fd1_etc")
    for rule in ("heartbeat-interval-wrong", SOCKET):
        places = {place for some in fails_on(recording, config, rule)["sources"] for place in some}
        assert {Path(place).name for place in places} == {"me.conf:6"}, rule


@pytest.mark.parametrize("config", ["", "sd1"])
def test_a_storage_daemon_with_another_heartbeat_too(config: str) -> None:
    recording = Recording("beat-other", "sd1", "sd1_etc")
    (found,) = fails_on(recording, config, SOCKET)["message"]
    assert f"{'10.77.0.20' if config else 'storage daemon sd1'} on connection 7" in found
    assert "probe after 7 s where 20 s is configured" in found


@pytest.mark.parametrize("host", ["dir", "sd1"])
@pytest.mark.parametrize("config", ["", "dir", "sd1"])
def test_two_storages_with_other_heartbeats_for_one_daemon_leave_no_doubt(
    host: str, config: str
) -> None:
    audit = audited(Recording("self-copy", host, "all"), config)
    doubtful = audit.findings[audit.findings["rule"].str.contains("heartbeat")]
    assert set(doubtful["rule"]) <= {"heartbeat-unset"}, list(doubtful["message"])
