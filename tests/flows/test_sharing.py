"""Which connections may share a row, and which their time makes single."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from auditor.flows.flow import (
    Flow,
    Hello,
    Identity,
    InitiatorEvidence,
    Outcome,
    Side,
    Transport,
)
from auditor.flows.how_ended import Ending, HowEnded
from auditor.flows.refusal import End, Refusal, RefusalKind
from auditor.flows.sharing import Sharer, Sharing, how_shared, keep_rows, none_shared
from auditor.flows.tables import FLOW

SECOND = 1_000_000_000
START = 1_800_000_000 * SECOND
CONSOLE = Hello(Transport.TLS, Identity("R_CONSOLE", "mon"), proven=True, tls_version="1.3")
POLL = Flow(
    0,
    Side("10.0.0.1", 40_000),
    Side("10.0.0.2", 9101),
    InitiatorEvidence.SYN,
    Outcome.ESTABLISHED,
    started=START,
    last=START,
    hello=CONSOLE,
    how=HowEnded(Ending.ORDERLY),
)


def test_consoles_share() -> None:
    assert how_shared(POLL) is Sharing.YES
    assert how_shared(replace(POLL, how=HowEnded(Ending.RESET))) is Sharing.YES
    clear = replace(CONSOLE, transport=Transport.CLEARTEXT)
    assert how_shared(replace(POLL, hello=clear)) is Sharing.IN_CLEAR


@pytest.mark.parametrize("type_", ["R_DIRECTOR", "R_CLIENT", "R_JOB", "R_STORAGE", ""])
def test_whoever_is_judged_by_what_else_is_open_does_not(type_: str) -> None:
    hello = replace(CONSOLE, identity=Identity(type_, "x"))
    assert how_shared(replace(POLL, hello=hello)) is Sharing.NO


@pytest.mark.parametrize(
    "flow",
    [
        replace(POLL, hello=replace(CONSOLE, identity=None)),
        replace(POLL, hello_contradicts=True),
        replace(POLL, outcome=Outcome.MIDSTREAM),
        replace(POLL, refusal=Refusal(RefusalKind.SEALED, End.ACCEPTOR, "")),
        replace(POLL, tampering_count=1),
        replace(POLL, how=HowEnded(Ending.LOST)),
        replace(POLL, how=HowEnded(Ending.RESET, certain=False)),
    ],
)
def test_what_is_out_of_order_does_not(flow: Flow) -> None:
    assert how_shared(flow) is Sharing.NO


def test_one_flow_of_a_kind_is_read_once() -> None:
    read: list[Sequence[int]] = []

    def build(which: Sequence[int]) -> Sequence[Flow]:
        read.append(which)
        return [POLL if k < 5 else replace(POLL, outcome=Outcome.MIDSTREAM) for k in which]

    share = Sharer(build)
    assert share([7, 3, 4], [70, 30, 30]) == [Sharing.NO, Sharing.YES, Sharing.YES]
    assert share([8, 1], [70, 10]) == [Sharing.NO, Sharing.YES]
    assert [sorted(which) for which in read] == [[4, 7], [1]]
    assert none_shared([1, 2], [3, 4]) == [Sharing.NO] * 2


def may_go(
    starts: list[int], shared: list[Sharing], failed: list[bool], hosts: list[int], lasts: int = 0
) -> list[bool]:
    flows = np.zeros(len(starts), FLOW)
    flows["first"] = START + np.array(starts, "i8") * SECOND
    flows["last"] = flows["first"] + lasts * SECOND
    verdicts, attempts = np.array(shared, "u1"), np.array(failed)
    return keep_rows(flows, np.array(hosts, "u8"), verdicts, attempts).tolist()


YES, CLEAR, NO = Sharing.YES, Sharing.IN_CLEAR, Sharing.NO


@pytest.mark.parametrize(
    ("after", "host", "goes"), [(0, 1, False), (180, 1, False), (200, 1, True), (5, 2, True)]
)
def test_who_came_soon_after_an_attempt_that_failed_keeps_a_row(
    after: int, host: int, *, goes: bool
) -> None:
    found = may_go([50, 50 + after, 49], [NO, YES, YES], [True, False, False], [1, host, 1])
    assert found == [False, goes, True]


def test_an_attempt_that_stands_for_many_counts_to_the_last() -> None:
    assert may_go([0, 500], [NO, YES], [True, False], [1, 1], lasts=400) == [False, False]


def test_who_comes_in_clear_after_anything_else_of_its_host_keeps_a_row() -> None:
    failed = [False] * 4
    assert may_go([0, 5, 6, 7], [YES, CLEAR, CLEAR, YES], failed, [1, 1, 2, 2]) == [
        True, False, True, True,
    ]  # fmt: skip


def test_times_far_apart_or_before_the_first_are_borne() -> None:
    years = 200 * 366 * 86_400
    assert may_go([0, -years, years], [NO, YES, YES], [True, False, False], [1, 1, 1])[1]
