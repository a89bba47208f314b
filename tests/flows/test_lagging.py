"""A step forward of the capture's clock, as the clocks of both ends of a connection show it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from talking import ENDS
from tape import SECOND, Endpoint, Tape

from auditor.flows import Flow
from auditor.flows.flow import Side
from auditor.flows.lagging import Lag, find_lag, steps_forward, without_lag
from auditor.flows.probe import Probe
from auditor.flows.tables import FLOW, SIDE
from auditor.packets.segments import ClockStep

EACH_FAMILY = pytest.mark.parametrize("family", ENDS)


def talked(fd: Endpoint, sd: Endpoint, rate: int) -> Tape:
    """A connection whose ends have talked for three seconds, with timestamps."""
    tape = Tape().clocks(rate).syn(fd, sd).synack().ack()
    for _ in range(30):
        tape.silence(0.1).send(fd, b"x").ack().send(sd, b"y").ack()
    return tape


def forward(tape: Tape, step: float, rate: int) -> Tape:
    """Let the capture's clock go ahead, and those of the hosts not."""
    return tape.stamps(-round(step * rate)).silence(step + 20)


def just_begun(fd: Endpoint, sd: Endpoint, rate: int) -> Tape:
    """A connection whose ends have talked for a few milliseconds, with timestamps."""
    tape = Tape().clocks(rate).syn(fd, sd).synack().ack()
    return tape.send(fd, b"x").ack().send(sd, b"y").ack()


def only(tape: Tape) -> Flow:
    (flow,) = tape.follow().flows
    return flow


@EACH_FAMILY
@pytest.mark.parametrize("rate", [100, 1000, 1_000_000])
@pytest.mark.parametrize("step", [3, 30, 3600])
def test_a_silence_that_the_clocks_of_both_ends_do_not_show_is_none(
    family: str, rate: int, step: float
) -> None:
    fd, sd = ENDS[family]
    tape = forward(talked(fd, sd, rate), step, rate).send(sd, b"after").ack()
    flow = only(tape.send(fd, b"more").ack().send(sd, b"and more").ack())
    assert flow.clock_step is not None
    shown = flow.clock_step.after - flow.clock_step.before
    assert shown / SECOND == pytest.approx(step, rel=0.02, abs=0.1)
    assert flow.initiator.longest_idle / SECOND == pytest.approx(20, rel=0.05, abs=0.1 * step)
    assert not flow.tampering_count


@EACH_FAMILY
@pytest.mark.parametrize("rate", [128, 1000, 1_000_000])
@pytest.mark.parametrize("step", [30, 3600, 30 * 86400])
def test_so_do_clocks_whose_rate_is_only_learnt_afterwards(
    family: str, rate: int, step: float
) -> None:
    fd, sd = ENDS[family]
    tape = forward(just_begun(fd, sd, rate), step, rate)
    for _ in range(40):
        tape.send(sd, b"after").ack().send(fd, b"more").ack().silence(0.1)
    flow = only(tape)
    assert flow.clock_step is not None
    assert (flow.clock_step.after - flow.clock_step.before) // SECOND == pytest.approx(step, abs=2)
    assert flow.initiator.longest_idle / SECOND == pytest.approx(20, abs=2)
    assert not flow.tampering_count
    assert not flow.silence_unclear


