"""ClientHello, ServerHello and ClientKeyExchange with what no audit reads blanked (P5).

Each function returns the message's body in its length, or None if a field does not fit into it, or
something is left behind its last one: then it is no such message (RFC 8446 §4.1, RFC 4279 §2).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from auditor.evidence.thinning.renaming import AS_THEY_ARE, Renaming
from auditor.flows.hello.identities import decode, psk_identity
from auditor.flows.hello.reader import CutShortError, Reader

#: Bytes of a session identifier, and of the cipher suites and compression methods that any known
#: program offers, at most: OpenSSL sends 62 suites with everything switched on.
_SESSION, _SUITES, _METHODS = 32, 512, 16
_SERVER_NAME, _PRE_SHARED_KEY, _SUPPORTED_VERSIONS = 0, 41, 43
_LONGEST_NAME = 255
#: Hellos that are looked at again as soon as more is known of their stream.
_RECENT = 1024

_Mask = Callable[[bytes, Renaming], bytes]


@lru_cache(_RECENT)
def mask_client_hello(body: bytes, names: Renaming = AS_THEY_ARE) -> bytes | None:
    """Return a ClientHello with the versions, identities and host name that it offers."""
    fields = Reader(body)
    try:
        fields.take(34)
        fits = len(fields.vector(1)) <= _SESSION
        suites = fields.vector(2)
        fits &= len(suites) <= _SUITES and len(suites) % 2 == 0
        fits &= len(fields.vector(1)) <= _METHODS
        return _with_extensions(body, fields, _OFFERED, names) if fits else None
    except CutShortError:
        return None


@lru_cache(_RECENT)
def mask_server_hello(body: bytes, names: Renaming = AS_THEY_ARE) -> bytes | None:
    """Return a ServerHello with the version and the key that it chose."""
    fields = Reader(body)
    try:
        fields.take(34)
        fits = len(fields.vector(1)) <= _SESSION
        fields.take(3)
        return _with_extensions(body, fields, _CHOSEN, names) if fits else None
    except CutShortError:
        return None


def mask_key_exchange(body: bytes, names: Renaming = AS_THEY_ARE) -> bytes:
    """Return a ClientKeyExchange with the identity that it begins with, if it does."""
    try:
        identity = Reader(body).vector(2)
    except CutShortError:
        return bytes(len(body))
    known = psk_identity(identity) is not None
    kept = body[:2] + names.identity(identity) if known else b""
    return kept + bytes(len(body) - len(kept))


def _with_extensions(
    body: bytes, fields: Reader, known: dict[int, _Mask], names: Renaming
) -> bytes | None:
    """Mask what is left of a hello: nothing, or its extensions and nothing behind them."""
    at = len(body) - fields.left()
    if not fields.more():
        return body
    end = at + 2 + len(fields.vector(2))
    if fields.more():
        return None
    masked, at = bytearray(body[: at + 2]), at + 2
    while at < end:
        begin = at + 4
        stop = begin + (body[at + 2] << 8 | body[at + 3]) if begin <= end else begin
        if stop > end:
            return None
        mask = known.get(body[at] << 8 | body[at + 1])
        masked += body[at:begin]
        blank = bytes(stop - begin)
        masked += _masked(mask, body[begin:stop], names) if mask is not None else blank
        at = stop
    return bytes(masked)


def _masked(mask: _Mask, data: bytes, names: Renaming) -> bytes:
    try:
        return mask(data, names)
    except CutShortError:
        return _blank(data)


def _blank(data: bytes) -> bytes:
    return bytes(len(data))


def _versions(data: bytes, _: Renaming) -> bytes:
    listed = Reader(data)
    listed.vector(1)
    return _blank(data) if listed.more() or len(data) % 2 == 0 else data


def _number(data: bytes, _: Renaming) -> bytes:
    return data if len(data) == 2 else _blank(data)


def _host_name(data: bytes, names: Renaming) -> bytes:
    outer = Reader(data)
    listed = Reader(outer.vector(2))
    kind, name = listed.number(1), listed.vector(2)
    fits = kind == 0 and not outer.more() and not listed.more() and len(name) <= _LONGEST_NAME
    text = decode(name)
    if not fits or not text.isprintable() or "\ufffd" in text:
        return _blank(data)
    return data[: len(data) - len(name)] + names.host(name)


def _keys(data: bytes, names: Renaming) -> bytes:
    """Identities that can be read; tickets, their ages and all binders are blanked."""
    outer = Reader(data)
    identities, binders = outer.vector(2), outer.vector(2)
    if outer.more():
        return _blank(data)
    masked, listed = bytearray(), Reader(identities)
    while listed.more():
        identity = listed.vector(2)
        known = psk_identity(identity) is not None
        masked += len(identity).to_bytes(2, "big") + (
            names.identity(identity) if known else _blank(identity)
        )
        masked += _blank(listed.take(4))
    sizes, checked = bytearray(), Reader(binders)
    while checked.more():
        binder = checked.vector(1)
        sizes += bytes([len(binder)]) + _blank(binder)
    return data[:2] + bytes(masked) + len(binders).to_bytes(2, "big") + bytes(sizes)


#: Extensions that are kept, of an offer and of a choice, by their number.
_OFFERED: dict[int, _Mask] = {
    _SERVER_NAME: _host_name,
    _PRE_SHARED_KEY: _keys,
    _SUPPORTED_VERSIONS: _versions,
}
_CHOSEN: dict[int, _Mask] = {_PRE_SHARED_KEY: _number, _SUPPORTED_VERSIONS: _number}
