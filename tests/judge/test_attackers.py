"""What an attacker sends into a connection with a fault leaves a finding that is as bad."""

from __future__ import annotations

from pathlib import Path

import pytest
from hello_wire import CLIENT, handshake_of
from scene import (
    DIR,
    FD1,
    FD3,
    STRANGER,
    Wire,
    abstained,
    audit,
    cleartext,
    edited,
    failed,
    network,
    numbers,
    planted,
    tls,
)

import auditor

SAID = {
    "tls": (FD3, DIR, 9101, tls("R_CLIENT\x1efd3")),
    "cleartext": (
        *(DIR, FD1, 9102),
        cleartext("Director dir calling", "R_CLIENT::fd1", "R_DIRECTOR::dir"),
    ),
}
NUMBERS = {"tls": "4", "cleartext": "3"}
FORGED = [
    ("RA", b"", 0),
    ("R", b"", 104_857_600),
    ("FA", b"", 0),
    ("FA", b"", 5000),
    ("PA", b"forged", 0),
    ("PA", b"forged", 5000),
]


def silent(said: tuple[str, str, int, tuple[bytes, bytes]]) -> Wire:
    return Wire().dial(*said)


@pytest.mark.parametrize("said", SAID)
def test_without_an_attacker_the_fault_is_found(tmp_path: Path, said: str) -> None:
    result = audit(tmp_path, silent(SAID[said]).silence(100).talk())
    assert numbers(result) == [NUMBERS[said]]
    assert "heartbeat-missing" in failed(result)
    assert "wire-tampering" not in failed(result)


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize(("flags", "data", "shift"), FORGED)
def test_one_packet_in_both_names_hides_no_fault(
    tmp_path: Path, flags: str, data: bytes, shift: int, said: str
) -> None:
    tape = silent(SAID[said]).ttl(57)
    for end in (tape.initiator, tape.acceptor):
        tape.segment(end, flags, data, shift=shift)
    tape.ttl(64).silence(100).talk().silence(100).talk()
    result = audit(tmp_path, tape)
    assert "heartbeat-missing" in failed(result)


@pytest.mark.parametrize("shift", [0, 5000])
def test_nor_does_a_window_that_closes(tmp_path: Path, shift: int) -> None:
    tape = silent(SAID["tls"])
    tape.connection.halves[tape.acceptor].window = 0
    tape.segment(tape.acceptor, "A", shift=shift)
    tape.connection.halves[tape.acceptor].window = 502
    result = audit(tmp_path, tape.silence(100).talk())
    assert "heartbeat-missing" in failed(result)


def test_acknowledgements_from_elsewhere_do_not_either(tmp_path: Path) -> None:
    tape = silent(SAID["tls"])
    for _ in range(6):
        tape.silence(15).ttl(57).ack(tape.acceptor).ttl(64)
    result = audit(tmp_path, tape.silence(10).talk())
    assert {"heartbeat-missing", "wire-tampering"} <= set(failed(result))


@pytest.mark.parametrize(("every", "times"), [(15, 6), (20, 4), (30, 3)])
def test_acknowledgements_like_the_acceptors_own_are_a_finding(
    tmp_path: Path, every: int, times: int
) -> None:
    """Nobody can tell them by their look, but nothing asked for them."""
    tape = silent(SAID["tls"])
    for _ in range(times):
        tape.silence(every).ack(tape.acceptor)
    result = audit(tmp_path, tape.silence(10).talk())
    assert "wire-tampering" in failed(result)
    assert result.flows["heartbeat_fault"].to_list() == ["unasked"]


def test_the_answers_to_probes_that_the_capture_lost_are_none(tmp_path: Path) -> None:
    tape = silent(SAID["tls"])
    for lost in (True, True, False):
        tape.silence(30).probe(tape.initiator)
        if lost:
            tape.drop()
        tape.answer()
    result = audit(tmp_path, tape.talk())
    assert "wire-tampering" not in failed(result)


@pytest.mark.parametrize("before", [0.001, 0.5, 0.9])
def test_a_syn_in_the_directors_name_does_not_let_a_stranger_in(
    tmp_path: Path, before: float
) -> None:
    tape = Wire().attempt(DIR, STRANGER, 40001, source=9101).silence(before)
    tape.dial(STRANGER, DIR, 9101, tls("R_CLIENT\x1eevil"), source=40001).talk().hang_up()
    result = audit(tmp_path, tape)
    assert "unknown-initiator" in failed(result)


