"""Waiting connections of a File Daemon that were opened anew although nothing had ended them."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from scene import DATA, DIR, FD3, STRANGER, Wire, tls
from tape import SECOND
from thinning_stage import assert_agree

from auditor.flows.flow import Flow
from auditor.flows.hosts import Hosts
from auditor.flows.how_ended import Ending, HowEnded
from auditor.flows.superseded import with_superseded

V6 = "2001:db8::33", "2001:db8::10"


def waiting(wire: Wire, client: str = FD3, director: str = DIR, name: str = "fd3") -> Wire:
    return wire.dial(client, director, 9101, tls(f"R_CLIENT\x1e{name}")).talk()


def ends(wire: Wire) -> list[HowEnded]:
    assert_agree(wire.pcap())
    return [flow.how for flow in wire.follow().flows]


@pytest.mark.parametrize("hosts", [(FD3, DIR), V6], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("silence", [60, 3600])
def test_one_that_waits_and_is_opened_anew_was_lost(hosts: tuple[str, str], silence: int) -> None:
    old, new = ends(waiting(waiting(Wire(), *hosts).silence(silence), *hosts))
    assert (old.ending, old.idle, old.certain) == (Ending.LOST, True, False)
    assert (old.silence, old.limit) == (silence * SECOND, silence * SECOND)
    assert old.evidence == (
        f"{hosts[0]} opened another one from port 40002 after {silence}.0 s of silence, although "
        f"nothing had used or ended this one; {hosts[0]} may have gone down without a word instead"
    )
    assert new.ending is Ending.OPEN


def test_one_that_the_director_uses_is_replaced_at_once() -> None:
    """bareos.md §4.4."""
    wire = waiting(Wire()).silence(3600)
    assert [how.ending for how in ends(waiting(wire.send(wire.acceptor, DATA).ack()))] == [
        Ending.OPEN
    ] * 2


def test_a_job_that_is_silent_on_the_first_does_not_make_the_second_used_one_lost() -> None:
    wire = waiting(waiting(Wire()).silence(60).talk())
    wire.silence(600).send(wire.acceptor, DATA).ack()
    assert {how.ending for how in ends(waiting(wire))} == {Ending.OPEN}


def test_of_several_the_youngest_waited() -> None:
    wire = waiting(waiting(Wire()).silence(60).talk()).silence(600)
    first, second, _ = ends(waiting(wire))
    assert "opened another one" in second.evidence
    assert "opened another one" not in first.evidence


def test_one_that_was_closed_or_probed_was_not_lost() -> None:
    closed = waiting(waiting(Wire()).silence(60).hang_up().silence(60))
    assert [how.ending for how in ends(closed)] == [Ending.ORDERLY, Ending.OPEN]
    kept = waiting(waiting(Wire()).beats(30, 3))
    assert [how.ending for how in ends(kept)] == [Ending.OPEN] * 2


@pytest.mark.parametrize(
    ("client", "name"), [(STRANGER, "fd3"), (FD3, "fd4")], ids=["another host", "another name"]
)
def test_another_client_supersedes_nobody(client: str, name: str) -> None:
    wire = waiting(waiting(Wire()).silence(600), client, name=name)
    assert [how.ending for how in ends(wire)] == [Ending.OPEN] * 2


def test_a_capture_that_loses_segments_may_have_lost_the_end_of_the_old_one() -> None:
    wire = waiting(Wire())
    wire.send(wire.initiator, DATA).drop().ack().send(wire.initiator, DATA).ack()
    flows = waiting(wire.silence(600)).follow().flows
    assert [flow.how.ending for flow in flows] == [Ending.OPEN] * 2


def test_ten_times_as_many_that_wait_are_no_hundred_times_the_work() -> None:
    """A host that opens one after the other and ends none."""
    wire = Wire()
    for _ in range(3):
        waiting(wire).silence(60)
    (one, *_) = wire.follow().flows
    for count in (20, 200):
        flows = [replace(one, started=at, last=at) for at in range(count)]
        hosts, asked = Hosts(flows), 0

        class Counted(Flow):
            """A flow of which it is counted how often its last segment is asked for."""

            def __getattribute__(self, name: str) -> object:
                nonlocal asked
                asked += name == "last"
                return super().__getattribute__(name)

        counted = [
            Counted(**{f.name: getattr(flow, f.name) for f in fields(Flow)}) for flow in flows
        ]
        found = with_superseded(counted, [HowEnded(Ending.OPEN)] * count, hosts)
        assert {how.ending for how in found} == {Ending.OPEN}
        assert asked <= 3 * count
