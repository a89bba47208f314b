"""The recordings of a real Bareos network, against the truth beside them."""

from __future__ import annotations

import pytest
from hello_wire import Recorded, recorded

from auditor.flows.flow import Identity, Transport
from auditor.flows.hello import is_from_initiator, read_hello

ROLES = {"3": "R_CLIENT", "7": "R_CLIENT", "10": "R_CLIENT"} | dict.fromkeys(
    ("5a", "5b", "6", "8", "11"), "R_STORAGE"
)
"""What accepts each connection; a Director accepts the rest (bareos.md §0)."""


def of(folder: str, *connections: str) -> list[Recorded]:
    found = [flow for flow in recorded(folder) if flow.connection in connections]
    assert {flow.connection for flow in found} == set(connections)
    return found


@pytest.mark.parametrize("number", ["1", "2", "3", "4", "5a", "5b", "6", "7", "8", "9", "10", "11"])
def test_over_tls_every_connection_proves_its_identity(number: str) -> None:
    for flow in of("modes", number):
        hello = read_hello(flow.initiator, flow.acceptor)
        assert f"{hello.identity}" == flow.identity.replace("\x1e", " ")
        assert (hello.transport, hello.proven, hello.certificate) == (Transport.TLS, True, False)
        assert (hello.tls_offered, hello.tls_version) == ("1.3", "1.3")
        assert (hello.server_name, hello.refusal, hello.line) == ("", None, "")
        assert hello.connections == frozenset()


@pytest.mark.parametrize("number", ["1", "2", "3", "4", "5a", "5b", "6", "7", "8", "9", "10", "11"])
def test_in_cleartext_every_connection_shows_its_hello_line(number: str) -> None:
    for flow in of("cleartext", number):
        hello = read_hello(flow.initiator, flow.acceptor)
        assert hello.line == flow.identity
        assert number in hello.connections
        assert (hello.transport, hello.proven) == (Transport.CLEARTEXT, True)
        assert (hello.version, hello.refusal) == ("26.0.0", None)
        assert hello.acceptor is not None
        assert hello.acceptor.type == ROLES.get(number, "R_DIRECTOR")


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("1", "R_CONSOLE::admin"),
        ("2", "R_CONSOLE::*UserAgent*"),
        ("3", "R_DIRECTOR::bareos-dir"),
        ("4", "R_CLIENT::fd3"),
        ("5b", "R_DIRECTOR::bareos-dir"),
        ("7", "File daemon"),
        ("8", "R_STORAGE::sd1"),
        ("9", ""),
        ("10", ""),
        ("11", ""),
    ],
)
def test_in_cleartext_the_initiator_names_itself_in_its_challenge(number: str, name: str) -> None:
    for flow in of("cleartext", number):
        assert read_hello(flow.initiator, flow.acceptor).challenge_name == name


@pytest.mark.parametrize("folder", ["modes", "cleartext", "heartbeat", "trouble"])
def test_the_catalog_speaks_postgresql(folder: str) -> None:
    for flow in of(folder, "12"):
        hello = read_hello(flow.initiator, flow.acceptor)
        assert (hello.transport, hello.tls_requested) == (Transport.POSTGRESQL, False)
        assert (hello.user, hello.database) == ("bareos", "bareos")


def test_a_stranger_claims_but_proves_nothing() -> None:
    strangers = [flow for flow in of("trouble", "none") if flow.initiator]
    assert len(strangers) == 4
    for flow in strangers:
        hello = read_hello(flow.initiator, flow.acceptor)
        assert (hello.identity, hello.proven) == (Identity("R_DIRECTOR", "evil-dir"), False)
        # PostgreSQL answers a Bareos Hello in its own words.
        refusal = "None" if flow.acceptor_port == 5432 else "acceptor: TERMINATE"
        assert str(hello.refusal) == refusal


@pytest.mark.parametrize("folder", ["modes", "cleartext", "heartbeat", "trouble"])
def test_what_the_initiator_says_first_is_an_opening_and_the_answer_is_not(folder: str) -> None:
    spoken = [flow for flow in recorded(folder) if flow.initiator and flow.acceptor]
    assert len(spoken) > 5
    for flow in spoken:
        assert is_from_initiator(flow.initiator)
        assert not is_from_initiator(flow.acceptor)


def test_no_challenge_response_of_a_recording_is_kept() -> None:
    for flow in of("cleartext", "1", "3", "6"):
        # Each response is the message of 22 characters and a zero that follows a challenge.
        responses = [
            side.split(b"\x00\x00\x00\x17", 1)[1][:22] for side in (flow.initiator, flow.acceptor)
        ]
        kept = repr(read_hello(flow.initiator, flow.acceptor))
        assert all(len(r) == 22 and r.decode() not in kept for r in responses)
