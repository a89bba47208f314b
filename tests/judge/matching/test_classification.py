"""The steps around the decision table, in order, on flows made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matching_site import expectation_of, flow_of, site_with

from auditor.flows.flow import Flow, Hello, Identity, Transport
from auditor.judge.matching.classification import classify
from auditor.judge.matching.match import Match
from auditor.judge.verdicts import Confidence
from auditor.site.model import Peer, Role, Site

HOST, SD1, STRANGER = "192.0.2.1", "192.0.2.2", "198.51.100.1"
DIRECTOR = Peer(Role.DIRECTOR, "dir", frozenset({HOST}), frozenset({9101}))
CLIENT = Peer(Role.FILE_DAEMON, "fd1", frozenset({HOST}), frozenset({9102}))
STORAGE = Peer(Role.STORAGE_DAEMON, "sd1", frozenset({SD1}), frozenset({9103}))
ROWS = [
    expectation_of("5a", DIRECTOR, STORAGE, 9103, names=["dir"]),
    expectation_of("6", CLIENT, STORAGE, 9103, director="dir"),
]


def site(*peers: Peer) -> Site:
    return site_with([DIRECTOR, CLIENT, STORAGE, *peers], ROWS, {"dir": frozenset({"job1"})})


def only(flow: Flow, known: Site | None, process: str = "") -> Match:
    flow = replace(flow, initiator=replace(flow.initiator, process=process))
    (match,) = classify([flow], known, {9103: Role.STORAGE_DAEMON})
    return match


def test_that_a_stranger_has_no_number_is_certain() -> None:
    match = only(flow_of(STRANGER, SD1, 9103), site())
    assert (match.connection, match.confidence) == (None, Confidence.CERTAIN)


def test_that_a_stranger_has_no_number_is_a_guess_where_the_direction_is() -> None:
    match = only(flow_of(STRANGER, SD1, 9103, evidence="port"), site())
    assert (match.connection, match.confidence) == (None, Confidence.GUESS)


def test_that_an_ambiguous_flow_has_no_number_is_a_guess() -> None:
    match = only(flow_of(HOST, SD1, 9103), site())
    assert (match.connection, match.confidence) == (None, Confidence.GUESS)
    assert [row.connection for row in match.candidates] == ["5a", "6"]


def test_a_known_process_leaves_only_what_it_may_dial() -> None:
    match = only(flow_of(HOST, SD1, 9103), site(), "bareos-fd")
    assert (match.connection, match.confidence) == ("6", Confidence.LIKELY)


def test_a_known_process_makes_a_guess_likely_and_nothing_less_sure() -> None:
    flow = flow_of(HOST, SD1, 9103, evidence="port")
    assert only(flow, None).confidence is Confidence.GUESS
    assert only(flow, None, "bareos-fd").confidence is Confidence.LIKELY
    hello = Hello(Transport.TLS, Identity("R_DIRECTOR", "dir"), proven=True)
    named = flow_of(HOST, SD1, 9103, hello)
    assert only(named, site(), "bareos-dir").confidence is Confidence.CERTAIN


def test_a_process_under_another_name_does_not_outweigh_a_key() -> None:
    hello = Hello(Transport.TLS, Identity("R_DIRECTOR", "dir"), proven=True)
    match = only(flow_of(HOST, SD1, 9103, hello), site(), "bareos-sd")
    assert (match.connection, match.confidence) == ("5a", Confidence.CERTAIN)
    job = replace(hello, identity=Identity("R_JOB", "unheard-of"))
    assert only(flow_of(HOST, SD1, 9103, job), site(), "bareos-sd").connection is None
    claimed = only(flow_of(HOST, SD1, 9103, replace(hello, proven=False)), site(), "bareos-sd")
    assert claimed.connection is None


def test_the_acceptors_process_leaves_only_what_it_may_accept() -> None:
    flow = flow_of(HOST, SD1, 9103)
    flow = replace(flow, acceptor=replace(flow.acceptor, process="bareos-fd"))
    assert only(flow, site(), "bareos-dir").connection is None
    flow = replace(flow, acceptor=replace(flow.acceptor, process="bareos-sd"))
    assert only(flow, site(), "bareos-dir").connection == "5a"


@pytest.mark.parametrize("process", ["python3", "php-fpm", "sshd"])
def test_a_process_that_is_none_of_bareos_programs_decides_nothing(process: str) -> None:
    match = only(flow_of(HOST, SD1, 9103), site(), process)
    assert [row.connection for row in match.candidates] == ["5a", "6"]


@pytest.mark.parametrize(
    ("process", "number"), [("bareos-dir", "5a"), ("bareos-fd", "6"), ("bareos-sd", "8")]
)
def test_without_a_configuration_the_process_tells_what_the_port_does_not(
    process: str, number: str
) -> None:
    match = only(flow_of(HOST, SD1, 9103), None, process)
    assert (match.connection, match.confidence) == (number, Confidence.LIKELY)


def test_a_known_process_makes_no_number_of_none() -> None:
    match = only(flow_of(STRANGER, SD1, 9103), site(), "bareos-fd")
    assert (match.connection, match.confidence) == (None, Confidence.CERTAIN)


def test_without_a_configuration_the_port_has_to_do() -> None:
    match = only(flow_of(STRANGER, SD1, 9103), None)
    assert (match.connection, match.confidence) == ("6", Confidence.GUESS)
    foreign = only(flow_of(STRANGER, SD1, 9999), None)
    assert (foreign.connection, foreign.confidence) == (None, Confidence.CERTAIN)
