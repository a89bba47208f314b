"""Jobs that ended without a data channel, and all that looks like one and is healthy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from hello_wire import record
from paths import CAPTURES
from scene import (
    DIR,
    DIRECTOR,
    FD1,
    FD2,
    FD3,
    JOB,
    SD1,
    SD2,
    Wire,
    audit,
    edited,
    job,
    network,
    refused,
    tls,
)
from tape import Endpoint

import auditor

RULE = "data-channel-missing"
FD, SD, D = 9102, 9103, 9101
SAID = record(bytes(300), kind=23)
#: What a Storage Daemon and the Director say of volumes and files in a job that moves data.
VOLUMES = record(bytes(2000), kind=23)
BARE = network(dir=edited("dir", f"sd1; Address = {SD1}", "sd1; Address = storage"))


class Job(Wire):
    """A Director that opens 5a and 3, says a little on both, and closes both at the end."""

    def controls(self, storage: str = SD1, client: str = FD1, port: int = FD) -> Job:
        self.dial(DIR, storage, SD, DIRECTOR).send(self.acceptor, SAID).ack()
        self.storage = self.initiator, self.acceptor
        self.silence(0.02).dial(DIR, client, port, DIRECTOR).send(self.acceptor, SAID).ack()
        self.client = self.initiator, self.acceptor
        return self

    def end(self, seconds: float = 5, between: float = 0.01) -> Job:
        self.silence(seconds).on(*self.client).hang_up()
        self.silence(between).on(*self.storage).hang_up()
        return self


def findings(folder: Path, tape: Wire, files: Mapping[str, str] | None = BARE) -> pd.DataFrame:
    """Return the findings that tell of a missing channel, those that a problem explains too."""
    return telling(audit(folder, tape, files))


def telling(result: auditor.Audit) -> pd.DataFrame:
    return result.findings[[RULE in rules for rules in result.findings["rules"]]]


def only(result: auditor.Audit) -> pd.Series:
    """Return the only such finding, with what its flow has of the cause."""
    found = telling(result)
    assert len(found) == 1, found["message"].tolist()
    (flow,) = (row for _, row in result.flows.iterrows() if row["data_channel_missing"])
    return pd.concat([found.iloc[0], flow.rename({"confidence": "number_confidence"})])


def test_a_bare_name_is_named_with_its_line(tmp_path: Path) -> None:
    found = only(audit(tmp_path, Job().controls().end(), BARE))
    assert (found["verdict"], found["severity"], found["confidence"]) == (
        "fail",
        "medium",
        "likely",
    )
    assert "connection 6 was never opened" in found["message"]
    assert "file daemon fd1 is told to dial 'storage' (bareos-dir.conf:8)" in found["message"]
    assert "a name without a dot" in found["message"]
    (source,) = found["sources"]
    assert source.endswith("dir/bareos-dir.conf:8")
    assert source in found["remedy"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("localhost", "which is file daemon fd1's own host"),
        ("127.0.0.1", "which is file daemon fd1's own host"),
        ("sd.example.com", "a name that does not resolve here"),
    ],
)
def test_other_addresses_that_lead_nowhere(address: str, said: str, tmp_path: Path) -> None:
    files = network(dir=edited("dir", f"sd1; Address = {SD1}", f"sd1; Address = {address}"))
    found = only(audit(tmp_path, Job().controls().end(), files))
    assert said in found["cause"]


def test_a_private_address_beside_a_public_client(tmp_path: Path) -> None:
    public = "198.51.99.31"
    text = edited("dir", f"fd1; Address = {FD1}", f"fd1; Address = {public}")
    files = network(dir=text, tray=None)
    found = only(audit(tmp_path, Job().controls(client=public).end(), files))
    assert "a private address, while file daemon fd1 has a public one" in found["cause"]


def test_the_storage_daemon_of_a_passive_client_lacks_its_7(tmp_path: Path) -> None:
    text = edited("dir", f"fd2; Address = {FD2}", "fd2; Address = client")
    tape = Job().controls(client=FD2).end()
    found = only(audit(tmp_path, tape, network(dir=text), site=f"hosts: {{client: {FD2}}}\n"))
    assert found["data_channel_missing"] == "7"
    assert "storage daemon sd1 is told to dial 'client' (bareos-dir.conf:5)" in found["cause"]


def test_a_waiting_4_that_the_job_took(tmp_path: Path) -> None:
    tape = Job().dial(FD3, DIR, D, tls("R_CLIENT\x1efd3")).silence(90)
    waiting = tape.initiator, tape.acceptor
    tape.dial(DIR, SD1, SD, DIRECTOR).send(tape.acceptor, SAID).ack()
    tape.storage = tape.initiator, tape.acceptor
    tape.client = waiting
    tape.silence(0.02).on(*waiting).send(tape.acceptor, SAID).ack()
    found = only(audit(tmp_path, tape.end(), BARE))
    assert (found["connection"], found["initiator_daemon"]) == ("4", "file daemon fd3")


HEALTHY = {
    "with its 6": lambda: Job().controls().dial(FD1, SD1, SD, JOB).hang_up(),
    "with a 6 that nobody answers": lambda: Job().controls().attempt(FD1, SD1, SD),
    "with a 6 that is refused": lambda: Job().controls().attempt(FD1, SD1, SD).rst(),
}


@pytest.mark.parametrize("how", HEALTHY)
def test_a_data_channel_that_was_tried_is_not_missing(how: str, tmp_path: Path) -> None:
    tape = HEALTHY[how]()
    assert findings(tmp_path, tape.end()).empty


@pytest.mark.parametrize("flags", ["A", "PA", "FA", "R"])
@pytest.mark.parametrize(("source", "acceptor", "port"), [(FD1, SD1, SD), (SD1, FD1, FD)])
def test_a_packet_that_nobody_answers_opens_none(
    source: str, acceptor: str, port: int, flags: str, tmp_path: Path
) -> None:
    tape = Job().controls().midstream(source, acceptor, port)
    tape.segment(tape.initiator, flags, b"forged" if "P" in flags else b"")
    assert len(findings(tmp_path, tape.end())) == 1


@pytest.mark.parametrize("end", [0, 1])
def test_nor_does_a_handshake_over_which_one_end_says_nothing(end: int, tmp_path: Path) -> None:
    tape = Job().controls().dial(FD1, SD1, SD)
    tape.send((tape.initiator, tape.acceptor)[end], b"forged")
    assert len(findings(tmp_path, tape.end())) == 1


def test_a_7_instead_of_a_6_is_a_data_channel(tmp_path: Path) -> None:
    tape = Job().controls(client=FD2).dial(SD1, FD2, FD, tls(job("job2"))).hang_up()
    assert findings(tmp_path, tape.end()).empty


def test_a_job_that_moved_data_had_a_channel_that_this_tap_does_not_see(tmp_path: Path) -> None:
    """As on the Director's own host: the volumes that were asked for prove it."""
    tape = Job().controls()
    tape.on(*tape.storage).send(tape.acceptor, VOLUMES).ack().send(tape.initiator, VOLUMES).ack()
    assert findings(tmp_path, tape.end()).empty


