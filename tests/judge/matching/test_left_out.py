"""The number of a flow whose name was left out decides none of its neighbours'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
from matching_site import flow_of
from six_or_eight import BOTH, CLIENT, DIR, EIGHT, OPEN, READ, READER, SIX, WRITE

from auditor.flows.flow import Flow
from auditor.judge.matching.copies import mark_5b
from auditor.judge.matching.correlation import resolve_6_or_8
from auditor.judge.matching.left_out import with_neighbours, without_number
from auditor.judge.matching.match import Match
from auditor.judge.verdicts import Confidence

THREE, READS = Match("3", acceptor=CLIENT), Match("5a", acceptor=READER)


def flow(initiator: str, acceptor: str, started: int, *, left_out: bool = False) -> Flow:
    made = flow_of(initiator, acceptor, 9103, started=started)
    return replace(made, ended=None, name_left_out=left_out)


def six_or_eight(*beside: tuple[Match, bool]) -> Match:
    flows = [flow(BOTH, WRITE, 10)]
    flows += [flow(DIR, BOTH, at, left_out=out) for at, (_, out) in enumerate(beside)]
    matches = [OPEN, *(match for match, _ in beside)]
    return with_neighbours(flows, matches, partial(resolve_6_or_8, flows))[0]


@pytest.mark.parametrize(
    ("beside", "number"),
    [
        ([(THREE, False)], "6"),
        ([(THREE, True)], None),
        ([(READS, True)], None),
        ([(THREE, False), (READS, True)], None),
        ([(THREE, True), (READS, False)], None),
        ([(THREE, False), (THREE, True)], "6"),
        ([(READS, False), (READS, True)], "8"),
    ],
)
def test_6_or_8_is_told_by_those_whose_name_is_known(
    beside: list[tuple[Match, bool]], number: str | None
) -> None:
    found = six_or_eight(*beside)
    assert found.connection == number
    if number is None:
        assert {"6", "8"} == found.possible
        assert set(found.candidates) == {SIX, EIGHT}


def copies(left_out: Sequence[bool]) -> list[Match]:
    ends = [(DIR, READ), (DIR, WRITE), (READ, WRITE)]
    flows = [
        flow(*pair, at, left_out=out)
        for at, (pair, out) in enumerate(zip(ends, left_out, strict=True))
    ]
    matches = [Match("5a", Confidence.CERTAIN), Match("5a", Confidence.CERTAIN), Match("8")]
    return with_neighbours(flows, matches, lambda some: mark_5b(flows, some, ()))


def test_what_has_its_name_is_told_as_ever() -> None:
    assert [match.connection for match in copies([False] * 3)] == ["5a", "5b", "8"]


def test_an_8_without_its_name_makes_no_5b() -> None:
    first, second, data = copies([False, False, True])
    assert first.connection == "5a"
    assert (second.connection, second.possible) == (None, {"5a", "5b"})
    assert second.reason.startswith("it may be 5a or 5b: a name beside it")
    assert (data.connection, data.possible) == (None, {"8"})


def test_a_5a_without_its_name_leaves_the_8_one() -> None:
    first, second, data = copies([False, True, False])
    assert (first.connection, second.connection, data.connection) == ("5a", None, "8")
    assert second.possible == {"5b"}


def test_what_is_less_certain_without_a_neighbour_is_so() -> None:
    flows = [flow(DIR, READ, 0), flow(READ, WRITE, 1, left_out=True)]

    def resolve(matches: Sequence[Match]) -> list[Match]:
        sure = matches[1].connection is not None
        return [replace(matches[0], confidence=Confidence(("guess", "likely")[sure])), matches[1]]

    found = with_neighbours(flows, [Match("5a"), Match("8")], resolve)
    assert (found[0].connection, found[0].confidence) == ("5a", Confidence.GUESS)


def test_without_a_number_nothing_is_taken() -> None:
    match = Match(None, possible=frozenset({"1", "2"}))
    assert without_number(flow(DIR, READ, 0, left_out=True), match) is match
