"""Flows that are asked the same are the same to the classification."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import NamedTuple

import pytest
from matching_site import expectation_of, flow_of, site_with
from paths import CAPTURES

import auditor
from auditor.flows.flow import Flow, Hello, Identity, Outcome, Transport
from auditor.flows.refusal import End, Refusal, RefusalKind
from auditor.judge.matching import classifier
from auditor.judge.matching.classification import classify
from auditor.judge.matching.question import asked, question
from auditor.site.model import Peer, Role

RECORDINGS = sorted(
    str(path.parent.relative_to(CAPTURES)) for path in CAPTURES.rglob("capture.pcap")
)
DIR, FD, SD, STRANGER = "192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.1"
PEERS = [
    Peer(Role.DIRECTOR, "dir", frozenset({DIR}), frozenset({9101})),
    Peer(Role.FILE_DAEMON, "fd1", frozenset({FD}), frozenset({9102})),
    Peer(Role.STORAGE_DAEMON, "sd1", frozenset({SD}), frozenset({9103})),
]
ROWS = [
    expectation_of("3", PEERS[0], PEERS[1], 9102, names=["dir"]),
    expectation_of("4", PEERS[1], PEERS[0], 9101, names=["fd1"]),
    expectation_of("5a", PEERS[0], PEERS[2], 9103, names=["dir"]),
    expectation_of("6", PEERS[1], PEERS[2], 9103, director="dir"),
    expectation_of("7", PEERS[2], PEERS[1], 9102, director="dir"),
]
PORTS = {9101: Role.DIRECTOR, 9102: Role.FILE_DAEMON, 9103: Role.STORAGE_DAEMON}


class Itself(NamedTuple):
    """A flow that is asked as it is, and once for each."""

    initiator: str
    number: int
    flow: Flow

    def __hash__(self) -> int:
        return self.number


def ask_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the classification see every flow as it is."""
    monkeypatch.setattr(
        classifier, "question", lambda flow: Itself(flow.initiator.address, id(flow), flow)
    )
    monkeypatch.setattr(classifier, "asked", lambda itself: itself.flow)


def config_of(folder: str) -> str:
    near = (CAPTURES / folder / "config", (CAPTURES / folder).parent / "config")
    return str(next(path for path in near if path.exists()))


@pytest.mark.parametrize("folder", RECORDINGS)
def test_recordings_are_judged_as_if_each_flow_were_asked(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"config": config_of(folder), "resolve": False}
    merged = auditor.audit(str(CAPTURES / folder / "capture.pcap"), **given)
    ask_each(monkeypatch)
    assert auditor.audit(str(CAPTURES / folder / "capture.pcap"), **given).tables == merged.tables


def drawn(at_random: random.Random, index: int) -> Flow:
    """Return a flow of anything that flows may have."""
    pick = at_random.choice
    identity = pick([None, *(Identity(*one) for one in NAMES)])
    hello = Hello(
        transport=pick(list(Transport)),
        identity=identity,
        proven=identity is not None and pick([True, False]),
        certificate=pick([True, False, False]),
        connections=frozenset(pick([(), ("3", "5a"), ("6",)])),
        acceptor=pick([None, Identity("R_STORAGE", "sd1")]),
        challenge_name=pick([None, "", "R_DIRECTOR::dir"]),
        refusal=pick([None, None, REFUSAL]),
    )
    outcome, evidence = pick(list(Outcome)), pick(["syn", "synack", "hello", "port"])
    hosts = pick([DIR, FD, SD, STRANGER]), pick([DIR, FD, SD, STRANGER])
    port, number = pick([9101, 9102, 9103]), at_random.randrange(1 << 40)
    flow = flow_of(
        *hosts, port, hello, outcome=outcome, evidence=evidence, started=number, index=index
    )
    sides = [
        replace(
            side,
            payload_bytes=pick([0, 1, number]),
            stream=pick([None, 0, 1, 150, 151, number]),
            missing=pick([0, 0, number]),
            fin=pick([None, number]),
            rst=pick([None, None, number]),
            ttl=pick([0, 63, 64]),
            process=pick(["", "", "bareos-fd", "bareos-dir", "nc"]),
            longest_idle=number,
        )
        for side in (flow.initiator, flow.acceptor)
    ]
    refusal = pick([None, None, replace(REFUSAL, said=f"FIN after {number} s")])
    return replace(
        flow,
        initiator=sides[0],
        acceptor=sides[1],
        refusal=refusal,
        hello_unseen=pick([True, False]),
    )


NAMES = [
    ("R_DIRECTOR", "dir"),
    ("R_DIRECTOR", "other"),
    ("R_CLIENT", "fd1"),
    ("R_CONSOLE", "*UserAgent*"),
    ("R_JOB", "job1.2026-11-22_22.22.37_03"),
]
REFUSAL = Refusal(RefusalKind.ALERT, End.ACCEPTOR, "TLS alert 47")


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_flows_of_any_kind_are_judged_as_if_each_were_asked(
    seed: int, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_random = random.Random(seed)
    flows = [drawn(at_random, index) for index in range(800)]
    site = site_with(PEERS, ROWS, {"dir": frozenset({"job1"})})
    site = replace(site, directors_known=whole)
    merged = classify(flows, site, PORTS)
    assert len({match.connection for match in merged}) > 3
    ask_each(monkeypatch)
    assert classify(flows, site, PORTS) == merged


def test_what_decides_nothing_makes_no_other_question() -> None:
    flow = flow_of(FD, SD, 9103, started=1, index=1)
    later = flow_of(FD, SD, 9103, started=9, index=7)
    assert question(later) == question(flow)


def test_a_question_is_its_own_question() -> None:
    at_random = random.Random(9)
    for index in range(300):
        facts = question(drawn(at_random, index))
        assert question(asked(facts)) == facts
