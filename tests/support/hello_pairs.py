"""What both sides say first, with all that is drawn at random drawn at random, or damaged."""

from __future__ import annotations

import random

from hello_wire import (
    HANDSHAKES,
    RESPONSE,
    RETRY,
    chosen,
    cleartext,
    client_hello,
    extension,
    handshake_of,
    keys,
    record,
    recorded,
    selected,
    server_hello,
    startup,
    versions,
)

Pair = tuple[bytes, bytes]
"""The initiator's first bytes, and the acceptor's."""

#: Octets that mean something where they are put.
VALUES = (0, 1, 3, 22, 41, 51, 255)
LETTERS = b"ABCDEFGHabcdefgh0123456789+/"


def drawn(at_random: random.Random, identity: bytes = b"R_CLIENT\x1efd3") -> Pair:
    """Return hellos of one kind in which all that is drawn at random is."""
    share = extension(51, at_random.randbytes(36))
    hello = client_hello(versions(0x0304), share, keys(identity))
    hello = (
        hello[:6] + at_random.randbytes(32) + hello[38:39] + at_random.randbytes(32) + hello[71:]
    )
    hello = hello[:-32] + at_random.randbytes(32)
    answer = server_hello(chosen(0x0304), share, selected(0), random=at_random.randbytes(32))
    sealed = record(at_random.randbytes(53), kind=23) + record(at_random.randbytes(70), kind=23)
    return record(hello) + sealed, record(answer) + sealed


def drawn_in_clear(at_random: random.Random, line: bytes = b"Hello mon calling 10002\0") -> Pair:
    """Return a whole login in clear in which all that is drawn at random is."""
    sent, received = cleartext(line)
    for old in (b"12345678.1795386425", RESPONSE):
        for _ in range(2):
            new = b"%010d.%010d" % (at_random.randrange(10**9), at_random.randrange(10**9))
            new = new[-len(old) :] if b"." in old else bytes(at_random.choices(LETTERS, k=len(old)))
            sent, received = sent.replace(old, new), received.replace(old, new)
    return sent, received


def pairs() -> list[Pair]:
    """Return hellos of every kind, recorded and made."""
    at_random = random.Random(5)
    found = [handshake_of(name) for name in HANDSHAKES]
    found += [
        (one.initiator, one.acceptor) for name in ("modes", "cleartext") for one in recorded(name)
    ]
    found += [drawn(at_random), cleartext(b"Hello Director x calling\0")]
    again = record(server_hello(chosen(0x0304), random=RETRY)), drawn(at_random)
    found.append((again[1][0] + again[1][0], again[0] + again[1][1]))
    found.append((startup(user="bareos", database="bareos"), b"R\0\0\0\x08\0\0\0\0"))
    return found


def mutated(text: bytes, at_random: random.Random) -> bytes:
    """Return a text that was cut, and changed in up to two places."""
    made = bytearray(text[: at_random.randrange(len(text) + 1)] if text else b"")
    for _ in range(at_random.randrange(3) if made else 0):
        made[at_random.randrange(min(len(made), 300))] = at_random.choice(VALUES)
    return bytes(made)