@EACH_FAMILY
@pytest.mark.parametrize("rate", [100, 1000, 1_000_000])
def test_where_it_is_not_learnt_nobody_knows_how_long_a_silence_was(family: str, rate: int) -> None:
    """Unless they went as clocks of hosts do, at one rate or another."""
    fd, sd = ENDS[family]
    flow = only(forward(just_begun(fd, sd, rate), 30, rate).send(sd, b"z").ack().send(fd, b"z"))
    assert not flow.silence_unclear  # nothing goes on by it
    tape = forward(just_begun(fd, sd, rate), 30, rate).send(sd, b"z").ack().send(fd, b"z").ack()
    flow = only(tape)
    assert flow.silence_unclear
    assert (flow.clock_step, flow.initiator.longest_idle // SECOND) == (None, 50)
    tape = just_begun(fd, sd, rate).silence(50).send(sd, b"z").ack().send(fd, b"z").ack()
    assert not only(tape).silence_unclear


@EACH_FAMILY
@pytest.mark.parametrize("rate", [64, 1000])
def test_a_first_silence_that_clocks_show_later_is_one(family: str, rate: int) -> None:
    fd, sd = ENDS[family]
    tape = just_begun(fd, sd, rate).silence(3620)
    for _ in range(40):
        tape.send(sd, b"after").ack().send(fd, b"more").ack().silence(0.1)
    flow = only(tape)
    assert (flow.clock_step, flow.silence_unclear) == (None, False)
    assert flow.initiator.longest_idle // SECOND == 3620


@EACH_FAMILY
@pytest.mark.parametrize("more", [1, 40])
def test_a_first_silence_that_somebody_wrote_old_timestamps_after_is_one(
    family: str, more: int
) -> None:
    """The true clocks that are seen then are those of hosts only if it was as long as it seems."""
    fd, sd = ENDS[family]
    tape = forward(just_begun(fd, sd, 1000), 3600, 1000).segment(sd, "A").segment(fd, "A").stamps(0)
    for _ in range(more):
        tape.silence(0.1).send(sd, b"x").ack().send(fd, b"y").ack()
    flow = only(tape)
    assert (flow.clock_step, flow.silence_unclear) == (None, False)
    assert flow.initiator.longest_idle // SECOND >= 3600


@EACH_FAMILY
def test_one_rate_may_be_known_before_and_the_other_learnt_afterwards(family: str) -> None:
    fd, sd = ENDS[family]
    tape = just_begun(fd, sd, 1000).silence(2).send(sd, b"x")
    forward(tape, 4, 1000).silence(8).ack().silence(5).probe(fd).answer()
    flow = only(tape.silence(3).send(fd, b"y").ack())
    assert flow.clock_step is not None
    assert [probe.exact for probe in flow.initiator.probes] == [False]


@EACH_FAMILY
def test_the_interval_of_a_first_probe_that_it_cuts_is_not_exact(family: str) -> None:
    fd, sd = ENDS[family]
    tape = forward(just_begun(fd, sd, 1000), 40, 1000).probe(fd).answer()
    for _ in range(3):
        tape.silence(60).probe(fd).answer()
    probes = only(tape.send(sd, b"z").ack()).initiator.probes
    assert [probe.exact for probe in probes] == [False, True, True, True]


@EACH_FAMILY
def test_a_silence_that_they_show_is_one(family: str) -> None:
    fd, sd = ENDS[family]
    flow = only(talked(fd, sd, 1000).silence(3620).send(sd, b"x").ack().send(fd, b"y").ack())
    assert flow.clock_step is None
    assert flow.initiator.longest_idle // SECOND == 3620


@EACH_FAMILY
def test_the_interval_of_a_probe_that_it_cuts_is_not_exact(family: str) -> None:
    fd, sd = ENDS[family]
    tape = talked(fd, sd, 1000)
    for _ in range(2):
        tape.silence(60).probe(fd).answer()
    forward(tape, 40, 1000).probe(fd).answer()
    tape.send(fd, b"z").ack()
    for _ in range(2):
        tape.silence(60).probe(fd).answer()
    probes = only(tape.send(sd, b"z").ack()).initiator.probes
    assert [probe.exact for probe in probes] == [True, True, False, True, True]


@EACH_FAMILY
@pytest.mark.parametrize("rate", [100, 1000, 1_000_000])
@pytest.mark.parametrize("quiet", [20, 58, 120])
def test_an_interval_that_a_step_back_made_too_short_is_not_exact(
    family: str, rate: int, quiet: int
) -> None:
    """The clocks of both ends show it where the capture's own shows one time after another."""
    fd, sd = ENDS[family]
    tape = talked(fd, sd, rate).silence(60).probe(fd).answer()
    tape.silence(quiet).stamps(4 * rate).probe(fd).answer().silence(60).probe(fd).answer()
    flow = only(tape.send(sd, b"z").ack())
    assert [probe.exact for probe in flow.initiator.probes] == [True, False, True]
    assert flow.clock_step is None


def test_nor_does_one_whose_clock_alone_went_ahead_show_any() -> None:
    fd, sd = ENDS["IPv4"]
    tape = talked(fd, sd, 1000).silence(60).stamps(4000).probe(fd).stamps(0).answer()
    flow = only(tape.stamps(4000).send(fd, b"z").stamps(0).ack())
    assert [probe.exact for probe in flow.initiator.probes] == [True]


def test_what_only_one_end_shows_is_its_own_affair() -> None:
    """A machine that stood still, or somebody who writes old timestamps in its name."""
    fd, sd = ENDS["IPv4"]
    tape = forward(talked(fd, sd, 1000), 3600, 1000).send(sd, b"x")
    flow = only(tape.stamps(0).ack().send(fd, b"y").ack(sd).send(sd, b"z").ack())
    assert flow.clock_step is None


def test_nor_is_it_a_step_when_the_true_clocks_are_seen_again() -> None:
    """Somebody wrote two segments between two hosts that were silent, and should not have been."""
    fd, sd = ENDS["IPv4"]
    tape = forward(talked(fd, sd, 1000), 3600, 1000).segment(sd, "A").segment(fd, "A")
    flow = only(tape.stamps(0).silence(1).send(sd, b"x").ack().send(fd, b"y").ack())
    assert flow.clock_step is None
    assert flow.initiator.longest_idle // SECOND >= 3600


def test_nor_if_nothing_goes_on_by_it() -> None:
    fd, sd = ENDS["IPv4"]
    tape = forward(talked(fd, sd, 1000), 3600, 1000).segment(sd, "A").segment(fd, "A")
    assert only(tape.silence(5).other()).clock_step is None


def rows(*sides: tuple[float, int, int], alive: int = 99) -> tuple[np.void, list[np.void]]:
    flow, made = np.zeros(1, FLOW)[0], np.zeros(2, SIDE)
    flow["alive"] = alive * SECOND
    for side, (lag, since, at) in zip(made, sides, strict=True):
        side["lag"], side["lag_since"], side["lag_at"] = (
            round(n * SECOND) for n in (lag, since, at)
        )
    return flow, list(made)


@pytest.mark.parametrize(
    ("one", "other", "alive", "found"),
    [
        ((30, 10, 50), (30, 12, 48), 99, Lag(12, 48, 30)),
        ((30, 10, 50), (0, 0, 0), 99, None),
        ((30, 10, 50), (40, 12, 60), 99, None),
        ((-30, 10, 50), (-30, 12, 48), 99, Lag(12, 48, -30)),
        ((-0.1, 10, 50), (0.1, 12, 48), 99, None),
        ((30, 10, 50), (30, 60, 95), 99, None),
        ((30, 10, 50), (30, 12, 48), 50, None),
    ],
)
def test_both_have_to_lag_by_the_same_in_the_same_time(
    one: tuple[float, int, int], other: tuple[float, int, int], alive: int, found: Lag | None
) -> None:
    wanted = None if found is None else Lag(*(n * SECOND for n in found[:3]))
    assert find_lag(*rows(one, other, alive=alive)) == wanted


def test_only_silences_in_that_time_are_shorter() -> None:
    lag = Lag(100, 200, 50)
    side = Side("10.0.0.1", 1, longest_idle=80, longest_idle_began=90)
    assert without_lag(side, lag).longest_idle == 30
    assert without_lag(side, None) == side
    for began in (10, 200):
        other = replace(
            side, longest_idle_began=began, probes=(Probe(began + 80, 80, 80, 0, 1, True),)
        )
        assert without_lag(other, lag) == other
    assert without_lag(replace(side, longest_idle=20), lag).longest_idle == 0


def test_what_many_connections_show_is_one_step() -> None:
    hour = 3600 * SECOND
    shown = [ClockStep(at * SECOND, at * SECOND + hour) for at in (5, 9, 7)]
    later = ClockStep(9000 * SECOND, 9000 * SECOND + hour)
    small = ClockStep(9 * SECOND, 40 * SECOND)
    assert steps_forward([*shown, None, later]) == [shown[1], later]
    assert steps_forward([small, shown[0]]) == [shown[0], small]
    many = [ClockStep(at * hour, at * hour + SECOND) for at in range(200)]
    assert len(steps_forward(many)) == 64
    assert steps_forward([]) == []
