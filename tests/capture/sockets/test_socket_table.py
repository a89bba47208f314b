"""Socket facts from the kernel, of sockets whose settings the test made."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from bpf_recording import recording
from netns import (
    Namespace,
    connected,
    join,
    namespaces,
    need,
    set_keepalive,
    why_no_bpf,
)

from auditor.capture.ebpf.clock import BootClock, boot_ns, sample_clock
from auditor.capture.ebpf.layout import SocketStruct
from auditor.capture.sockets.owners import Owner, find_owners
from auditor.capture.sockets.socket_facts import (
    format_address,
    jiffies_per_second,
    parse_records,
    to_fact,
)
from auditor.capture.sockets.socket_table import read_sockets
from auditor.packets.pcapng_comments import SocketFact

#: Connections in the tests that make many: a prime number.
MANY = 17

V4, V6 = ("10.77.0.2", 9103), ("fd77::2", 9103)


@pytest.fixture(scope="module")
def ends() -> Iterator[list[Namespace]]:
    need(why_no_bpf())
    with namespaces(2) as pair:
        join(*pair)
        pair[0].sysctl("net/ipv4/tcp_keepalive_time", 1009)
        pair[0].sysctl("net/ipv4/tcp_keepalive_intvl", 41)
        pair[0].sysctl("net/ipv4/tcp_keepalive_probes", 5)
        yield pair


def facts_in(home: Namespace, *ports: int, listening: bool = False) -> list[SocketFact]:
    with home.entered():
        return read_sockets(ports or (9103,), listening=listening)


def settings(fact: SocketFact) -> tuple[bool, float, float, int, bool]:
    return fact.keepalive, fact.idle_s, fact.interval_s, fact.count, fact.own_timers


@pytest.mark.parametrize("address", [V4, V6], ids=["ipv4", "ipv6"])
def test_a_heartbeat_as_bareos_sets_it(ends: list[Namespace], address: tuple[str, int]) -> None:
    with connected(*ends, address, idle=60, interval=60) as (initiator, _):
        (fact,) = facts_in(ends[0])
        local = initiator.getsockname()[:2]
    assert settings(fact) == (True, 60.0, 60.0, 5, True)
    assert (fact.local, fact.remote, fact.state) == (local, address, "ESTABLISHED")
    assert (fact.pid, fact.process) == (os.getpid(), Path("/proc/self/comm").read_text().strip())
    assert fact.heard_s is not None
    assert 0 <= fact.heard_s < 5


def test_what_is_not_set_is_the_default_of_the_namespace(ends: list[Namespace]) -> None:
    with connected(*ends, V4, on=True):
        (here,), (there,) = facts_in(ends[0]), facts_in(ends[1])
    assert settings(here) == (True, 1009.0, 41.0, 5, False)
    assert settings(there) == (False, 7200.0, 75.0, 9, False)


def test_each_timer_is_resolved_by_itself(ends: list[Namespace]) -> None:
    with connected(*ends, V4, on=False, interval=7, count=3):
        (fact,) = facts_in(ends[0])
    assert settings(fact) == (False, 1009.0, 7.0, 3, False)


def test_the_largest_timers_that_linux_takes(ends: list[Namespace]) -> None:
    with connected(*ends, V4, idle=32767, interval=32767, count=127):
        (fact,) = facts_in(ends[0])
    assert settings(fact) == (True, 32767.0, 32767.0, 127, True)


def test_ipv4_over_an_ipv6_socket_is_spelt_as_it_is_on_the_wire(ends: list[Namespace]) -> None:
    with ends[1].entered():
        listener = socket.create_server(("::", 9103), family=socket.AF_INET6, dualstack_ipv6=True)
    with ends[0].entered():
        initiator = socket.socket(socket.AF_INET6)
        initiator.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    with listener, initiator:
        initiator.connect(("::ffff:10.77.0.2", 9103))
        with listener.accept()[0]:
            (here,), (there,) = facts_in(ends[0]), facts_in(ends[1])
    assert (here.local[0], here.remote) == ("10.77.0.1", V4)
    assert (there.local, there.remote) == (V4, here.local)


def test_every_one_of_a_prime_number_of_connections(ends: list[Namespace]) -> None:
    with contextlib.ExitStack() as stack:
        with ends[1].entered():
            listener = stack.enter_context(socket.create_server(V4, backlog=MANY))
        for number in range(MANY):
            with ends[0].entered():
                one = stack.enter_context(socket.socket())
            set_keepalive(one, idle=100 + number)
            one.connect(V4)
        facts = facts_in(ends[0])
        assert sorted(fact.idle_s for fact in facts) == [100.0 + n for n in range(MANY)]
        listener.close()


def test_only_the_ports_asked_for_and_either_end_of_them(ends: list[Namespace]) -> None:
    with connected(*ends, V4), connected(*ends, ("10.77.0.2", 22)):
        assert {fact.remote[1] for fact in facts_in(ends[0], 9103, 9102)} == {9103}
        assert {fact.local[1] for fact in facts_in(ends[1], 9103, 9102)} == {9103}


def test_a_listening_socket_is_listed_when_asked_for(ends: list[Namespace]) -> None:
    with ends[1].entered():
        listener = socket.create_server(V4)
    with listener:
        assert facts_in(ends[1]) == []
        (fact,) = facts_in(ends[1], listening=True)
    assert (fact.state, fact.local, fact.remote, fact.heard_s) == (
        "LISTEN",
        V4,
        ("0.0.0.0", 0),
        None,
    )


def test_a_connection_tells_its_heartbeat_and_process_when_it_is_made(
    ends: list[Namespace],
) -> None:
    with recording(ends[0]) as tape:
        before = boot_ns()
        with connected(*ends, V4, idle=60) as (initiator, _):
            tape.run(0.1)
            (fact,) = tape.socket_facts()
            local = initiator.getsockname()
    assert settings(fact) == (True, 60.0, 41.0, 5, True)
    assert (fact.local, fact.remote, fact.pid) == (local, V4, os.getpid())
    assert abs(fact.time - sample_clock().utc(before)) < 5e9


def test_a_connection_that_existed_before_is_told_once_and_again_when_it_changes(
    ends: list[Namespace],
) -> None:
    with (
        connected(*ends, V4, idle=60) as (initiator, _),
        recording(ends[0]) as tape,
    ):
        assert [fact.idle_s for fact in tape.socket_facts()] == [60.0]
        assert len(tape.socket_facts()) == 1
        set_keepalive(initiator, idle=7200)
        with connected(ends[1], ends[0], ("10.77.0.1", 9102), idle=5):
            tape.run(1.1)  # an acceptor's socket is looked at a second after the handshake
            facts = tape.socket_facts()
    assert facts[0].idle_s == 60.0
    assert {fact.idle_s for fact in facts[1:]} == {7200.0, 1009.0}


def test_a_connection_that_was_refused_is_told_with_its_heartbeat(ends: list[Namespace]) -> None:
    with recording(ends[0]) as tape:
        with ends[0].entered():
            initiator = socket.socket()
        set_keepalive(initiator, idle=60)
        with initiator, pytest.raises(ConnectionRefusedError):
            initiator.connect(("10.77.0.2", 9101))
        tape.run(0.1)
        (fact,) = tape.socket_facts()
    assert (fact.state, fact.remote, fact.idle_s) == ("CLOSED", ("10.77.0.2", 9101), 60.0)
    assert fact.local[1] != 0
    assert fact.pid == os.getpid()


def test_sockets_of_other_namespaces_are_left_out(ends: list[Namespace]) -> None:
    with recording(ends[0]) as tape, connected(ends[1], ends[1], ("127.0.0.1", 9103), idle=60):
        tape.run(0.1)
        assert tape.socket_facts() == []


def test_a_second_has_as_many_jiffies_as_a_known_socket_says() -> None:
    need(why_no_bpf())
    with namespaces(1) as (home,), connected(home, home, ("127.0.0.1", 9103), idle=1000):
        assert {fact.idle_s for fact in facts_in(home)} == {1000.0, 7200.0}
    assert jiffies_per_second() in (100, 250, 300, 1000)


def test_the_clock_is_known_to_less_than_a_millisecond() -> None:
    clock = sample_clock()
    again = sample_clock()
    assert 0 < clock.accuracy < 1_000_000
    assert abs(clock.offset - again.offset) <= clock.accuracy + again.accuracy + 1_000_000


def test_half_a_record_is_left_out() -> None:
    size = len(bytes(SocketStruct()))
    assert len(parse_records(bytes(2 * size + size // 2))) == 2


def test_a_name_that_is_no_text_is_still_a_name() -> None:
    record = SocketStruct(
        state=1, idle=15000, default_interval=250, default_count=9, since_received=25
    )
    fact = to_fact(record, BootClock(0, 0), 250, Owner(7, "x"))
    assert (fact.idle_s, fact.interval_s, fact.heard_s) == (60.0, 1.0, 0.1)
    assert format_address(bytes(10) + b"\xff\xff\x0a\x4d\0\x01") == "10.77.0.1"


def test_the_owner_of_a_socket_is_found_by_its_inode(tmp_path: Path) -> None:
    for pid, inode in (("200", 5), ("30", 5), ("31", 6), ("self", 7)):
        (tmp_path / pid / "fd").mkdir(parents=True)
        (tmp_path / pid / "fd" / "3").symlink_to(f"socket:[{inode}]")
        (tmp_path / pid / "comm").write_text(f"bareos-{pid}\n")
    (tmp_path / "31" / "comm").unlink()
    found = find_owners([5, 6, 7, 0], tmp_path)
    assert found == {5: Owner(30, "bareos-30"), 6: Owner(31, "")}