def test_commands_do_not_close_two_connections_together(tmp_path: Path) -> None:
    assert findings(tmp_path, Job().controls().end(5, between=4)).empty
    only_3 = Wire().dial(DIR, FD1, FD, DIRECTOR).silence(5).hang_up()
    assert findings(tmp_path / "3", only_3).empty
    status = Wire().dial(DIR, SD1, SD, DIRECTOR).hang_up().dial(DIR, FD1, FD, DIRECTOR).hang_up()
    assert findings(tmp_path / "status", status).empty


def test_a_job_that_still_runs_may_open_it_later(tmp_path: Path) -> None:
    assert findings(tmp_path, Job().controls().silence(100).other()).empty


def test_a_client_that_refused_the_login_has_its_own_finding(tmp_path: Path) -> None:
    tape = Job()
    tape.dial(DIR, SD1, SD, DIRECTOR).send(tape.acceptor, SAID).ack()
    tape.storage = tape.initiator, tape.acceptor
    tape.dial(DIR, FD1, FD, refused("R_DIRECTOR\x1edir"))
    tape.client = tape.acceptor, tape.initiator
    assert findings(tmp_path, tape.end(0.1)).empty


def test_where_the_address_may_be_right_it_depends_on_what_the_tap_sees(tmp_path: Path) -> None:
    nobody_else = Job().controls().end()
    found = only(audit(tmp_path / "alone", nobody_else))
    assert found["verdict"] == "unknown"
    assert "which this tap may be unable to" in found["message"]

    others = Job().controls().end().silence(60).dial(FD1, SD2, SD, JOB).hang_up()
    found = only(audit(tmp_path / "switch", others))
    assert found["verdict"] == "fail"
    assert f"is told to dial '{SD1}'" in found["cause"]

    routed = Job(ttl=63).controls().end().silence(60).dial(FD1, SD2, SD, JOB).hang_up()
    found = only(audit(tmp_path / "routed", routed))
    assert found["verdict"] == "unknown"

    again = Job(ttl=63).controls().end().silence(60).dial(FD1, SD1, SD, JOB).hang_up()
    found = only(audit(tmp_path / "again", again))
    assert found["verdict"] == "fail"  # so the tap sees what these two say to each other


