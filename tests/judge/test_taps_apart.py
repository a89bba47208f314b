"""How far the clocks of two taps are apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from auditor.flows.flow import Flow, InitiatorEvidence, Outcome, Side
from auditor.flows.probe import Probe
from auditor.judge.heartbeat.verdict import HeartbeatVerdict
from auditor.judge.matching.match import Match
from auditor.judge.tables.judged import Judged
from auditor.judge.taps_apart import (
    SAME_NS,
    Pair,
    clocks_apart,
    ends,
    probes_apart,
    sides_in_common,
    times_apart,
)
from auditor.judge.verdicts import Verdict
from auditor.packets.segments import CaptureInfo

S = 1_000_000_000


def flow(a: str, b: str, started: int = 0, **fields: Any) -> Flow:
    return Flow(
        index=0,
        initiator=Side(a, 40001, fin=started + 9 * S),
        acceptor=Side(b, 9103),
        initiator_evidence=InitiatorEvidence.SYN,
        outcome=fields.pop("outcome", Outcome.ESTABLISHED),
        started=started,
        last=started + 9 * S,
        **fields,
    )


def pair(one: Flow, other: Flow, *, known: bool = False) -> Pair:
    found = [
        Judged(
            name, seen, Match(), HeartbeatVerdict(Verdict.PASS, ""), CaptureInfo(name, "", "", "")
        )
        for name, seen in (("near", one), ("far", other))
    ]
    return Pair(*found, known=known)


@pytest.mark.parametrize("off", [0, 5 * S, -3])
def test_the_times_of_both_taps_tell(off: int) -> None:
    pairs = [pair(flow("a", "b", k * S), flow("a", "b", k * S + off)) for k in range(3)]
    apart = clocks_apart(pairs)
    assert apart is not None
    assert (apart.one, apart.other, apart.ns, apart.spread, apart.marks) == (
        "near",
        "far",
        off,
        0,
        6,
    )
    assert ("ahead of" if off > 0 else "behind") in str(apart)


def test_times_that_do_not_agree_tell_nothing() -> None:
    assert clocks_apart([pair(flow("a", "b"), flow("a", "b", outcome=Outcome.MIDSTREAM))]) is None
    apart = [pair(flow("a", "b"), flow("a", "b", k * S)) for k in range(9)]
    assert clocks_apart(apart) is None


def test_what_is_known_decides_over_what_has_the_same_ends() -> None:
    others = [pair(flow("a", "b"), flow("a", "b", 70 * S)) for _ in range(9)]
    known = pair(flow("a", "b"), flow("c", "b", S), known=True)
    apart = clocks_apart([*others, known])
    assert apart is not None
    assert (apart.ns, apart.marks) == (S, 2)


def test_sides_go_by_their_ends_or_by_who_dialled() -> None:
    one = flow("a", "b")
    turned = replace(one, initiator=one.acceptor, acceptor=one.initiator)
    assert [there.address for _, there in sides_in_common(one, turned)] == ["a", "b"]
    assert [there.address for _, there in sides_in_common(one, flow("c", "d"))] == ["c", "d"]
    assert ends(one) == ends(turned)
    assert times_apart(one, turned) == [0]  # who dialled is not agreed on: the FIN is


def test_of_what_is_open_and_began_before_the_latest_words_are_one() -> None:
    def old(off: int, reached: int = 7) -> Flow:
        side = Side("a", 40001, said=5 * S + off, reached=reached)
        return replace(flow("a", "b", outcome=Outcome.MIDSTREAM), initiator=side)

    assert times_apart(old(0), old(S)) == [S]
    assert times_apart(old(0), old(S, reached=8)) == []


def test_probes_are_compared_with_the_nearest() -> None:
    def probing(*seconds: int) -> Flow:
        probes = tuple(Probe(k * S, S, S, 0, 1, exact=True) for k in seconds)
        return replace(flow("a", "b"), initiator=Side("a", 40001, probes=probes))

    assert probes_apart(probing(10, 20, 30), probing(15, 25), 5 * S) == [5 * S, 5 * S]
    assert probes_apart(probing(10), probing(15), 5 * S + SAME_NS + 1) == []
