"""The first bytes of both sides of a connection: TLS, Bareos' own cleartext, PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from auditor.flows.hello import is_from_initiator, read_hello
from fuzz.conversation import SAID
from fuzz.draws import Draws


def check(data: bytes) -> None:
    """Read both sides; what comes of it is within its bounds."""
    initiator, acceptor = Draws(data).pieces(2) + [b""] * (not data)
    hello = read_hello(initiator, acceptor)
    is_from_initiator(initiator)
    assert len(hello.line) <= 512
    assert not hello.proven or hello.identity is not None


def seeds() -> Iterator[bytes]:
    """Yield each word as the first of either side."""
    for one, other in pairwise(SAID):
        yield len(one).to_bytes(2, "big") + one + other
        yield len(other).to_bytes(2, "big") + other + one
