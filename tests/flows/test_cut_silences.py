"""A step of the clock cuts silences: they show neither a probe in time nor one that is missing."""

from __future__ import annotations

import pytest
from talking import ENDS, connected
from tape import PORTS, SECOND, Endpoint, Tape

from auditor.flows import ConnectionTracker, Flow
from auditor.packets import Decoder

EACH_FAMILY = pytest.mark.parametrize("family", ENDS)


def flows(tape: Tape) -> tuple[Flow, ...]:
    decoder, tracker = Decoder(PORTS), ConnectionTracker(PORTS)
    for batch in decoder.feed(tape.pcap()):
        tracker.feed(batch)
    return tracker.finish(decoder.finish().ended).flows


def beats(tape: Tape, prober: Endpoint, times: int, every: float = 60) -> Tape:
    for _ in range(times):
        tape.silence(every).probe(prober).answer()
    return tape


@EACH_FAMILY
@pytest.mark.parametrize("back", [1, 59.5, 60, 61, 3600])
def test_the_interval_that_a_step_cuts_is_not_exact(family: str, back: float) -> None:
    """Nor is one that may hide that the clock was set forward."""
    fd, sd = ENDS[family]
    tape = beats(connected(fd, sd), fd, 2)
    tape.silence(30).other().silence(-back).other()
    (flow,) = flows(beats(beats(tape, fd, 1, 30), fd, 2))
    probes = flow.initiator.probes
    assert 1 <= [probe.exact for probe in probes].count(False) <= 3
    assert {round(probe.interval / SECOND) for probe in probes if probe.exact} == {60}
    assert all(probe.answered is not None for probe in probes)


@EACH_FAMILY
def test_of_a_silence_that_a_step_cuts_counts_what_follows(family: str) -> None:
    fd, sd = ENDS[family]
    tape = connected(fd, sd).silence(70).other().silence(-600).other()
    (flow,) = flows(tape.silence(50).send(sd, b"x").ack())
    assert round(flow.initiator.longest_idle / SECOND) == 50


@EACH_FAMILY
@pytest.mark.parametrize(("forward", "seen"), [(0, 70), (3600, 0)])
def test_a_clock_that_is_set_back_may_have_been_set_forward_before(
    family: str, forward: float, seen: int
) -> None:
    """Nothing shows that: a silence that may hide it shows nothing."""
    fd, sd = ENDS[family]
    tape = connected(fd, sd).silence(70 + forward).send(sd, b"x").ack().silence(5).other()
    tape.silence(-3600).other().silence(3).send(sd, b"y").ack()
    (flow,) = flows(tape)
    assert flow.initiator.longest_idle // SECOND == (seen or 3)


@EACH_FAMILY
def test_nor_does_the_interval_of_a_probe_that_may_hide_it(family: str) -> None:
    fd, sd = ENDS[family]
    tape = beats(beats(connected(fd, sd), fd, 2), fd, 1, 3660).silence(5).other()
    (flow,) = flows(beats(tape.silence(-3600).other(), fd, 2))
    exact = [probe.interval // SECOND for probe in flow.initiator.probes if probe.exact]
    assert exact == [60, 60, 60]


@EACH_FAMILY
def test_one_packet_with_a_wrong_time_cuts_what_it_stands_in(family: str) -> None:
    fd, sd = ENDS[family]
    tape = beats(connected(fd, sd), fd, 1).silence(20).other().silence(-3600).other()
    (flow,) = flows(beats(beats(tape, fd, 1, 3640), fd, 1))
    assert [probe.exact for probe in flow.initiator.probes] == [True, False, True]
    assert flow.initiator.longest_idle <= 61 * SECOND


def test_a_connection_that_was_over_before_stays_what_it_was() -> None:
    """Its silence ended with it, whatever time the clock shows later."""
    fd, sd = ENDS["IPv4"]
    tape = connected(fd, sd).silence(9).fin(fd).fin(sd).ack()
    tape.silence(1).other().silence(-3600).other().silence(1800).other()
    (flow,) = flows(tape)
    assert round(flow.initiator.longest_idle / SECOND) == 9


def test_a_reset_ends_the_silences_of_both_sides_too() -> None:
    fd, sd = ENDS["IPv4"]
    tape = connected(fd, sd).silence(9).rst(sd)
    (flow,) = flows(tape.silence(1).other().silence(-3600).other().silence(99).other())
    assert flow.initiator.longest_idle <= 10 * SECOND


@EACH_FAMILY
def test_silence_counts_up_to_the_time_that_the_clock_shows_at_the_end(family: str) -> None:
    """Not up to the latest that it ever showed."""
    fd, sd = ENDS[family]
    tape = connected(fd, sd).silence(1).other().silence(-3600).other()
    (flow,) = flows(tape.silence(5).send(fd, b"x").ack().silence(7).other())
    assert round(flow.initiator.longest_idle / SECOND) == 7


def test_unacknowledged_data_from_before_a_step_do_not_begin_a_silence() -> None:
    fd, sd = ENDS["IPv4"]
    tape = connected(fd, sd).send(sd, b"x").silence(1).other().silence(-3600).other()
    (flow,) = flows(tape.silence(5).other())
    assert flow.initiator.longest_idle <= 6 * SECOND


def test_of_a_time_that_was_shown_twice_nobody_knows_who_was_heard_after_it() -> None:
    """Two hosts talk on one connection before the clock is set, and one repeats itself in vain on
    another afterwards, at an earlier time."""
    fd, sd = ENDS["IPv4"]
    other = Endpoint(fd.address, fd.port + 1)
    tape = connected(other, sd)
    first = connected(fd, sd).send(sd, b"x").ack()
    tape.frames = sorted([*tape.frames, *first.frames], key=lambda frame: frame.time)
    tape.on(other, sd).silence(100).send(other, b"here").ack().silence(-90).send(other, b"lost")
    for _ in range(2):
        tape.silence(2).resend(other)
    found = {flow.initiator.port: flow.how.certain for flow in flows(tape.silence(5).other())}
    assert set(found) == {fd.port, other.port}


@EACH_FAMILY
def test_a_round_trip_that_a_step_cuts_makes_no_window_wider(family: str) -> None:
    """A SYN that was stamped ten seconds too early: the clock was set back before, and forward
    again after it."""
    fd, sd = ENDS[family]
    tape = Tape().silence(1).other().silence(-10).syn(fd, sd).silence(10).synack().ack()
    (flow,) = flows(tape.send(fd, b"x").ack())
    assert flow.rtt is not None
    assert flow.rtt < SECOND
