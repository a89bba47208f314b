"""Handshake messages of TLS with what no audit reads blanked (P4)."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from auditor.evidence.thinning.hello_fields import (
    mask_client_hello,
    mask_key_exchange,
    mask_server_hello,
)
from auditor.evidence.thinning.renaming import AS_THEY_ARE, Renaming
from auditor.flows.hello.records import CLIENT_HELLO, CLIENT_KEY_EXCHANGE, SERVER_HELLO

#: Type and length in front of each message (RFC 8446 §4).
_HEAD = 4
_MASKS: dict[int, Callable[[bytes, Renaming], bytes | None]] = {
    CLIENT_HELLO: mask_client_hello,
    SERVER_HELLO: mask_server_hello,
    CLIENT_KEY_EXCHANGE: mask_key_exchange,
}
#: key_update is the last type of RFC 8446 §4; no program's handshake message is longer than this.
_LAST_TYPE, _LONGEST = 24, 65535


class Stand(Enum):
    """Where the messages of some bytes end."""

    BETWEEN = "between two messages"
    WITHIN = "within one that is not whole"
    NONE = "where none can begin, or one does not fit"


def mask_messages(
    content: bytes, names: Renaming = AS_THEY_ARE, *, first: bool
) -> tuple[bytes, Stand]:
    """Return as much of ``content``, what handshake records carry, as is known to be messages.

    With ``first`` a hello has to be the first of them, and its type and length are kept whatever
    becomes of it: they tell that the side speaks TLS.
    """
    masked = bytearray()
    while (at := len(masked)) + _HEAD <= len(content):
        head = content[at : at + _HEAD]
        size = int.from_bytes(head[1:], "big")
        if head[0] > _LAST_TYPE or size > _LONGEST:
            return bytes(masked), Stand.NONE
        if first and head[0] not in (CLIENT_HELLO, SERVER_HELLO):
            return bytes(masked), Stand.NONE
        body = _mask(head[0], content[at + _HEAD : at + _HEAD + size], size, names)
        if isinstance(body, Stand):
            return bytes(masked + head if first else masked), body
        masked += head + body
        first = False
        if len(body) < size:
            return bytes(masked), Stand.WITHIN
    return bytes(masked), Stand.BETWEEN if len(masked) == len(content) else Stand.WITHIN


def mask_hello(message: bytes, names: Renaming = AS_THEY_ARE) -> bytes | None:
    """Return the one hello that ``message`` is from its head to its end; None: it is none."""
    if message[:1] not in (bytes([CLIENT_HELLO]), bytes([SERVER_HELLO])):
        return None
    masked, stand = mask_messages(message, names, first=True)
    return masked if stand is Stand.BETWEEN and len(masked) == len(message) else None


def _mask(kind: int, body: bytes, size: int, names: Renaming) -> bytes | Stand:
    """Return the body masked, as far as it is there, or how it stands with the message."""
    if kind not in _MASKS:
        return bytes(len(body))
    if len(body) < size:
        return Stand.WITHIN
    masked = _MASKS[kind](body, names)
    return Stand.NONE if masked is None else masked
