"""A connection over which both ends have spoken, which most of what is odd begins with."""

from __future__ import annotations

from tape import Endpoint, Tape

#: Who dials and who is dialled.
ENDS = {
    "IPv4": (Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)),
    "IPv6": (Endpoint("2001:db8::31", 51515), Endpoint("2001:db8::20", 9101)),
}
FD, SD = ENDS["IPv4"]


def connected(dialler: Endpoint = FD, acceptor: Endpoint = SD) -> Tape:
    """Return a tape on which both ends said something and heard its acknowledgement."""
    tape = Tape().syn(dialler, acceptor).synack().ack()
    return tape.send(dialler, b"x").ack().send(acceptor, b"y").ack()
