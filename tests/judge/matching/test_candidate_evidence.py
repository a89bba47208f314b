"""What candidates have for them: a process of the recording host, a place, a name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matching_site import expectation_of, flow_of

from auditor.flows.flow import Flow
from auditor.judge.matching.agreement import Agreement, Agreements, Candidate
from auditor.judge.matching.candidate_evidence import (
    confidence,
    is_named,
    is_placed,
    may_be_anybody,
    of_its_processes,
    perhaps,
)
from auditor.judge.verdicts import Confidence
from auditor.site.model import Peer, Role

HERE, THERE = "192.0.2.1", "192.0.2.2"
NONE, MATCH, MISMATCH = Agreement.NO_EVIDENCE, Agreement.MATCH, Agreement.MISMATCH
ROLES = {
    "5a": (Role.DIRECTOR, Role.STORAGE_DAEMON),
    "6": (Role.FILE_DAEMON, Role.STORAGE_DAEMON),
    "9": (Role.TRAY_MONITOR, Role.DIRECTOR),
}


def candidate(
    number: str = "5a", identity: Agreement = NONE, address: Agreement = MATCH,
    target: Agreement = MATCH, *, assumed: bool = False, generic: bool = False,
) -> Candidate:  # fmt: skip
    dialler, listener = ROLES[number]
    initiator = Peer(dialler, "one", assumed=assumed)
    acceptor = Peer(listener, "other", generic=generic)
    row = expectation_of(number, initiator, acceptor, 9103)
    return Candidate(row, Agreements(identity, address, target), planned=False, dialled=True)


def flow(initiator: str = "", acceptor: str = "") -> Flow:
    made = flow_of(HERE, THERE, 9103)
    return replace(
        made,
        initiator=replace(made.initiator, process=initiator),
        acceptor=replace(made.acceptor, process=acceptor),
    )


@pytest.mark.parametrize(
    ("processes", "numbers"),
    [
        (("", ""), ["5a", "6"]),
        (("python3", ""), ["5a", "6"]),
        (("bareos-dir", ""), ["5a"]),
        (("bareos-fd", "bareos-sd"), ["6"]),
        (("", "bareos-sd"), ["5a", "6"]),
        (("bareos-sd", ""), []),
        (("", "bareos-dir"), []),
    ],
)
def test_processes_leave_what_they_may_be(processes: tuple[str, str], numbers: list[str]) -> None:
    left = of_its_processes(flow(*processes), [candidate("5a"), candidate("6")])
    assert [one.row.connection for one in left] == numbers


@pytest.mark.parametrize(
    ("process", "sure", "uncertain", "generic", "wanted"),
    [
        ("", "guess", False, False, "guess"),
        ("bareos-dir", "guess", False, False, "likely"),
        ("bareos-dir", "likely", True, False, "guess"),
        ("bareos-dir", "likely", True, True, "likely"),
        ("", "certain", True, True, "guess"),
        ("bareos-dir", "certain", False, False, "certain"),
    ],
)
def test_a_process_makes_a_guess_likely_unless_it_is_about_the_acceptor(
    process: str, sure: str, uncertain: bool, generic: bool, wanted: str
) -> None:
    found = confidence(
        flow(process), candidate(generic=generic), Confidence(sure), uncertain=uncertain
    )
    assert found == wanted


@pytest.mark.parametrize(("identity", "wanted"), [(NONE, "likely"), (MATCH, "certain")])
def test_an_assumed_place_makes_nothing_certain(identity: Agreement, wanted: str) -> None:
    one = candidate(identity=identity, assumed=True)
    assert confidence(flow(), one, Confidence.CERTAIN, uncertain=False) == wanted


def test_a_name_that_nobody_can_resolve_may_be_of_the_same_host() -> None:
    best, other = candidate(), candidate(target=NONE)
    of_another_number, anybody = candidate("6", target=NONE), candidate(target=NONE, generic=True)
    found = [best, other, of_another_number, anybody]
    assert perhaps(flow(), "5a", best, found) == (other.row,)
    assert perhaps(flow(), "5a", other, found) == ()


def test_names_and_places() -> None:
    assert is_named(candidate(identity=MATCH)) and not is_named(candidate(identity=MISMATCH))
    assert is_placed(flow(), candidate())
    assert not is_placed(flow(), candidate(target=NONE))
    assert may_be_anybody(candidate("9", address=NONE))
    assert not may_be_anybody(candidate("9", identity=MATCH, address=NONE))
    assert not may_be_anybody(candidate("5a", address=NONE))
