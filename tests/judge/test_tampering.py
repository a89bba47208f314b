"""What somebody writes into a connection accuses, and takes no finding away."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from paths import CAPTURES
from scene import DIR, FD1, FD3, JOB, SD1, STRANGER, Wire, audit, cleartext, tls
from tape import Endpoint

import auditor

D, FD, SD = 9101, 9102, 9103
FD1_CONSOLE = tls("R_CONSOLE\x1eadmin")
EVIL, GOOD = tls("R_CLIENT\x1eevil"), tls("R_CLIENT\x1efd3")
CLEAR = cleartext("Start Job job1.2026-11-22_22.22.37_03", "R_STORAGE::sd1", "R_CLIENT::fd1")

Lie = Callable[[Wire, bytes], Wire]


def expiring(tape: Wire, lie: bytes) -> Wire:
    return tape.ttl(1).segment(tape.initiator, "PA", lie).ttl(64)


def plain(tape: Wire, lie: bytes) -> Wire:
    return tape.segment(tape.initiator, "PA", lie)


def pushed(tape: Wire, lie: bytes) -> Wire:
    return tape.segment(tape.initiator, "P", lie)


def lied(
    lie: Lie, truth: tuple[bytes, bytes], *, source: str = STRANGER, acceptor: str = DIR
) -> Wire:
    """A lie first, the truth second."""
    port = {DIR: D, SD1: SD, FD1: FD}[acceptor]
    tape = Wire().attempt(source, acceptor, port).synack().ack()
    lie(tape, GOOD[0])
    tape.send(tape.initiator, truth[0]).ack()
    if truth[1]:
        tape.send(tape.acceptor, truth[1]).ack()
    return tape.silence(3).other()


@pytest.mark.parametrize("lie", [expiring, plain, pushed])
def test_a_stranger_does_not_hide_behind_a_lie(lie: Lie, tmp_path: Path) -> None:
    result = audit(tmp_path, lied(lie, EVIL))
    assert "unknown-initiator" in set(result.fails["rule"])
    assert "wire-tampering" in set(result.fails["rule"])
    assert not result.flows["identity_proven"].any()  # somebody else spoke in a name, too


@pytest.mark.parametrize("lie", [expiring, plain, pushed])
def test_cleartext_is_found_though_tls_is_shown(lie: Lie, tmp_path: Path) -> None:
    result = audit(tmp_path, lied(lie, CLEAR, source=FD1, acceptor=SD1))
    assert set(result.flows["transport"]) == {"cleartext"}
    assert {"cleartext-though-tls-required", "wire-tampering"} <= set(result.fails["rule"])


class Said(NamedTuple):
    """Who dials whom, what he really says, and what somebody says in his name."""

    initiator: str
    acceptor: str
    truth: tuple[bytes, bytes]
    lie: bytes


#: What is found of the truth, if nobody lies.
FAULTS = {
    "cleartext-though-tls-required": Said(FD1, SD1, CLEAR, JOB[0]),
    "identity-mismatch": Said(FD3, DIR, tls("R_CLIENT\x1efdx"), GOOD[0]),
    "client-dials-director-unasked": Said(FD1, DIR, tls("R_CLIENT\x1efd1"), FD1_CONSOLE[0]),
    "unknown-initiator": Said(STRANGER, DIR, EVIL, GOOD[0]),
}
PORTS = {DIR: D, SD1: SD}


def acknowledged(said: Said, order: str, ttl: int) -> Wire:
    """Somebody says something else in the initiator's name, and takes it in the acceptor's."""
    tape = Wire().attempt(said.initiator, said.acceptor, PORTS[said.acceptor]).synack().ack()

    def put(lie: bytes, shift: int = 0) -> None:
        tape.ttl(ttl).segment(tape.initiator, "PA", lie, shift=shift)
        tape.segment(tape.acceptor, "A", unread=-len(lie) - shift).ttl(64)

    if order in ("first", "both"):
        put(said.lie)
    tape.send(tape.initiator, said.truth[0]).ack()
    if order in ("second", "both"):
        put(tls("R_CLIENT\x1efd2")[0], -len(said.truth[0]))
    return tape.send(tape.acceptor, said.truth[1]).ack().talk().silence(3).other()


@pytest.mark.parametrize("rule", FAULTS)
def test_without_a_lie_the_fault_is_found(rule: str, tmp_path: Path) -> None:
    tape = acknowledged(FAULTS[rule], "none", 64)
    assert told(audit(tmp_path, tape)) >= {rule}
    assert "hello-contradicts" not in told(audit(tmp_path, tape))


@pytest.mark.parametrize("ttl", [64, 57])
@pytest.mark.parametrize("order", ["first", "second", "both"])
@pytest.mark.parametrize("rule", FAULTS)
def test_who_acknowledges_his_own_lie_makes_no_finding_less_grave(
    rule: str, order: str, ttl: int, tmp_path: Path
) -> None:
    """Two copies, or three; whichever is taken, nothing is proven and the exit code stays."""
    result = audit(tmp_path, acknowledged(FAULTS[rule], order, ttl))
    assert told(result) >= {"hello-contradicts", "wire-tampering"}
    if order != "both" and "cleartext" in rule:
        assert rule in told(result)
    (flow,) = [row for row in result.flows.to_dict("records") if row["hello_contradicts"]]
    assert not flow["identity_proven"]


def test_the_message_names_both_frames(tmp_path: Path) -> None:
    (finding,) = (
        audit(tmp_path, lied(plain, EVIL))
        .findings.query("rule == 'wire-tampering'")
        .to_dict("records")
    )
    assert "(frames 4 and 5)" in finding["message"]
    assert "tampering_frames=4, 5" in finding["evidence"]


@pytest.mark.parametrize("folder", ["heartbeat", "modes", "trouble", "cleartext", "refusals"])
def test_real_networks_contradict_nothing(folder: str) -> None:
    for capture in sorted((CAPTURES / folder).glob("*.pcap*")):
        flows = auditor.audit(capture).flows
        assert not flows["tampering_count"].any(), capture
        assert not flows["hello_contradicts"].any()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "folder", ["heartbeat", "cleartext", "cases/19-client-initiated-heartbeat-at-director"]
)
def test_loss_duplicates_and_disorder_accuse_nobody(folder: str, seed: int, tmp_path: Path) -> None:
    data = (CAPTURES / folder / "capture.pcap").read_bytes()
    frames, at = [], 24
    while at < len(data):
        size = int.from_bytes(data[at + 8 : at + 12], "little")
        frames.append((data[at : at + 8], data[at + 8 : at + 16 + size]))
        at += 16 + size
    chance, told = random.Random(seed), []
    for frame in frames:
        told += [frame] * chance.choices((0, 1, 2), (3, 92, 5))[0]
        if len(told) > 3 and chance.random() < 0.1:
            (one, first), (other, second) = told[-2:]
            seconds = [int.from_bytes(time[:4], "little") for time in (one, other)]
            if seconds[1] - seconds[0] <= 1:  # no network and no tap holds a frame for longer
                told[-2:] = [(one, second), (other, first)]
    file = tmp_path / "mixed.pcap"
    file.write_bytes(data[:24] + b"".join(time + rest for time, rest in told))
    flows = auditor.audit(file).flows
    assert not flows["tampering"].any()
    assert not flows["hello_contradicts"].any()


def told(result: auditor.Audit) -> set[str]:
    return set(result.fails["rule"])


def test_a_hello_in_the_syn_is_read(tmp_path: Path) -> None:
    tape = Wire().attempt(STRANGER, DIR, D).drop().segment(tape_end(), "S", EVIL[0], shift=-1)
    tape.connection.halves[tape.initiator].next += len(EVIL[0])
    tape.synack(tape.acceptor).ack().send(tape.acceptor, EVIL[1]).ack().silence(3).other()
    assert "unknown-initiator" in told(audit(tmp_path, tape))


@pytest.mark.parametrize("source", [FD, SD, D])
def test_a_listening_port_as_source_makes_no_daemon(source: int, tmp_path: Path) -> None:
    tape = Wire().dial(STRANGER, DIR, D, EVIL, source=source).silence(3).other()
    assert "unknown-initiator" in told(audit(tmp_path, tape))


def test_a_second_syn_takes_no_finding_away(tmp_path: Path) -> None:
    tape = (
        Wire().attempt(STRANGER, DIR, D).segment(tape_end(), "S", shift=-1).synack(Endpoint(DIR, D))
    )
    tape.ack().send(tape.initiator, EVIL[0]).ack().send(tape.acceptor, EVIL[1]).ack()
    assert "unknown-initiator" in told(audit(tmp_path, tape.silence(3).other()))


def tape_end() -> Endpoint:
    """The end that a stranger dials from first."""
    return Endpoint(STRANGER, 40001)
