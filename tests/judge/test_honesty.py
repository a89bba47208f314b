"""What must never be green, and what must never be accused: found by attacking the auditor."""

from pathlib import Path

import pytest
from paths import CAPTURES
from tape import Endpoint, Tape

import auditor

CLIENT, DIRECTOR = Endpoint("10.77.0.33", 40000), Endpoint("10.77.0.10", 9101)


def test_the_configuration_of_another_network_is_no_pass() -> None:
    audit = auditor.audit(
        CAPTURES / "modes" / "capture.pcap",
        config=CAPTURES / "lan-nat-active" / "config",
        resolve=False,
    )
    assert not audit.severity
    assert audit.blind
    assert audit.verdict == "unknown"


def heartbeat_of(tmp_path: Path, tape: Tape) -> tuple[str, str]:
    """Audit a tape of connection 4 from fd3, which the heartbeat recording gives 5 s."""
    (tmp_path / "x.pcap").write_bytes(tape.pcap())
    config = CAPTURES / "heartbeat" / "config"
    flow = auditor.audit(tmp_path / "x.pcap", config=config, resolve=False).flows.iloc[0]
    assert flow["connection"] == "4"
    return flow["heartbeat_verdict"], flow["heartbeat_reason"]


def waiting() -> Tape:
    """A connection 4 of fd3 that has said its hello."""
    hello = b"Hello Client fd3 FdProtocolVersion=54 calling\n"
    framed = len(hello).to_bytes(4, "big") + hello
    return Tape().syn(CLIENT, DIRECTOR).synack().ack().send(CLIENT, framed).ack()


def test_silence_that_was_seen_is_a_failure(tmp_path: Path) -> None:
    verdict, reason = heartbeat_of(tmp_path, waiting().silence(60).send(CLIENT, b"x").ack())
    assert verdict == "fail"
    assert "no probe" in reason


def test_silence_under_a_clock_that_ran_backwards_proves_nothing(tmp_path: Path) -> None:
    tape = waiting().silence(60).send(CLIENT, b"x").ack()
    tape.silence(-30).send(CLIENT, b"y").ack()
    verdict, _ = heartbeat_of(tmp_path, tape)
    assert verdict == "unknown"


@pytest.mark.parametrize("lossy", [False, True])
def test_probes_without_answers_fail_only_where_nothing_was_lost(
    tmp_path: Path, lossy: bool
) -> None:
    tape = waiting()
    for _ in range(3):
        tape.silence(5.1).probe(CLIENT)
    tape.silence(5.1).probe(CLIENT).answer()
    if lossy:
        tape.send(CLIENT, b"lost").drop(1).ack().send(CLIENT, b"which shows that").ack()
    verdict, reason = heartbeat_of(tmp_path, tape.silence(4).other())
    assert verdict == ("unknown" if lossy else "fail")
    assert "no answer" in reason


def dual_stack(tmp_path: Path, then_ipv4: bool) -> set[str]:
    """A SYN of the Director to fd1's IPv6 address is refused; return the failed rules."""
    site = tmp_path / "site.yaml"
    director, client = Endpoint("2001:db8::10", 40000), Endpoint("2001:db8::31", 9102)
    site.write_text(
        "daemons:\n  file daemon fd1: {addresses: ['2001:db8::31']}\n"
        "  director bareos-dir: {addresses: ['2001:db8::10']}\n"
    )
    tape = Tape().syn(director, client).rst(client).silence(0.01)
    if then_ipv4:
        good, answer = Endpoint("10.77.0.10", 40001), Endpoint("10.77.0.31", 9102)
        tape.syn(good, answer).synack().ack().send(good, b"one").send(answer, b"two").ack()
    (tmp_path / "x.pcap").write_bytes(tape.silence(9).other().pcap())
    config = CAPTURES / "modes" / "config"
    audit = auditor.audit(tmp_path / "x.pcap", config=config, site=site, resolve=False)
    return set(audit.fails["rule"]) - {"heartbeat-unset"}


def test_a_refused_ipv6_address_is_normal_where_ipv4_then_works(tmp_path: Path) -> None:
    assert dual_stack(tmp_path, then_ipv4=True) == set()


def test_a_refused_address_is_a_fault_where_nothing_else_works(tmp_path: Path) -> None:
    assert dual_stack(tmp_path, then_ipv4=False) == {"connection-refused"}