def test_a_director_that_speaks_over_both_families_is_nobody_else(tmp_path: Path) -> None:
    """On its own host a tap sees no 6, though its 5a goes over IPv6 and its 3 does not."""
    both = (
        f"Name = dir\nAddresses = {{ ipv4 = {{ addr = {DIR} }}\nipv6 = {{ addr = fd00::10 }}\n}}\n"
    )
    text = edited("dir", f"sd1; Address = {SD1}", "sd1; Address = fd00::20")
    files = network(dir=text.replace("Name = dir;", both, 1))
    tape = Job().dial("fd00::10", "fd00::20", SD, DIRECTOR)
    tape.send(tape.acceptor, SAID).ack()
    tape.storage = tape.initiator, tape.acceptor
    tape.silence(0.02).dial(DIR, FD1, FD, DIRECTOR).send(tape.acceptor, SAID).ack()
    tape.client = tape.initiator, tape.acceptor
    tape.end().silence(60).dial(DIR, FD1, FD, DIRECTOR)
    assert only(audit(tmp_path, tape, files))["verdict"] == "unknown"


def test_without_a_configuration_nothing_says_which_job_needs_one(tmp_path: Path) -> None:
    assert findings(tmp_path, Job().controls().end(), {}).empty


def test_other_names_a_port_and_ipv6(tmp_path: Path) -> None:
    files = {
        "d/bareos-dir.conf": """
Director { Name = backup-dir; Password = a }
Client { Name = db7; Address = 2001:db8::7; Port = 19102; Password = b }
Storage { Name = Tape; Address = tapehost; Port = 19103; Password = c; Device = x; Media Type = F }
""",
    }
    director, hello = "2001:db8::1", tls("R_DIRECTOR\x1ebackup-dir")
    tape = Job()
    tape.dial(director, "2001:db8::2", 19103, hello).send(tape.acceptor, SAID).ack()
    tape.storage = tape.initiator, tape.acceptor
    tape.dial(director, "2001:db8::7", 19102, hello).send(tape.acceptor, SAID).ack()
    tape.client = tape.initiator, tape.acceptor
    assert isinstance(tape.acceptor, Endpoint)
    found = only(audit(tmp_path, tape.end(), files))
    assert "file daemon db7 is told to dial 'tapehost' (bareos-dir.conf:4)" in found["cause"]


@pytest.mark.slow
def test_no_recording_lacks_a_data_channel() -> None:
    seen = 0
    for path in sorted(CAPTURES.glob("*/*.pcap*")) + sorted(
        CAPTURES.glob("lan-nat-active/*/*.pcap")
    ):
        config = CAPTURES / path.relative_to(CAPTURES).parts[0] / "config"
        result = auditor.audit(path, config=config, resolve=False)
        seen += len(result.flows)
        assert telling(result).empty, path
    assert seen > 200