@pytest.mark.parametrize(("kind", "code"), [(3, 1), (3, 4), (3, 13), (11, 0)])
@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("idle", [0.1, 100])
def test_no_icmp_error_excuses_a_loss(
    tmp_path: Path, kind: int, code: int, older: bool, idle: float
) -> None:
    tape = Wire().midstream(FD3, DIR, 9101).talk() if older else silent(SAID["tls"])
    tape.silence(idle).send(tape.initiator, bytes(1400))
    for gap in (0.2, 0.4, 0.8, 1.6, 3.2):
        tape.error("10.0.0.1", kind, code, mtu=576).silence(gap).resend(tape.initiator)
    found = set(failed(audit(tmp_path, tape.silence(30).other())))
    assert found & {"idle-connection-lost"} if idle > 1 else found, found


@pytest.mark.parametrize("name", ["tls13-certificate", "tls12-certificate-offer13"])
@pytest.mark.parametrize("talks", [0, 3])
def test_a_certificate_proves_no_name_of_who_asks_for_it(
    tmp_path: Path, name: str, talks: int
) -> None:
    """OpenSSL's own handshakes: the identity is offered, and nobody looks at its key."""
    initiator, acceptor = handshake_of(name)
    said = initiator.replace(CLIENT, b"R_CONSOLE\x1eab"), acceptor
    tape = Wire().dial(STRANGER, DIR, 9101, said)
    for _ in range(talks):
        tape.talk()
    known = network(dir=edited("dir", "Console { Name = admin;", "Console { Name = ab;"))
    result = audit(tmp_path, tape.hang_up(), known)
    assert abstained(result) == ["unknown-initiator"]
    assert result.verdict != "pass"


def test_data_of_the_true_sender_is_no_tampering(tmp_path: Path) -> None:
    tape = silent(SAID["tls"])
    for _ in range(4):
        tape.silence(30).probe(tape.initiator).answer()
    assert failed(audit(tmp_path, tape.talk().hang_up())) == []


