"""What a recording's host knew of itself: silent sockets, processes, addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from matching_site import flow_of

from auditor.flows.flow import Flow, InitiatorEvidence, Outcome
from auditor.judge.matching.own_host import OwnHost
from auditor.packets.pcapng_comments import SocketFact
from auditor.packets.segments import CaptureInfo
from auditor.pipeline.recording_host import RecordingHost, ends_of, ends_of_flow
from auditor.site.model import Role

FD, SD, DIR = "192.0.2.31", "192.0.2.20", "192.0.2.10"
PORTS = {9101, 9102, 9103}
BEGAN = 1_000


def fact(local: tuple[str, int], remote: tuple[str, int], **changes: Any) -> SocketFact:
    known: dict[str, Any] = {
        "time": 1, "local": local, "remote": remote, "state": "ESTABLISHED", "keepalive": True,
        "idle_s": 5.0, "interval_s": 5.0, "count": 9, "own_timers": True, "pid": 7,
        "process": "bareos-fd",
    }  # fmt: skip
    return SocketFact(**{**known, **changes})


def listening(port: int, process: str = "bareos-fd", address: str = "0.0.0.0") -> SocketFact:
    return fact((address, port), ("0.0.0.0", 0), state="LISTEN", process=process)


def host(*facts: SocketFact, first: int | None = BEGAN, **known: Any) -> RecordingHost:
    return RecordingHost(CaptureInfo("live", "", "", "", facts=facts, first=first, **known))


def complete(*facts: SocketFact, flows: tuple[Flow, ...] = ()) -> tuple[Flow, ...]:
    return host(*facts).complete(flows, PORTS)


WAITING = fact((FD, 40001), (DIR, 9101))


def test_a_socket_without_a_packet_is_a_connection_all_the_same() -> None:
    (flow,) = complete(WAITING)
    assert (flow.initiator.address, flow.acceptor.port) == (FD, 9101)
    assert (flow.outcome, flow.initiator_evidence) == (Outcome.MIDSTREAM, InitiatorEvidence.SOCKET)
    assert (flow.initiator.process, flow.acceptor.process) == ("bareos-fd", "")
    assert flow.initiator.segments + flow.acceptor.segments == 0


def test_it_comes_after_the_others_and_one_that_had_packets_comes_once() -> None:
    heard = flow_of(FD, SD, 9103)
    other = fact((FD, heard.initiator.port), (SD, 9103))
    flows = complete(WAITING, other, flows=(heard,))
    assert [flow.acceptor.port for flow in flows] == [9103, 9101]
    assert [flow.index for flow in flows] == [0, 1]
    assert flows[0].initiator.process == "bareos-fd"
    assert flows[0].initiator_evidence == heard.initiator_evidence, "a SYN says more than a socket"


def test_with_both_ends_on_the_host_it_is_one_connection() -> None:
    (flow,) = complete(
        fact((SD, 9103), (SD, 40001), process="bareos-sd"), fact((SD, 40001), (SD, 9103))
    )
    assert (flow.initiator.process, flow.acceptor.process) == ("bareos-fd", "bareos-sd")


@pytest.mark.parametrize(
    "change",
    [{"state": state} for state in ("LISTEN", "SYN-SENT", "SYN-RECEIVED", "CLOSED", "TIME-WAIT")]
    + [{"time": BEGAN + 1}],
)
def test_what_is_no_connection_yet_or_was_made_meanwhile_is_none(change: dict[str, Any]) -> None:
    """One that was made meanwhile and had no packet did not pass a recorded interface."""
    assert complete(replace(WAITING, **change)) == ()


def test_where_the_recording_does_not_say_when_it_began_each_counts() -> None:
    assert len(host(replace(WAITING, time=1 << 60), first=None).complete((), PORTS)) == 1


@pytest.mark.parametrize(
    ("facts", "evidence"),
    [
        ((), "port"),
        ((listening(9102),), "socket"),
        ((fact((DIR, 9101), (FD, 40000)), listening(9101, "bareos-dir")), "socket"),
        ((fact((FD, 40000), (DIR, 9101)), listening(9102)), "socket"),
        ((fact((DIR, 9101), (FD, 40000)), listening(9103, "bareos-sd")), "port"),
    ],
    ids=["nothing", "no socket of it", "the acceptor listens", "the initiator does not", "others"],
)
def test_who_listens_confirms_who_dialled(facts: tuple[SocketFact, ...], evidence: str) -> None:
    """bareos.md §9.3: a flow without a SYN has its initiator from the ports, which is a guess."""
    flow = flow_of(FD, DIR, 9101, evidence="port")
    wanted = evidence if facts and ends_of(facts[0]) == ends_of_flow(flow) else "port"
    assert complete(*facts, flows=(flow,))[0].initiator_evidence == wanted


def test_without_facts_all_stays_as_it_is() -> None:
    flow = flow_of(FD, SD, 9103)
    assert complete(flows=(flow,)) == (flow,)


def test_programs_are_known_with_their_ports_and_the_host_with_all_its_addresses() -> None:
    known = host(WAITING, listening(9102), listening(9103, "bareos-sd"), addresses=("192.0.2.99",))
    assert known.daemons(here=False) == OwnHost(
        frozenset({FD, "192.0.2.99"}),
        frozenset(
            {(Role.FILE_DAEMON, frozenset({9102})), (Role.STORAGE_DAEMON, frozenset({9103}))}
        ),
    )


@pytest.mark.parametrize(
    "facts",
    [(), (listening(9102),), (fact(("127.0.0.1", 40001), ("127.0.0.1", 9103)),)],
    ids=["nothing", "all addresses", "loopback"],
)
def test_without_an_address_that_tells_it_from_others_it_is_nobody(
    facts: tuple[SocketFact, ...],
) -> None:
    assert host(*facts).daemons(here=False) is None


def test_a_program_that_is_not_bareos_is_no_daemon() -> None:
    known = host(replace(WAITING, process="python3")).daemons(here=False)
    assert known == OwnHost(frozenset({FD}), frozenset())
