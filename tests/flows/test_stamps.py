from __future__ import annotations

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows import Flow
from auditor.flows.tampering import CLOCK_FROM_ELSEWHERE

ENDS = [
    (Endpoint("10.0.0.33", 40001), Endpoint("10.0.0.10", 9101)),
    (Endpoint("2001:db8::33", 40009), Endpoint("2001:db8::10", 9191)),
]
FD, DIR = ENDS[0]
RATES = [10, 100, 250, 1000, 1_000_000]
#: What a forger may write: no timestamps, the latest ones once more, old ones and made-up ones.
ODD = {"none": None, "old": -3_000_000_000, "ahead": 100_000_000}


def opened(fd: Endpoint = FD, director: Endpoint = DIR, rate: int = 1000, **first: int) -> Tape:
    tape = Tape().clocks(rate, **first).syn(fd, director).synack().ack()
    for _ in range(4):
        tape.send(fd, b"hello").ack(director).send(director, b"hello").ack(fd).silence(1)
    return tape


def the_flow(tape: Tape) -> Flow:
    (flow,) = tape.follow((9101, 9191)).flows
    return flow


def kinds(flow: Flow) -> list[int]:
    return [fact.kind for fact in flow.tampering]


def forge(tape: Tape, how: str, rate: int = 1000) -> Tape:
    shift = ODD[how]
    return tape.stamps(shift if shift is None else shift * rate // 1000)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("fd", "director"), ENDS)
def test_probes_and_answers_from_the_clocks_of_their_sides_count(
    fd: Endpoint, director: Endpoint, rate: int
) -> None:
    tape = opened(fd, director, rate)
    for pause in (60, 60, 7200, 1):
        tape.silence(pause).probe(fd).answer()
    flow = the_flow(tape.send(fd, b"more").ack(director))
    assert (len(flow.initiator.probes), flow.tampering_count) == (4, 0)


@pytest.mark.parametrize("rate", [100, 1000])
@pytest.mark.parametrize("how", ODD)
@pytest.mark.parametrize(("fd", "director"), ENDS)
def test_forged_probes_and_acknowledgements_count_for_nothing(
    fd: Endpoint, director: Endpoint, how: str, rate: int
) -> None:
    tape = opened(fd, director, rate)
    for _ in range(4):
        forge(tape.silence(30), how, rate).probe(fd).answer()
        tape.segment(director, "A").segment(fd, "A").stamps()
    flow = the_flow(tape.silence(30).send(fd, b"more").ack(director).send(director, b"x").ack(fd))
    assert flow.initiator.probes == ()
    assert flow.initiator.longest_idle > 149 * SECOND
    assert kinds(flow) == [CLOCK_FROM_ELSEWHERE] * 2


def talk(tape: Tape, fd: Endpoint = FD, director: Endpoint = DIR) -> Tape:
    """Let both say something and take it, and the initiator probe twice."""
    tape.silence(20).send(fd, b"more").ack(director).send(director, b"more").ack(fd)
    return tape.silence(30).probe(fd).answer().silence(30).probe(fd).answer()


def faultless(tape: Tape, probes: int = 2) -> None:
    flow = the_flow(tape)
    assert (len(flow.initiator.probes), flow.tampering_count) == (probes, 0)
    assert all(probe.answered is not None for probe in flow.initiator.probes)


@pytest.mark.parametrize("rate", RATES)
def test_timestamps_wrap(rate: int) -> None:
    now = Tape().now * rate // SECOND
    faultless(talk(opened(rate=rate, first=(1 << 32) - now % (1 << 32) + (1 << 31))))
    faultless(talk(opened(rate=rate, first=(1 << 32) - now % (1 << 32) - 40 * rate)))


def test_a_device_that_strips_timestamps_after_the_handshake_is_no_forger() -> None:
    tape = Tape().clocks().syn(FD, DIR).synack().stamps(None).ack()
    faultless(talk(tape.silence(10).ack(FD)))


def test_nor_is_one_that_strips_them_from_the_syns_or_from_one_of_them() -> None:
    faultless(talk(Tape().clocks().stamps(None).syn(FD, DIR).synack().stamps().ack()))
    faultless(talk(Tape().clocks().syn(FD, DIR).stamps(None).synack().stamps().ack()))


@pytest.mark.parametrize("shift", [None, 1_000_000, -1_000_000, 2_000_000_000])
def test_nor_one_that_begins_to_strip_or_rewrite_them_amid_a_connection(shift: int | None) -> None:
    tape = talk(opened()).stamps(shift)
    faultless(talk(talk(tape)), 6)


def test_nor_one_that_strips_those_of_one_side() -> None:
    tape = Tape().clocks().syn(FD, DIR).synack().ack()
    for _ in range(3):
        tape.silence(1).stamps(None).send(FD, b"more").stamps().ack(DIR).send(DIR, b"more")
        tape.stamps(None).ack(FD).silence(30).probe(FD).stamps().answer()
    faultless(tape, 3)


def test_a_clock_that_stands_still_tells_nothing() -> None:
    tape = opened()
    tape.clocks(1, first=-(tape.now // SECOND))
    for _ in range(3):
        tape.clocks(1, first=-(tape.now // SECOND))
        tape.silence(1).send(FD, b"more").ack(DIR).send(DIR, b"more").ack(FD)
    for _ in range(3):
        tape.clocks(1, first=-((tape.now + 30 * SECOND) // SECOND)).silence(30)
        tape.probe(FD).answer()
    faultless(tape, 3)


@pytest.mark.parametrize("pause", [60, 3600])
def test_a_host_that_slept_meanwhile_has_a_clock_that_is_late(pause: int) -> None:
    tape = opened().silence(pause).stamps(-1000 * (pause - 2))
    tape.probe(FD).answer().send(FD, b"more").ack(DIR).silence(30).probe(FD).answer()
    faultless(tape)


def test_late_and_early_delivery_is_none_of_another_clock() -> None:
    tape = opened()
    for _ in range(3):
        tape.silence(2).send(FD, b"more").ack(DIR).swap(keep_times=True).send(DIR, b"more").ack(FD)
        tape.silence(2).send(FD, b"more").silence(1.5).resend(FD).ack(DIR).swap()
    faultless(tape.silence(30).probe(FD).answer(), 1)


def test_after_24_days_anything_may_be_right() -> None:
    tape = opened().silence(25 * 86400).stamps(-1_500_000_000).probe(FD).answer()
    faultless(tape.silence(30).probe(FD).answer())


def test_a_connection_older_than_the_capture_is_known_by_what_its_peer_echoed() -> None:
    tape = Tape().clocks().join(FD, DIR)
    for _ in range(4):
        tape.send(FD, b"more").ack(DIR).send(DIR, b"more").ack(FD).silence(1)
    tape.silence(30).stamps(None).probe(FD).answer().stamps().silence(30).probe(FD).answer()
    flow = the_flow(tape)
    assert (len(flow.initiator.probes), set(kinds(flow))) == (1, {CLOCK_FROM_ELSEWHERE})


def test_of_probes_alone_nobody_can_say_whose_clock_it_is() -> None:
    tape = Tape().clocks().join(FD, DIR)
    for shift in (0, -500_000_000, 0, None):
        tape.silence(30).stamps(shift).probe(FD).answer()
    assert the_flow(tape).tampering_count == 0


def test_the_latest_timestamps_said_once_more_are_those_of_who_heard_them() -> None:
    tape = opened()
    for pause in (30, 60, 90):
        tape.silence(pause - 1 if pause == 30 else 30).stamps(-1000 * pause).probe(FD)
    flow = the_flow(tape.stamps().silence(1).send(FD, b"more").ack(DIR).send(DIR, b"x").ack(FD))
    assert kinds(flow) == [CLOCK_FROM_ELSEWHERE]


def test_what_a_forger_says_and_nobody_acknowledges_moves_no_clock() -> None:
    tape = opened().silence(5).stamps(-2_000_000_000).segment(FD, "PA", b"lie").stamps()
    tape.silence(1).send(FD, b"truth").ack(DIR).silence(30).stamps(-2_000_000_000).probe(FD)
    flow = the_flow(tape.stamps().silence(5).send(FD, b"more").ack(DIR))
    assert flow.initiator.probes == ()
    assert CLOCK_FROM_ELSEWHERE in kinds(flow)


@pytest.mark.parametrize("how", ODD)
@pytest.mark.parametrize("who", [FD, DIR])
def test_what_was_left_out_is_unclear_until_the_old_clock_is_seen_again(
    how: str, who: Endpoint
) -> None:
    tape = opened()
    assert not the_flow(tape).clock_unclear
    forge(tape.silence(30), how).segment(who, "A").stamps()
    assert the_flow(tape).clock_unclear
    assert the_flow(tape).tampering_count == 0
    tape.silence(1).send(who, b"more")
    assert (the_flow(tape).clock_unclear, kinds(the_flow(tape))) == (False, [CLOCK_FROM_ELSEWHERE])


def test_and_stays_so_where_a_side_has_another_clock_from_then_on() -> None:
    tape = opened().silence(30).stamps(None).probe(FD).answer()
    assert the_flow(talk(tape)).clock_unclear
