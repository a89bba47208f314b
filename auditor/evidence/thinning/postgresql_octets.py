"""Of a PostgreSQL connection what is said before anybody is authenticated (P7).

Layouts as in ``flows.hello.postgresql`` (bareos.md §1.9).
"""

from __future__ import annotations

from auditor.evidence.thinning.excerpt import Excerpt
from auditor.evidence.thinning.renaming import Renaming

SSL_REQUEST, GSSENC_REQUEST = 80877103, 80877104
REQUEST_BYTES = 8
#: A client may ask for GSS and for TLS, once each.
MAX_REQUESTS = 2

_VERSION_3 = 3
#: The server refuses longer startup packets.
_LONGEST_STARTUP = 10_000
_HEAD = 8
_WANTED = (b"user", b"database")
#: What stands in the place of a blanked byte: a NUL would end a name there.
_BLANK = b" "


def count_requests(sent: bytes) -> int:
    """Count the requests for encryption that a client begins with, 0 to MAX_REQUESTS."""
    count = 0
    while count < MAX_REQUESTS and _is_request(sent[REQUEST_BYTES * count :]):
        count += 1
    return count


def is_client(sent: bytes) -> bool | None:
    """Tell whether a side begins as a PostgreSQL client does; None: more bytes will tell."""
    if len(sent) < _HEAD:
        return False if sent[:2].strip(b"\0") else None
    return _is_request(sent) or _is_startup(sent)


def add_startup(out: Excerpt) -> None:
    """Add a startup packet with the user and the database that it names, all else blanked; of one
    that is not well formed, or does not fit into the excerpt, its head."""
    if len(out.rest(_HEAD)) < _HEAD:
        return
    if not _is_startup(out.rest(_HEAD)):
        out.end()
        return
    length = int.from_bytes(out.rest(4), "big")
    packet = out.rest(length)
    out.keep(_HEAD)
    if len(packet) < length and not out.full:
        return
    words = packet[_HEAD:-2].split(b"\0")
    if len(packet) == length and packet.endswith(b"\0\0") and len(words) % 2 == 0:
        out.put(b"\0".join(_masked(words, out.names)) + b"\0\0")
    out.end()


def _is_request(packet: bytes) -> bool:
    length, code = int.from_bytes(packet[:4], "big"), int.from_bytes(packet[4:8], "big")
    return len(packet) >= 8 and length == 8 and code in (SSL_REQUEST, GSSENC_REQUEST)


def _is_startup(packet: bytes) -> bool:
    length, version = int.from_bytes(packet[:4], "big"), int.from_bytes(packet[4:6], "big")
    return version == _VERSION_3 and _HEAD < length <= _LONGEST_STARTUP


def _masked(words: list[bytes], names: Renaming) -> list[bytes]:
    masked = []
    for name, value in zip(words[::2], words[1::2], strict=True):
        wanted = name in _WANTED
        masked += [name, names.name(value)] if wanted else [_BLANK * len(name), _BLANK * len(value)]
    return masked