@pytest.mark.parametrize(("every", "shift"), [(29, 1 << 20), (20, 5000), (15, 100)])
@pytest.mark.parametrize("flags", ["A", "PA", "FA"])
@pytest.mark.parametrize("older", [False, True])
def test_segments_ahead_of_what_the_acceptor_said_do_not_answer_for_it(
    tmp_path: Path, every: int, shift: int, flags: str, older: bool
) -> None:
    tape = Wire().midstream(FD3, DIR, 9101).talk() if older else silent(SAID["tls"])
    for _ in range(2):
        for _ in range(90 // every):
            tape.silence(every).segment(tape.acceptor, flags, shift=shift)
        tape.silence(11).talk()
    assert "heartbeat-missing" in failed(audit(tmp_path, tape))


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("flags", ["A", "PA", "FA"])
@pytest.mark.parametrize("end", ["initiator", "acceptor"])
def test_what_comes_before_the_syn_ack_makes_no_gap(
    tmp_path: Path, said: str, flags: str, end: str
) -> None:
    initiator, acceptor, port, words = SAID[said]
    tape = Wire().attempt(initiator, acceptor, port)
    isn = tape.connection.halves[tape.acceptor].next
    tape.connection.halves[tape.acceptor].next = 77
    tape.segment(tape.initiator if end == "initiator" else tape.acceptor, flags)
    tape.connection.halves[tape.acceptor].next = isn
    tape.synack(tape.acceptor).ack()
    for who, data in zip((tape.initiator, tape.acceptor), words, strict=True):
        tape.send(who, data).ack()
    result = audit(tmp_path, tape.silence(100).talk())
    assert {"heartbeat-missing"} <= set(failed(result))


@pytest.mark.parametrize("times", [1, 3])
def test_probes_from_elsewhere_make_no_heartbeat(tmp_path: Path, times: int) -> None:
    tape = silent(SAID["tls"])
    for _ in range(times):
        tape.silence(30).ttl(57).probe(tape.initiator).answer().ttl(64)
    assert "wire-tampering" in failed(audit(tmp_path, tape.silence(10).talk()))


#: Who seems to send, what, and how far from where it belongs: position and acknowledgement.
TRAINS = [
    ("acceptor", "A", 0, 1, 0),
    ("acceptor", "PA", 0, 100_000, 0),
    ("acceptor", "FA", 0, 0, 0),
    ("acceptor", "A", 0, -1, 502),
    ("acceptor", "A", -1, 1, 502),
    ("initiator", "A", 5000, 0, 502),
    ("initiator", "PA", 1 << 20, 0, 502),
]


@pytest.mark.parametrize("every", [10, 29])
@pytest.mark.parametrize(("who", "flags", "shift", "ahead", "window"), TRAINS)
@pytest.mark.parametrize("older", [False, True])
def test_no_train_of_empty_segments_hides_a_missing_heartbeat(
    tmp_path: Path,
    every: int,
    who: str,
    flags: str,
    shift: int,
    ahead: int,
    window: int,
    older: bool,
) -> None:
    tape = Wire().midstream(FD3, DIR, 9101).talk() if older else silent(SAID["tls"])
    sender = tape.acceptor if who == "acceptor" else tape.initiator
    half = tape.connection.halves[sender]
    for _ in range(2):
        for _ in range(90 // every):
            half.window = window
            tape.silence(every).segment(sender, flags, shift=shift, unread=-ahead)
            half.window = 502
        tape.silence(11).talk()
    assert {"heartbeat-missing", "wire-tampering"} & set(failed(audit(tmp_path, tape)))


def unanswered(tape: Wire) -> Wire:
    return tape.attempt(DIR, FD1, 9102)


def refused_at_once(tape: Wire) -> Wire:
    return tape.attempt(DIR, FD1, 9102).rst()


def rejected(tape: Wire) -> Wire:
    return tape.attempt(DIR, FD1, 9102).error("10.0.0.1", 3, 13)


#: What an attempt that failed looks like, whether its SYN is sent again, and what is found.
ATTEMPTS = {
    "connection-unanswered": (unanswered, True),
    "connection-refused": (refused_at_once, False),
    "connection-rejected": (rejected, True),
}
#: Who seems to say what, and how far from where it belongs.
ANSWERS: dict[str, list[tuple[str, str, bytes, int]]] = {
    "SYN-ACK": [("acceptor", "SA", b"", 0)],
    "ACK of none": [("initiator", "A", b"", 0)],
    "data of none": [("initiator", "PA", b"hello", 0)],
    "an answer": [("acceptor", "A", b"", 0)],
    "data": [("acceptor", "PA", b"1000 OK", 5000)],
    "FINs": [("initiator", "FA", b"", 0), ("acceptor", "FA", b"", 0)],
    "probe": [("acceptor", "A", b"", -1)],
    # Nothing more would come of a whole handshake behind the last SYN either: no tap can tell.
    "handshake": [("acceptor", "SA", b"", -1), ("initiator", "A", b"", 0)],
}


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("sent", ANSWERS)
@pytest.mark.parametrize("rule", ATTEMPTS)
def test_nobody_answers_for_a_host_that_was_not_reached(
    tmp_path: Path, rule: str, sent: str, after: int
) -> None:
    """Who dialled goes on as if nothing had come, or has no reason to say anything more."""
    attempt, repeats = ATTEMPTS[rule]
    tape = attempt(Wire())
    after = min(after, 1) if sent == "handshake" else after
    for turn in range(3):
        if turn == after:
            tape.silence(0.3)
            for who, flags, data, shift in ANSWERS[sent]:
                end = tape.acceptor if who == "acceptor" else tape.initiator
                tape.segment(end, flags, data, shift=shift)
        if repeats and turn < 2:
            tape.silence(2).segment(tape.initiator, "S", shift=-1)
    found = set(failed(audit(tmp_path, tape.silence(9).other())))
    assert {"connection-unanswered", "connection-refused", "wire-tampering", rule} & found


@pytest.mark.parametrize("shift", [None, -3_000_000_000])
@pytest.mark.parametrize("frames", [0, 8])
def test_nor_do_probes_and_answers_that_are_not_from_the_clocks_of_both_ends(
    tmp_path: Path, frames: int, shift: int | None
) -> None:
    """Their numbers and TTLs are right; of the longer capture the beginning is seen."""
    tape = Wire().clocks().dial(*SAID["tls"]).silence(1).talk().silence(1).talk().silence(1).talk()
    tape.frames = tape.frames[-frames:]
    for _ in range(4):
        tape.silence(31).stamps(shift).probe(tape.initiator).answer().stamps()
    tape.silence(31).talk()
    assert {"heartbeat-missing", "wire-tampering"} <= set(failed(audit(tmp_path, tape)))
    (tmp_path / "full.pcap").write_bytes(tape.pcap())
    auditor.thin(tmp_path / "full.pcap", tmp_path / "thin.pcapng")
    thin = auditor.audit(tmp_path / "thin.pcapng", config=planted(tmp_path / "config", network()))
    assert {"heartbeat-missing", "wire-tampering"} <= set(failed(thin))
