from __future__ import annotations

import pytest
from tape import Endpoint, Tape

from auditor.flows.tampering import PROBE_FROM_ELSEWHERE

FD, DIR = Endpoint("10.0.0.33", 40001), Endpoint("10.0.0.10", 9101)
FD6, DIR6 = Endpoint("2001:db8::33", 40009), Endpoint("2001:db8::10", 9191)


def opened(fd: Endpoint, director: Endpoint) -> Tape:
    return Tape().syn(fd, director).synack().ack().send(fd, b"hello").ack(director)


def kinds(tape: Tape) -> list[int]:
    (flow,) = tape.follow((9101, 9191)).flows
    return [fact.kind for fact in flow.tampering]


@pytest.mark.parametrize(("fd", "director"), [(FD, DIR), (FD6, DIR6)])
@pytest.mark.parametrize("times", [1, 3])
def test_a_probe_with_a_ttl_that_its_side_has_neither_before_nor_after_is_another_s(
    fd: Endpoint, director: Endpoint, times: int
) -> None:
    tape = opened(fd, director)
    for _ in range(times):
        tape.silence(30).ttl(57).probe(fd).ttl(64).answer()
    assert kinds(tape.silence(10).send(fd, b"more").ack(director)) == [PROBE_FROM_ELSEWHERE]


def test_so_is_one_among_true_probes() -> None:
    tape = opened(FD, DIR).silence(30).probe(FD).answer()
    tape.silence(30).ttl(57).probe(FD).ttl(64).answer().silence(30).probe(FD).answer()
    assert kinds(tape) == [PROBE_FROM_ELSEWHERE]


def test_a_way_that_changed_in_a_silence_is_none() -> None:
    tape = opened(FD, DIR).silence(30).probe(FD).answer().ttl(57)
    tape.silence(30).probe(FD).answer().silence(30).probe(FD).answer()
    assert kinds(tape.send(FD, b"more").ack(DIR).silence(30).probe(FD).answer()) == []


def test_nor_is_a_second_way_that_data_took_before() -> None:
    tape = opened(FD, DIR).ttl(61).send(FD, b"more").ack(DIR).send(DIR, b"x").ack(FD).ttl(64)
    tape.silence(30).ttl(61).probe(FD).answer().ttl(64).send(FD, b"more").ack(DIR)
    assert kinds(tape) == []


def test_nor_are_packets_that_are_spread_over_two_ways() -> None:
    tape = opened(FD, DIR)
    for ttl in (61, 64, 61):
        tape.silence(30).ttl(ttl).probe(FD).ttl(64).answer()
    tape.send(DIR, b"x").ttl(61).ack(FD).ttl(64).send(FD, b"more").ack(DIR)
    assert kinds(tape) == []


def test_of_probes_alone_nobody_can_say_which_is_odd() -> None:
    tape = Tape().join(FD, DIR)
    for ttl in (61, 64, 61, 64):
        tape.ttl(ttl).probe(FD).ttl(64).answer().silence(30)
    assert kinds(tape) == []
