"""Who was heard when, over all flows of a capture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows import Outcome
from auditor.flows.hosts import Hosts

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
DIR = Endpoint("10.0.0.10", 40002)


def test_a_host_is_heard_on_other_flows_than_one() -> None:
    tape = Tape().syn(FD, SD).synack().ack().silence(10).syn(DIR, SD).synack()
    flows = tape.follow().flows
    hosts = Hosts(flows)
    start = flows[0].started
    assert hosts.since == start
    assert hosts.heard_after(SD.address, start, but=0) == tape.now
    assert hosts.heard_after(SD.address, start + SECOND, but=1) is None
    assert hosts.heard_after(SD.address, tape.now, but=0) is None
    assert hosts.heard_after("10.9.9.9", start, but=0) is None


def test_a_tap_sees_both_directions_between_hosts_if_it_does_on_one_flow() -> None:
    tape = Tape().syn(FD, SD).synack().syn(DIR, SD).syn(Endpoint(DIR.address, 40003), SD)
    first, second, third = tape.follow().flows
    hosts = Hosts([first, second, third])
    assert [hosts.sees_both(flow) for flow in (first, second, third)] == [True, False, False]


def test_what_nobody_answers_is_not_heard() -> None:
    """Anybody can send a SYN in the name of a host that is gone."""
    tape = Tape().syn(FD, SD).synack().ack().silence(10).syn(Endpoint(SD.address, 40009), DIR)
    flows = tape.follow().flows
    assert Hosts(flows).heard_after(SD.address, flows[0].last, but=0) is None


def test_no_flows_know_no_hosts() -> None:
    assert Hosts([]).since is None


@pytest.mark.parametrize(("proven", "midstream"), [(False, False), (True, False), (False, True)])
def test_a_gap_that_a_stranger_makes_is_no_loss_of_others(*, proven: bool, midstream: bool) -> None:
    """He acknowledges what was never sent."""
    tape = Tape().syn(FD, SD).synack().ack().syn(DIR, SD).synack().ack()
    own, other = tape.follow().flows
    gap = replace(
        other,
        acceptor=replace(other.acceptor, missing=9),
        hello=replace(other.hello, proven=proven),
        outcome=Outcome.MIDSTREAM if midstream else other.outcome,
    )
    hosts = Hosts([own, gap])
    assert hosts.may_have_lost(gap)
    assert hosts.may_have_lost(own) == (proven or midstream)
    assert not Hosts([own, other]).may_have_lost(other)
