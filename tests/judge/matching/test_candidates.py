"""The index finds what looking at every expectation of the site would find."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from matching_site import expectation_of, flow_of, site_with
from mutation import CAPTURES

from auditor.config.reading import read_configuration
from auditor.flows.flow import Flow, Hello, Identity, Outcome, Transport
from auditor.judge.matching.agreement import (
    Agreement,
    Candidate,
    IdentifiedAt,
    SiteNames,
    compare,
)
from auditor.judge.matching.candidates import CandidateSearch
from auditor.judge.matching.decision import best_candidates
from auditor.judge.matching.index import RowIndex
from auditor.pipeline.track_capture import track_capture
from auditor.site.build import build_site
from auditor.site.connections import connections
from auditor.site.model import Expectation, Peer, Permission, Role, Site
from auditor.site.resolver import Resolver, is_loopback
from auditor.site.site_file import SiteFile

Found = list[tuple[str, Agreement]]


def search_in(site: Site) -> CandidateSearch:
    known = {address for peer in site.peers for address in peer.addresses}
    return CandidateSearch(RowIndex(site.expectations), SiteNames(site), known)


def by_index(search: CandidateSearch, flow: Flow, identified: IdentifiedAt) -> Found:
    return shown(best_candidates(search.find(flow, identified), flow))


def astray(site: Site, row: Expectation) -> bool:
    """Whether the row dials a port at which its acceptor does not listen, and another does."""
    dialled = row.addresses or row.acceptor.addresses
    return bool(row.acceptor.ports - {row.port}) and any(
        other.acceptor.role is not row.acceptor.role
        and row.port in other.acceptor.ports - row.acceptor.ports
        and dialled & other.acceptor.addresses
        for other in site.expectations
    )


def by_brute_force(site: Site, flow: Flow, identified: IdentifiedAt) -> Found:
    """Compare the flow with every expectation of the site, as ``classification.STEPS`` has it."""
    address, port = flow.acceptor.address, flow.acceptor.port
    on_port = [
        row
        for row in site.expectations
        if row.connection != "5b"
        and port in row.acceptor.ports | (set() if astray(site, row) else {row.port})
        # A Storage Daemon at no known address that dials any other: anybody may be that.
        and not (row.connection == "8" and row.acceptor.generic and not row.initiator.located)
    ]
    here = [row for row in on_port if address in row.acceptor.addresses | row.addresses]
    unlocated = [row for row in on_port if not row.acceptor.located]
    known = any(address in peer.addresses for peer in site.peers)
    moved = [
        row
        for row in on_port
        if not here
        and (not known or is_loopback(address))
        and flow.initiator.address in row.initiator.addresses
    ]
    names = SiteNames(site)
    return shown(
        best_candidates(
            [
                *compare(flow, here, Agreement.MATCH, names, identified),
                *compare(flow, unlocated, Agreement.NO_EVIDENCE, names, identified),
                *compare(flow, moved, Agreement.MISMATCH, names, identified),
            ],
            flow,
        )
    )


def shown(best: list[Candidate]) -> Found:
    return sorted((one.row.id, one.agreements.target) for one in best)


# ------------------------------------------------------------------ sites that hypothesis makes

POOL = ("192.0.2.1", "192.0.2.2", "192.0.2.3", "127.0.0.1")
ADDRESSES = st.sampled_from(POOL)
PORTS = st.sampled_from([9101, 9102])
NAMES = st.sampled_from(["a", "b", "*UserAgent*"])
JOBS = st.sampled_from(["job1", "job2", "job3"])
DIRECTORS = st.sampled_from(["dir1", "dir2", "dir3"])
#: Those whose hello names a job are half of all: only they are found by job too.
NUMBERS = st.sampled_from(sorted(connections())) | st.sampled_from(["6", "8"])

PEERS = st.builds(
    Peer,
    role=st.sampled_from(Role),
    name=NAMES,
    addresses=st.frozensets(ADDRESSES, max_size=2),
    ports=st.frozensets(PORTS, max_size=1),
    generic=st.booleans(),
)


@st.composite
def sites(draw: st.DrawFn) -> Site:
    peers = draw(st.lists(PEERS, min_size=1, max_size=6))

    def row(index: int) -> Expectation:
        return expectation_of(
            draw(NUMBERS),
            draw(st.sampled_from(peers)),
            draw(st.sampled_from(peers)),
            draw(PORTS),
            label=str(index),
            addresses=draw(st.frozensets(ADDRESSES, max_size=2)),
            permission=draw(st.sampled_from(Permission)),
            names=draw(st.lists(NAMES, max_size=2, unique=True)),
            hello_jobs=draw(st.frozensets(JOBS, max_size=2)),
            director=draw(DIRECTORS),
        )

    rows = [row(index) for index in range(draw(st.integers(1, 10)))]
    jobs = draw(st.dictionaries(DIRECTORS, st.frozensets(JOBS, min_size=1)))
    # An address that is dialled need not be known of anybody.
    return site_with(draw(st.permutations(peers))[: draw(st.integers(0, 6))], rows, jobs)


RUN = ".2026-11-22_22.22.37_03"


@st.composite
def hellos(draw: st.DrawFn, site: Site) -> Hello:
    """Draw a hello that an initiator of the site might send, more or less."""
    row = draw(st.sampled_from(site.expectations))
    type_ = connections()[row.connection].identity
    if not type_ or draw(st.integers(0, 4)) == 0:
        return Hello(transport=draw(st.sampled_from(Transport)))
    name = f"{draw(JOBS)}{RUN}" if type_ == "R_JOB" else draw(NAMES)
    return Hello(
        transport=Transport.CLEARTEXT,
        identity=Identity(type_, name),
        proven=draw(st.integers(0, 3)) > 0,
        connections=draw(st.sampled_from([frozenset[str](), frozenset({row.connection})])),
        challenge_name=draw(st.sampled_from([None, None, "", "R_CONSOLE::a"])),
    )


IDENTIFIED = st.dictionaries(ADDRESSES, st.frozensets(NAMES, min_size=1), max_size=2)


@settings(max_examples=200, deadline=None)
@given(sites(), st.data(), st.sampled_from(Outcome), IDENTIFIED)
def test_the_index_finds_what_brute_force_finds(
    site: Site, data: st.DataObject, outcome: Outcome, identified: IdentifiedAt
) -> None:
    search = search_in(site)
    hello = data.draw(hellos(site))
    for initiator, acceptor in product(POOL, repeat=2):
        flow = flow_of(initiator, acceptor, 9102, hello, outcome=outcome)
        expected = by_brute_force(site, flow, identified)
        event(f"{min(len(expected), 3)} found")
        assert by_index(search, flow, identified) == expected


# ------------------------------------------------------------------ jobs from another address

FD1 = Peer(Role.FILE_DAEMON, "fd1", frozenset({"192.0.2.1"}))
FD2 = Peer(Role.FILE_DAEMON, "fd2", frozenset({"192.0.2.2"}))
FD3 = Peer(Role.FILE_DAEMON, "fd3", frozenset({"192.0.2.3"}))
SD = Peer(Role.STORAGE_DAEMON, "sd", frozenset({"192.0.2.9"}), frozenset({9103}))
JOB = Hello(Transport.TLS, Identity("R_JOB", f"job1{RUN}"), proven=True)


def found(rows: list[Expectation], jobs: dict[str, frozenset[str]], initiator: str) -> list[str]:
    """Return the ids that a flow with a proven hello of job1 may be, to the storage daemon."""
    site = site_with([FD1, FD2, FD3, SD], rows, jobs)
    flow = flow_of(initiator, "192.0.2.9", 9103, JOB)
    expected = by_brute_force(site, flow, {})
    assert by_index(search_in(site), flow, {}) == expected
    return [row_id for row_id, _ in expected]


def backup(client: Peer, director: str, *jobs: str) -> Expectation:
    return expectation_of("6", client, SD, 9103, director=director, hello_jobs=jobs)


def test_a_proven_job_from_its_client_is_not_looked_for_elsewhere() -> None:
    rows = [backup(FD1, "dir"), backup(FD2, "dir", "job1")]
    assert found(rows, {"dir": frozenset({"job1"})}, "192.0.2.1") == ["6:fd1>sd"]


def test_a_proven_job_of_another_director_is_looked_for_elsewhere() -> None:
    rows = [backup(FD1, "dir1"), backup(FD2, "dir2")]
    jobs = {"dir1": frozenset({"other"}), "dir2": frozenset({"job1"})}
    assert found(rows, jobs, "192.0.2.1") == ["6:fd2>sd"]


def test_a_job_behind_nat_is_preferred_where_it_is_planned() -> None:
    rows = [backup(FD1, "dir"), backup(FD2, "dir", "job1"), backup(FD3, "dir")]
    assert found(rows, {"dir": frozenset({"job1"})}, "198.51.100.7") == ["6:fd2>sd"]


def test_a_job_that_is_planned_by_a_director_without_it_is_looked_for_further() -> None:
    rows = [backup(FD1, "dir1", "job1"), backup(FD2, "dir2"), backup(FD3, "dir2")]
    jobs = {"dir1": frozenset({"other"}), "dir2": frozenset({"job1"})}
    assert found(rows, jobs, "198.51.100.7") == ["6:fd2>sd", "6:fd3>sd"]


def test_a_job_that_no_director_has_is_nobodys() -> None:
    rows = [backup(FD1, "dir", "job1"), backup(FD2, "dir")]
    assert found(rows, {"dir": frozenset({"other"})}, "198.51.100.7") == []


def test_a_loopback_address_that_is_known_may_be_any_daemon_of_the_host() -> None:
    """``localhost`` in a configuration makes 127.0.0.1 an address of every host."""
    client = Peer(Role.FILE_DAEMON, "fd1", frozenset({"192.0.2.1", "127.0.0.1"}))
    site = site_with([client, SD], [backup(client, "dir")], {"dir": frozenset({"job1"})})
    flow = flow_of("127.0.0.1", "127.0.0.1", 9103, JOB)
    assert by_index(search_in(site), flow, {}) == [("6:fd1>sd", Agreement.MISMATCH)]


# ------------------------------------------------------------------ the recordings

RECORDINGS = sorted(path.with_name("capture.pcap") for path in CAPTURES.rglob("truth.csv"))


@pytest.mark.parametrize("capture", RECORDINGS, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("partial", [False, True], ids=["whole", "director"])
def test_it_does_so_for_every_recorded_flow(capture: Path, partial: bool) -> None:
    folder = next(parent for parent in capture.parents if (parent / "config").is_dir())
    config = folder / "config" / "dir" if partial else folder / "config"
    site = build_site(read_configuration([config]), Resolver({}, {}, system=False), SiteFile())
    flows = track_capture(str(capture), site.ports()).flows
    assert flows
    search = search_in(site)
    found = [by_index(search, flow, {}) for flow in flows]
    assert found == [by_brute_force(site, flow, {}) for flow in flows]
    assert any(found)
