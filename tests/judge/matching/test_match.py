"""The result of classification, and what several candidates agree on."""

from __future__ import annotations

import pytest
from matching_site import expectation_of

from auditor.judge.matching.match import Match
from auditor.site.model import Peer, Permission, Role

DIRECTOR, CLIENT = Peer(Role.DIRECTOR, "dir"), Peer(Role.FILE_DAEMON, "fd")
FIRST = expectation_of("3", DIRECTOR, CLIENT, 9102, label="a")
SECOND = expectation_of("3", DIRECTOR, CLIENT, 9102, label="b", permission=Permission.FORBIDDEN)


@pytest.mark.parametrize(
    ("match", "expectation"),
    [
        (Match(), None),
        (Match("3"), None),
        (Match("3", candidates=(FIRST, SECOND)), FIRST),
        (Match(None, candidates=(FIRST, SECOND)), None),
    ],
    ids=["nothing", "no candidate", "a number", "several numbers"],
)
def test_the_expectation_is_the_first_candidate_of_a_number(
    match: Match, expectation: object
) -> None:
    assert match.expectation is expectation


def test_a_fact_counts_only_where_all_candidates_agree() -> None:
    match = Match("3", candidates=(FIRST, SECOND))
    assert match.agreed(lambda row: row.port) == 9102
    assert match.agreed(lambda row: row.permission) is None
    assert Match("3").agreed(lambda row: row.port) is None
