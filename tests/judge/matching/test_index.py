"""The index gives the expectations that a flow shows, each once, and none that it excludes."""

from __future__ import annotations

import pytest
from matching_site import expectation_of, flow_of

from auditor.flows.flow import Identity
from auditor.judge.matching.index import Bucket, RowIndex
from auditor.site.model import Expectation, Peer, Role

DIR, FD, SD, LAN = "192.0.2.1", "192.0.2.2", "192.0.2.3", "10.1.0.2"
DIRECTOR = Peer(Role.DIRECTOR, "dir", frozenset({DIR}), frozenset({9101}))
CLIENT = Peer(Role.FILE_DAEMON, "fd", frozenset({FD}), frozenset({9102, 9112}))
STORAGE = Peer(Role.STORAGE_DAEMON, "sd", frozenset({SD}))
MONITOR = Peer(Role.TRAY_MONITOR, "mon")
LOCAL = Peer(Role.FILE_DAEMON, "local", frozenset({"127.0.0.1"}))

THREE = expectation_of("3", DIRECTOR, CLIENT, 9202, addresses=[LAN], names=["dir"])
SEVEN = expectation_of("7", STORAGE, CLIENT, 9202, hello_jobs=["job1"])
TEN = expectation_of("10", MONITOR, CLIENT, 9202, names=["mon"])
TO_LOCAL = expectation_of("3", DIRECTOR, LOCAL, 9102)
FIVE_B = expectation_of("5b", DIRECTOR, STORAGE, 9103)
INDEX = RowIndex([THREE, SEVEN, TEN, TO_LOCAL, FIVE_B])


def ids(bucket: Bucket | None) -> list[str]:
    return [row.id for row in bucket.rows] if bucket is not None else []


@pytest.mark.parametrize(
    ("address", "rows"), [(FD, [THREE, SEVEN, TEN]), (LAN, [THREE])], ids=["its own", "dialled"]
)
@pytest.mark.parametrize("port", [9102, 9112, 9202])
def test_a_target_is_every_address_and_port_of_the_acceptor_and_what_is_dialled(
    address: str, rows: list[Expectation], port: int
) -> None:
    """bareos.md §0: the dialled and the listening port are two independent settings."""
    bucket = INDEX.target(address, port)
    assert bucket is not None
    assert bucket.rows == rows


@pytest.mark.parametrize(("address", "port"), [(DIR, 9102), (FD, 9103), (SD, 9103)])
def test_nothing_dials_another_target_and_a_5b_looks_like_a_5a(address: str, port: int) -> None:
    assert INDEX.target(address, port) is None


def test_acceptors_that_no_address_tells_apart_are_found_by_port() -> None:
    assert ids(INDEX.unlocated(9102)) == ["3:dir>local"]
    assert INDEX.unlocated(9202) is None
    assert ids(INDEX.on_port(9102)) == ["3:dir>fd", "7:sd>fd", "10:mon>fd", "3:dir>local"]


@pytest.mark.parametrize(
    ("initiator", "identified", "rows"),
    [
        (DIR, (), [THREE, TEN]),
        (SD, (), [SEVEN, TEN]),
        ("192.0.2.9", (), [TEN]),
        ("192.0.2.9", ("mon", "nobody"), [TEN]),
        ("192.0.2.9", ("dir",), [TEN, THREE]),
        (FD, (), [THREE, SEVEN, TEN]),
    ],
    ids=["director", "storage", "stranger", "identified, once", "identified too", "one machine"],
)
def test_near_are_rows_whose_initiator_may_be_there(
    initiator: str, identified: tuple[str, ...], rows: list[Expectation]
) -> None:
    bucket = INDEX.target(FD, 9202)
    assert bucket is not None
    assert list(bucket.near(flow_of(initiator, FD, 9202), identified)) == rows


def test_rows_are_found_by_name_type_job_and_number() -> None:
    bucket = INDEX.target(FD, 9202)
    assert bucket is not None
    assert list(bucket.named(Identity("R_DIRECTOR", "dir"))) == [THREE]
    assert not bucket.named(Identity("R_CLIENT", "dir"))
    assert list(bucket.typed("R_DIRECTOR")) == [THREE, TEN]
    assert list(bucket.planned("job1")) == [SEVEN]
    assert not bucket.planned("job2")
    assert bucket.numbers == {"3": THREE, "7": SEVEN, "10": TEN}
    assert not bucket.from_address("192.0.2.9")
