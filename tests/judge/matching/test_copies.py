"""5a or 5b: which of two alike connections writes the copy (bareos.md §1.4, §3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from matching_site import expectation_of, flow_of, site_with

from auditor.flows.flow import Flow, Outcome
from auditor.judge.matching.copies import doubt_5a, mark_5b
from auditor.judge.matching.match import Match
from auditor.judge.verdicts import Confidence
from auditor.site.model import Peer, PlannedJob, Role, Site, Source

DIR, READ, WRITE, BOTH = "192.0.2.1", "192.0.2.20", "192.0.2.21", "192.0.2.30"
CLIENT = "192.0.2.40"


def flow(initiator: str, acceptor: str, started: int, ended: int | None = None) -> Flow:
    return replace(flow_of(initiator, acceptor, 9103, started=started), ended=ended)


CONTROL, DATA = Match("5a"), Match("8")
COPY = [flow(DIR, READ, 0), flow(DIR, WRITE, 1), flow(READ, WRITE, 2)]


def numbers(flows: list[Flow], matches: list[Match]) -> list[str | None]:
    return [match.connection for match in mark_5b(flows, matches, ())]


def test_the_5a_to_the_daemon_that_accepts_an_8_is_a_5b() -> None:
    assert numbers(COPY, [CONTROL, CONTROL, DATA]) == ["5a", "5b", "8"]


@pytest.mark.parametrize(
    "flows",
    [
        [COPY[0], flow(DIR, WRITE, 1, ended=1), COPY[2]],
        [COPY[0], flow(DIR, WRITE, 3), COPY[2]],
        [COPY[0], flow(DIR, BOTH, 1), COPY[2]],
    ],
    ids=["it had ended", "it began later", "to another daemon"],
)
def test_a_5a_that_was_not_open_to_that_daemon_stays_one(flows: list[Flow]) -> None:
    assert numbers(flows, [CONTROL, CONTROL, DATA]) == ["5a", "5a", "8"]


def test_of_two_that_are_older_than_the_capture_the_order_is_not_known() -> None:
    older = [replace(one, outcome=Outcome.MIDSTREAM) for one in (COPY[0], COPY[1])]
    older[0] = replace(older[0], acceptor=older[1].acceptor)
    found = mark_5b([*older, COPY[2]], [CONTROL, CONTROL, DATA], ())
    assert [match.confidence for match in found if match.connection == "5b"] == [Confidence.GUESS]
    (alone, _) = mark_5b([older[1], COPY[2]], [CONTROL, DATA], ())
    assert (alone.connection, alone.confidence) == ("5b", CONTROL.confidence)


def test_without_an_8_nothing_changes() -> None:
    matches = [CONTROL, CONTROL, Match("6")]
    assert mark_5b(COPY, matches, ()) == matches


def test_of_two_the_one_that_followed_the_reading_daemons_5a_is_chosen() -> None:
    """A copy opens 5a to the reading daemon and at once 5b to the writing one."""
    flows = [flow(DIR, READ, 10), flow(DIR, WRITE, 11), flow(DIR, WRITE, 15), flow(READ, WRITE, 20)]
    assert numbers(flows, [CONTROL] * 3 + [DATA]) == ["5a", "5b", "5a", "8"]


def test_where_the_reading_daemons_5a_was_not_seen_the_youngest_is_chosen() -> None:
    flows = [flow(DIR, WRITE, 11), flow(DIR, WRITE, 15), flow(READ, WRITE, 20)]
    assert numbers(flows, [CONTROL, CONTROL, DATA]) == ["5a", "5b", "8"]


def test_each_5b_belongs_to_one_8_whatever_the_order_of_the_flows() -> None:
    flows = [
        flow(READ, WRITE, 20), flow(READ, WRITE, 30), flow(READ, WRITE, 40),
        flow(DIR, WRITE, 11), flow(DIR, WRITE, 15),
    ]  # fmt: skip
    assert numbers(flows, [DATA] * 3 + [CONTROL] * 2) == ["8", "8", "8", "5b", "5b"]


def test_a_5b_has_the_expectations_of_a_5b_with_the_same_ends() -> None:
    director, storage = Peer(Role.DIRECTOR, "dir"), Peer(Role.STORAGE_DAEMON, "sd2")
    rows = [expectation_of(number, director, storage, 9103) for number in ("5a", "5b")]
    (_, match, _) = mark_5b(COPY, [CONTROL, Match("5a", candidates=(rows[0],)), DATA], rows)
    assert [row.id for row in match.candidates] == ["5b:dir>sd2"]
    assert match.expectation is rows[1]


# ------------------------------------------------------------------ a tap that cannot see the 8


def doubted(flows: Sequence[Flow], numbers: str, site: Site | None = None) -> list[int]:
    """The flows that became guesses."""
    matches = [Match(number, Confidence.CERTAIN) for number in numbers.split()]
    found = doubt_5a(flows, matches, site)
    assert [match.connection for match in found] == numbers.split()
    guesses = [i for i, match in enumerate(found) if match.confidence is Confidence.GUESS]
    assert all("5a or 5b" in found[i].reason for i in guesses)
    return guesses


def test_a_5a_beside_another_may_be_a_5b_where_no_data_channel_was_seen() -> None:
    """As on the Director's host: the 8 goes from one Storage Daemon to the other."""
    assert doubted(COPY[:2], "5a 5a") == [1]


