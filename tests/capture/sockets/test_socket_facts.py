"""A socket's record as a fact: seconds, the wire's addresses, RFC 9293's names of states."""

from __future__ import annotations

import ctypes
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.capture.ebpf.clock import BootClock
from auditor.capture.ebpf.layout import SocketStruct
from auditor.capture.sockets.owners import Owner
from auditor.capture.sockets.socket_facts import (
    STATES,
    format_address,
    owner_in,
    parse_records,
    to_fact,
)

HERTZ = 250
CLOCK = BootClock(offset=1000, accuracy=1)
#: How IPv4 begins where an address has 16 bytes (RFC 4291 §2.5.5.2).
_MAPPED = bytes(10) + b"\xff\xff"


def record(**fields: int) -> SocketStruct:
    """Return an established socket whose namespace has Linux's defaults."""
    usual = {"state": 1, "time": 5, "default_idle": 7200 * HERTZ, "default_interval": 75 * HERTZ}
    made = SocketStruct(**(usual | {"default_count": 9} | fields))
    made.local[:] = _MAPPED + b"\x0a\0\0\x1f"
    made.remote[:] = bytes.fromhex("20010db8") + bytes(11) + b"\1"
    return made


@pytest.mark.parametrize(
    ("fields", "timers"),
    [
        ({}, (7200.0, 75.0, 9, False)),
        ({"idle": 60 * HERTZ}, (60.0, 75.0, 9, True)),
        ({"interval": HERTZ}, (7200.0, 1.0, 9, False)),
        ({"count": 3}, (7200.0, 75.0, 3, False)),
        ({"idle": 1, "interval": 2, "count": 1}, (0.004, 0.008, 1, True)),
    ],
)
def test_each_timer_that_a_socket_does_not_set_is_its_namespaces(fields, timers):
    fact = to_fact(record(**fields), CLOCK, HERTZ)
    assert (fact.idle_s, fact.interval_s, fact.count, fact.own_timers) == timers


def test_both_ends_the_time_and_the_owner_are_in_it():
    fact = to_fact(record(local_port=9103, remote_port=40000), CLOCK, HERTZ, Owner(7, "bareos-sd"))
    assert (fact.local, fact.remote) == (("10.0.0.31", 9103), ("2001:db8::1", 40000))
    assert (fact.time, fact.pid, fact.process) == (1005, 7, "bareos-sd")
    nobody = to_fact(record(keepalive=1), CLOCK, HERTZ)
    assert (nobody.keepalive, nobody.pid, nobody.process) == (True, 0, "")


@pytest.mark.parametrize("state", range(14))
def test_only_what_has_been_connected_can_have_received_anything(state):
    fact = to_fact(record(state=state, since_received=3 * HERTZ), CLOCK, HERTZ)
    assert fact.state == STATES.get(state, f"state {state}")
    assert fact.heard_s == (None if fact.state in {"SYN-SENT", "CLOSED", "LISTEN"} else 3.0)


@given(st.binary(min_size=16, max_size=16), st.booleans())
def test_an_address_is_spelt_as_it_is_on_the_wire(address, four):
    if four:
        shown = format_address(_MAPPED + address[12:])
        assert IPv4Address(shown).packed == address[12:]
    elif not address.startswith(_MAPPED):
        assert IPv6Address(format_address(address)).packed == address


@pytest.mark.parametrize(
    ("comm", "name"),
    [
        (b"bareos-fd\0ngrel", "bareos-fd"),
        (b"sixteen-bytes-16", "sixteen-bytes-16"),
        (b"", ""),
        (b"\xff\0", "\ufffd"),
    ],
)
def test_the_name_of_the_process_ends_at_its_first_zero(comm, name):
    made = record(pid=12)
    made.comm[: len(comm)] = comm
    assert owner_in(made) == Owner(12, name)


@given(st.integers(0, 4), st.integers(0, ctypes.sizeof(SocketStruct) - 1))
def test_every_whole_record_is_read_and_no_half_one(count, rest):
    whole = [bytes(record(inode=number)) for number in range(count)]
    found = parse_records(b"".join(whole) + bytes(rest))
    assert [bytes(one) for one in found] == whole
