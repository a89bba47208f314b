"""What sides drew at random in their hellos: the same wherever their connection is seen.

Addresses, ports, sequence numbers and timestamps may be rewritten on the way. The randoms of
ClientHello and ServerHello (RFC 8446 §4.1.2, §4.1.3) and the number in an acceptor's challenge
(bareos.md §3.3) are not, and a connection in which they are others is another one.
"""

from __future__ import annotations

import re
from hashlib import blake2b

import numpy as np

from auditor.packets.segments import Array

#: Where the random of a hello is that begins a TLS stream: behind the headers of record and
#: message, and a version.
_RANDOM = slice(11, 43)
#: The header of the record, and what is read of it: type 22, version 3, message 1 or 2.
_HANDSHAKE, _MAJOR, _HELLOS = 22, 3, (1, 2)
#: The random of a ServerHello that is a HelloRetryRequest begins so: it is always the same.
_RETRY = 0xCF21AD74
#: As ``hello.bareos`` reads it: a number drawn at random and the time, in the first message.
_CHALLENGE = re.compile(rb"....auth cram-md5c? <(\d{1,20}\.\d{1,20})@", re.DOTALL)
_CHALLENGES = tuple(b"auth cram-md5")
_LONGEST = 80


def drawn(hellos: Array, filled: Array, rows: Array) -> Array:
    """Return 64 bits (u8) of what was drawn for each of ``hellos[rows]``; 0: nothing is seen.

    ``filled`` has a bit for each octet that is there, the highest first.
    """
    found = np.zeros(len(rows), "u8")
    heads, there = hellos[rows, : _RANDOM.stop], (filled[rows, :6] == 0xFF).all(axis=1)
    tls = there & (heads[:, 0] == _HANDSHAKE) & (heads[:, 1] == _MAJOR)
    tls &= np.isin(heads[:, 5], _HELLOS)
    randoms = np.ascontiguousarray(heads[tls, _RANDOM])
    words = np.bitwise_xor.reduce(randoms.view(">u8"), axis=1) if len(randoms) else found[:0]
    retry = (randoms[:, :4].copy().view(">u4") == _RETRY).reshape(-1)
    found[tls] = np.where(retry, 0, words)
    asks = (heads[:, 4 : 4 + len(_CHALLENGES)] == _CHALLENGES).all(axis=1)
    for k in np.flatnonzero(asks & there).tolist():
        found[k] = _asked(bytes(hellos[rows[k], :_LONGEST]))
    return found


def _asked(said: bytes) -> int:
    """Return what stands for the number and time of a challenge."""
    match = _CHALLENGE.match(said)
    return int.from_bytes(blake2b(match[1], digest_size=8).digest(), "big") if match else 0
