"""Turns a socket's record into a SocketFact: jiffies become seconds, 0 the sysctl's value."""

from __future__ import annotations

import ctypes
import time

from auditor.capture.ebpf.clock import BootClock
from auditor.capture.ebpf.layout import SocketStruct
from auditor.capture.sockets.owners import UNKNOWN_OWNER, Owner
from auditor.packets.pcapng_comments import SocketFact
from auditor.text.endpoint_text import address_to_text

#: CLOCK_MONOTONIC_COARSE (include/uapi/linux/time.h): it moves once a jiffy.
_COARSE_CLOCK = 6

#: include/net/tcp_states.h, spelt as RFC 9293 does.
STATES = {
    1: "ESTABLISHED",
    2: "SYN-SENT",
    3: "SYN-RECEIVED",
    4: "FIN-WAIT-1",
    5: "FIN-WAIT-2",
    6: "TIME-WAIT",
    7: "CLOSED",
    8: "CLOSE-WAIT",
    9: "LAST-ACK",
    10: "LISTEN",
    11: "CLOSING",
    12: "SYN-RECEIVED",
}
_NOT_CONNECTED = (2, 7, 10)


def jiffies_per_second() -> int:
    """Return the kernel's CONFIG_HZ.

    The configuration itself may be readable nowhere; the resolution of the coarse clock is one
    jiffy, and everybody may ask for it.
    """
    return round(1 / time.clock_getres(_COARSE_CLOCK))


def parse_records(data: bytes) -> list[SocketStruct]:
    """Return the whole records in ``data``."""
    size = ctypes.sizeof(SocketStruct)
    whole = range(0, len(data) - size + 1, size)
    return [SocketStruct.from_buffer_copy(data, at) for at in whole]


def format_address(address: bytes) -> str:
    """Return an address in its usual spelling; an IPv4-mapped one as IPv4, as it is on the wire."""
    return address_to_text(int.from_bytes(address, "big"))


def owner_in(record: SocketStruct) -> Owner:
    """Return the process that the record itself names."""
    name = bytes(record.comm).split(b"\0")[0].decode("utf-8", "replace")
    return Owner(record.pid, name)


def to_fact(
    record: SocketStruct, clock: BootClock, hertz: int, owner: Owner = UNKNOWN_OWNER
) -> SocketFact:
    """Return what one record says; ``hertz`` is the number of jiffies in a second."""
    return SocketFact(
        time=clock.utc(record.time),
        local=(format_address(bytes(record.local)), record.local_port),
        remote=(format_address(bytes(record.remote)), record.remote_port),
        state=STATES.get(record.state, f"state {record.state}"),
        keepalive=bool(record.keepalive),
        idle_s=(record.idle or record.default_idle) / hertz,
        interval_s=(record.interval or record.default_interval) / hertz,
        count=record.count or record.default_count,
        own_timers=bool(record.idle),
        pid=owner.pid,
        process=owner.name,
        heard_s=record.since_received / hertz if record.state not in _NOT_CONNECTED else None,
    )
