"""PostgreSQL: the packets before a session, of right length unless the fuzzer says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.flows.hello import read_hello
from fuzz.draws import Draws
from fuzz.targets import hellos


def check(data: bytes) -> None:
    """Read a startup packet around the given parameters, and the given answer."""
    draws = Draws(data)
    code, wrong = draws.choice((196608, 80877103, 80877104, 80877102)), draws.number()
    parameters, answer = (*draws.pieces(2), b"")[:2]
    body = code.to_bytes(4, "big") + parameters
    size = len(body) + 4 + (wrong - 256 if wrong > 200 else 0)
    packet = (size % (1 << 32)).to_bytes(4, "big") + body
    hello = read_hello(packet, answer)
    assert len(hello.user) <= 512
    assert len(hello.database) <= 512
    hellos.check(len(packet).to_bytes(2, "big") + packet + answer)


def seeds() -> Iterator[bytes]:
    """Yield a startup with its answer, and the requests before one."""
    parameters = b"user\0bareos\0database\0bareos\0\0"
    yield b"\0\0" + len(parameters).to_bytes(2, "big") + parameters + b"R\0\0\0\x08\0\0\0\0"
    for code in (1, 2, 3):
        yield bytes([code, 0, 0, 0]) + b"N"