@pytest.mark.parametrize(
    "other",
    [flow(DIR, READ, 0, ended=0), flow(DIR, READ, 2), flow("192.0.2.2", READ, 0)],
    ids=["it had ended", "it began later", "another Director's"],
)
def test_a_5a_is_no_5b_where_no_other_was_open_as_it_began(other: Flow) -> None:
    assert doubted([other, COPY[1]], "5a 5a") in ([], [0])


def test_a_tap_that_sees_a_third_host_at_the_storage_daemon_would_have_seen_the_8() -> None:
    assert doubted([*COPY[:2], flow(CLIENT, WRITE, 3)], "5a 5a 6") == []
    assert doubted([*COPY[:2], flow(CLIENT, READ, 3)], "5a 5a 6") == [1]
    assert doubted([*COPY[:2], flow(DIR, WRITE, 3)], "5a 5a 6") == [1]


def test_a_5b_that_was_told_stays_one() -> None:
    assert doubted([*COPY[:2], flow(READ, WRITE, 2)], "5a 5b 8") == []


def test_an_8_before_or_after_the_capture_is_not_seen() -> None:
    """A 5a of before the capture, and one that is about as young as the capture's end."""
    older = replace(COPY[1], outcome=Outcome.MIDSTREAM)
    third = flow(CLIENT, WRITE, 0)
    assert doubted([third, older], "11 5a") == []
    both = [third, older, replace(COPY[0], outcome=Outcome.MIDSTREAM, started=9)]
    assert doubted(both, "11 5a 5a") == [1, 2]
    assert doubted([*both, flow(CLIENT, WRITE, 5)], "11 5a 5a 6") == [2]
    young = [third, COPY[0], replace(COPY[1], ended=None)]
    assert doubted(young, "11 5a 5a") == [2]
    assert doubted([*young, flow(CLIENT, WRITE, 5)], "11 5a 5a 6") == []
    assert doubted([*young, flow(CLIENT, READ, 11_000_000_000)], "11 5a 5a 6") == []


SDS = [Peer(Role.STORAGE_DAEMON, at, frozenset({at})) for at in (READ, WRITE)]
JOB = (PlannedJob("copy", Source("x", 1)),)


@pytest.mark.parametrize(
    ("jobs", "known", "guesses"), [(JOB, True, [1]), ((), True, []), ((), False, [1])]
)
def test_without_a_job_that_copies_there_is_no_5b(
    jobs: tuple[PlannedJob, ...], known: bool, guesses: list[int]
) -> None:
    row = replace(expectation_of("8", SDS[0], SDS[1], 9103), jobs=jobs)
    site = replace(site_with(SDS, [row]), directors_known=known)
    assert doubted(COPY[:2], "5a 5a", site) == guesses


def test_an_8_of_a_daemon_to_itself_is_seen_on_its_host_only() -> None:
    """Two Storages that name one daemon (bareos.md §11)."""
    twice = [flow(DIR, WRITE, 0), flow(DIR, WRITE, 1), flow(CLIENT, WRITE, 1)]
    itself = replace(expectation_of("8", SDS[1], SDS[1], 9103), jobs=JOB)
    between = replace(expectation_of("8", SDS[0], SDS[1], 9103), jobs=JOB)
    assert doubted(twice, "5a 5a 6", site_with(SDS, [itself])) == [1]
    assert doubted(twice, "5a 5a 6", site_with(SDS, [between])) == []
    on_its_host = [*twice, flow(WRITE, WRITE, 9)]
    assert doubted(on_its_host, "5a 5a 6 8", site_with(SDS, [itself])) == []


def test_a_flow_between_6_and_8_may_be_the_one_that_makes_a_5b() -> None:
    flows = [*COPY[:2], flow(CLIENT, WRITE, 3), flow(CLIENT, READ, 3)]
    numbers = [Match("5a", Confidence.CERTAIN)] * 2
    undecided = Match(possible=frozenset({"6", "8"}))
    for question, other, guess in ((2, 3, True), (3, 2, False)):
        matches = [*numbers, Match("6"), Match("6")]
        matches[question] = undecided
        found = doubt_5a(flows, matches, None)
        assert (found[1].confidence is Confidence.GUESS) is guess
        assert found[other] is matches[other]
