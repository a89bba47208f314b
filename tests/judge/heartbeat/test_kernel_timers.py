"""A long silence without a probe proves that the host's own timer is longer (bareos.md §1.0)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matching_site import flow_of

from auditor.flows.flow import Flow
from auditor.judge.heartbeat.kernel_timers import KernelTimers
from auditor.judge.matching.match import Match
from auditor.site.heartbeat import Heartbeat

DIR, FD = "192.0.2.1", "192.0.2.2"


def flow(
    index: int, ends: tuple[str, str] = (DIR, FD), idle: tuple[int, int] = (0, 0), ttl: int = 64
) -> Flow:
    """Return a flow in which both sides let so long (ns) pass without a probe."""
    made = flow_of(*ends, 9102, index=index)
    return replace(
        made,
        initiator=replace(made.initiator, longest_idle=idle[0], ttl=ttl),
        acceptor=replace(made.acceptor, longest_idle=idle[1], ttl=ttl),
    )


def quiet(asked: Flow, *others: Flow, number: str | None = "3", seconds: int | None = 0) -> int:
    """Return what is known for a flow beside others of that number and HeartbeatInterval."""
    flows = [*others, asked]
    matches = [Match(number)] * len(others) + [Match("3")]
    heartbeats = [Heartbeat(seconds)] * len(others) + [Heartbeat(60)]
    return KernelTimers(flows, matches, heartbeats).quiet_elsewhere(asked)


ASKED = flow(9)


@pytest.mark.parametrize(
    ("number", "seconds", "expected"),
    [
        ("3", 0, 500),
        ("12", 0, 500),
        ("3", 60, 0),
        ("3", None, 0),
        ("1", 0, 0),
        ("2", 0, 0),
        (None, 0, 0),
    ],
    ids=["system", "catalog", "its own", "not known", "console", "default console", "no number"],
)
def test_an_initiator_counts_where_it_runs_on_the_systems_timers(
    number: str | None, seconds: int | None, expected: int
) -> None:
    """bareos.md §1.1: a console need not be bconsole, and others switch no keepalive on."""
    assert quiet(ASKED, flow(1, idle=(500, 0)), number=number, seconds=seconds) == expected


@pytest.mark.parametrize(("number", "expected"), [("4", 500), ("1", 500), ("12", 0), (None, 0)])
def test_an_acceptor_always_runs_on_them_but_for_the_catalogs(
    number: str | None, expected: int
) -> None:
    """bareos.md §1.0, §1.9: PostgreSQL has timers of its own."""
    other = flow(1, (FD, DIR), idle=(0, 500))
    assert quiet(ASKED, other, number=number, seconds=60) == expected


def test_the_longest_silence_of_another_flow_counts() -> None:
    others = [flow(index, idle=(silence, 0)) for index, silence in enumerate((300, 500, 400, 100))]
    assert quiet(ASKED, *others) == 500


def test_a_flow_is_no_evidence_about_itself() -> None:
    asked = flow(1, idle=(500, 0))
    flows, zero = [asked, flow(2, idle=(300, 0))], [Heartbeat(0)] * 2
    timers = KernelTimers(flows, [Match("3")] * 2, zero)
    assert [timers.quiet_elsewhere(one) for one in flows] == [300, 500]
    assert KernelTimers(flows[:1], [Match("3")], zero[:1]).quiet_elsewhere(asked) == 0


def test_a_silence_of_another_host_proves_nothing() -> None:
    assert quiet(ASKED, flow(1, (FD, "192.0.2.3"), idle=(500, 500))) == 0


def test_behind_a_router_one_address_may_be_many_hosts() -> None:
    assert quiet(ASKED, flow(1, idle=(500, 0), ttl=63)) == 0
    assert quiet(flow(9, ttl=63), flow(1, idle=(500, 0))) == 0


def test_a_host_of_another_network_is_another_host() -> None:
    silent = replace(flow(1, idle=(500, 0)), network=1)
    assert quiet(replace(ASKED, network=1), silent) == 500
    assert quiet(replace(ASKED, network=2), silent) == 0
