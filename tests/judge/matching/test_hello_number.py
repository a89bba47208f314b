"""What a hello alone leaves of the thirteen numbers (bareos.md §3.4, §3.5, §9.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matching_site import expectation_of, flow_of, site_with

from auditor.flows.flow import Flow, Hello, Identity, Transport
from auditor.judge.matching.hello_number import HelloReader, is_let_in
from auditor.judge.verdicts import Confidence
from auditor.site.model import Claim, Peer, Role, Site

HERE, THERE = "192.0.2.1", "192.0.2.2"
D, FD, SD = 19101, 19102, 19103
PORTS = {D: Role.DIRECTOR, FD: Role.FILE_DAEMON, SD: Role.STORAGE_DAEMON, 15432: Role.CATALOG}
DIRECTOR = Peer(Role.DIRECTOR, "main")


def site(*, known: bool = False) -> Site:
    rows = [
        replace(expectation_of("3", DIRECTOR, Peer(Role.FILE_DAEMON, "fd"), FD),
                claims=(Claim("main", None),)),
        replace(expectation_of("1", Peer(Role.CONSOLE, "op"), DIRECTOR, D),
                claims=(Claim("op", None),)),
    ]  # fmt: skip
    base = site_with([DIRECTOR], rows)
    return replace(base, monitors=frozenset({"watch"}), directors_known=known)


def flow(port: int, type_: str = "", name: str = "", process: str = "", **hello: object) -> Flow:
    identity = Identity(type_, name) if type_ else None
    said = Hello(Transport.TLS, identity, **({"proven": True} | hello))  # type: ignore[arg-type]
    made = flow_of(HERE, THERE, port, said)
    return replace(made, initiator=replace(made.initiator, process=process))


def numbers(made: Flow, here: tuple[Peer, ...] = (), *, known: bool = False) -> str:
    return " ".join(sorted(HelloReader(site(known=known), PORTS).numbers(made, here).numbers))


@pytest.mark.parametrize(
    ("port", "type_", "name", "number", "confidence"),
    [
        (D, "R_CLIENT", "fd", "4", "likely"),
        (D, "R_CONSOLE", "*UserAgent*", "2", "likely"),
        (D, "R_CONSOLE", "op", "1", "likely"),
        (D, "R_CONSOLE", "watch", "9", "likely"),
        (D, "R_CONSOLE", "who", "1", "guess"),
        (D, "R_DIRECTOR", "main", "", "guess"),
        (FD, "R_DIRECTOR", "main", "3", "likely"),
        (FD, "R_DIRECTOR", "watch", "10", "likely"),
        (FD, "R_DIRECTOR", "who", "3", "guess"),
        (FD, "R_JOB", "job", "7", "likely"),
        (FD, "R_CLIENT", "fd", "", "guess"),
        (SD, "R_DIRECTOR", "main", "5a", "likely"),
        (SD, "R_DIRECTOR", "watch", "11", "likely"),
        (SD, "R_JOB", "job", "6 8", "likely"),
        (D, "R_JOB", "job", "", "guess"),
        (15432, "R_DIRECTOR", "main", "", "guess"),
        (80, "R_DIRECTOR", "main", "", "guess"),
        (FD, "", "", "", "guess"),
    ],
)
def test_a_hello_that_was_accepted_leaves_numbers(
    port: int, type_: str, name: str, number: str, confidence: str
) -> None:
    found = HelloReader(site(), PORTS).numbers(flow(port, type_, name), ())
    assert (" ".join(sorted(found.numbers)), found.confidence) == (number, confidence)
    assert found.only == (number if number and " " not in number else None)


@pytest.mark.parametrize(("form", "number"), [("6", "6"), ("8", "8"), ("7", "")])
def test_in_cleartext_6_and_8_differ(form: str, number: str) -> None:
    assert numbers(flow(SD, "R_JOB", "job", connections=frozenset({form}))) == number


def test_an_empty_challenge_is_a_tray_monitors() -> None:
    assert numbers(flow(SD, "R_DIRECTOR", "main", challenge_name="")) == "11"


def test_a_hello_that_nobody_accepted_leaves_none_but_for_who_is_known_there() -> None:
    claimed = flow(FD, "R_DIRECTOR", "main", proven=False)
    assert numbers(claimed) == ""
    assert numbers(claimed, (Peer(Role.FILE_DAEMON, "main"),)) == ""
    assert numbers(claimed, (Peer(Role.DIRECTOR, "other"),)) == ""
    assert numbers(claimed, (DIRECTOR,)) == "3"
    assert numbers(flow(FD, "R_JOB", "main", proven=False), (DIRECTOR,)) == ""
    other = flow(FD, "R_DIRECTOR", "main", "bareos-sd", proven=False)
    assert numbers(other, (DIRECTOR,)) == ""


def test_a_certificate_of_the_acceptor_takes_no_name() -> None:
    named = flow(FD, "R_DIRECTOR", "main", proven=False)
    shown = replace(named, hello=replace(named.hello, certificate=True))
    assert not is_let_in(shown)
    assert numbers(shown) == ""
    assert is_let_in(flow(FD, "R_DIRECTOR", "main"))


@pytest.mark.parametrize(
    ("process", "port", "number"),
    [
        ("bareos-dir", FD, "3"), ("bareos-fd", D, "4"), ("bareos-dir", SD, "5a"),
        ("bareos-fd", SD, "6"), ("bareos-sd", FD, "7"), ("bareos-sd", SD, "8"),
        ("bconsole", D, ""), ("python3", SD, ""),
    ],
)  # fmt: skip
def test_the_program_that_dialled_tells_where_directors_are_missing(
    process: str, port: int, number: str
) -> None:
    silent = flow(port, process=process, proven=False)
    assert numbers(silent) == number
    assert numbers(silent, known=True) == ""


def test_a_program_under_another_name_does_not_outweigh_a_key() -> None:
    assert numbers(flow(SD, "R_DIRECTOR", "main", "bareos-sd")) == "5a"
    made = flow(SD, "R_JOB", "job", "bareos-sd")
    assert numbers(made) == "8"
    strange = replace(made, acceptor=replace(made.acceptor, process="bareos-fd"))
    assert numbers(strange) == "6 8"
    assert HelloReader(site(), PORTS).numbers(made, ()).confidence is Confidence.LIKELY
