"""The cleartext opening of a Bareos connection: Hello and CRAM-MD5 (bareos.md §3.2, §3.3)."""

from __future__ import annotations

import re
from dataclasses import replace

from auditor.flows.flow import Hello, Transport
from auditor.flows.hello.framing import TERMINATE, Framed, cut_messages, message_length
from auditor.flows.hello.hello_lines import read_line
from auditor.flows.hello.identities import challenge_identity, decode, unbash
from auditor.flows.hello.records import is_client_hello, is_record
from auditor.flows.hello.tls import read_tls
from auditor.flows.refusal import End, Refusal, RefusalKind

#: No resource name exceeds 127 bytes, so no true Hello line comes near this.
_LINE_LIMIT = 512

#: ``<random.time@name>``; names have their blanks bashed, so a blank ends the challenge.
_CHALLENGE = re.compile(rb"auth cram-md5c? <\d+\.\d+@([^ \n]*)>(?: |\n|\0|$)")

_AUTHENTICATED = b"1000 OK auth"
#: Refusals in words: by number, or that a File Daemon allows no such direction (§3.3).
_REFUSED = re.compile(rb"[123]999\b|[^\n]*\brejected\b", re.IGNORECASE)

#: So much of a refusal is shown.
_REFUSAL_LIMIT = 100


def is_hello(data: bytes) -> bool:
    """Whether ``data`` begins as Bareos itself recognises a cleartext Hello: by ten bytes."""
    return data[4:10] == b"Hello " and 6 <= message_length(data) <= 1_000_000


def is_challenge(data: bytes) -> bool:
    """Whether ``data`` begins with a CRAM-MD5 challenge, the first thing an acceptor sends."""
    return data[4:17] == b"auth cram-md5" and message_length(data) > 0


def read_bareos(initiator: bytes, acceptor: bytes) -> Hello:
    """Return what Hello and CRAM-MD5 claim, and the TLS that may follow them (shapes B and C).

    ``initiator`` begins with a Hello, or is empty if the capture saw the acceptor only. Responses
    to challenges are passed over, never kept.
    """
    sent, received = cut_messages(initiator), cut_messages(acceptor)  # by the initiator
    challenge = _challenge(received)
    hello = _line(initiator, sent)
    hello = replace(
        hello,
        proven=hello.identity is not None and _is_authenticated(sent, received),
        acceptor=challenge_identity(challenge or ""),
        challenge_name=_challenge(sent),
        refusal=_refusal(sent, received),
    )
    inside = is_client_hello(sent.rest) and is_record(received.rest)
    return _with_tls(hello, sent.rest, received.rest) if inside else hello


def _line(initiator: bytes, sent: Framed) -> Hello:
    """A line that the capture cut off is shown but claims nothing: its end may hold the name."""
    message = initiator[4 : 4 + max(message_length(initiator), 0)]
    text = re.split(rb"[\n\0]", message, maxsplit=1)[0]
    line = decode(text[:_LINE_LIMIT])
    whole = bool(sent.messages) and len(text) <= _LINE_LIMIT
    claim = read_line(line) if whole else None
    hello = Hello(transport=Transport.CLEARTEXT, line=line)
    if claim is None:
        return hello
    return replace(
        hello,
        identity=claim.identity,
        connections=claim.connections,
        version=claim.version,
        bacula=claim.bacula,
    )


def _challenge(side: Framed) -> str | None:
    """The name in a side's first challenge, blanks restored; None: it sent none."""
    for message in side.messages:
        if isinstance(message, bytes) and (match := _CHALLENGE.match(message)):
            return unbash(decode(match[1]))
    return None


def _is_authenticated(sent: Framed, received: Framed) -> bool:
    """Whether the acceptor's challenge was followed by its consent, and the initiator's Hello by
    something that it may have consented to."""
    texts = [m for m in received.messages if isinstance(m, bytes)]
    asked = [k for k, text in enumerate(texts) if _CHALLENGE.match(text)]
    consents = (
        any(text.startswith(_AUTHENTICATED) for text in texts[asked[0] :]) if asked else False
    )
    return consents and len(sent.messages) > 1


def _refusal(sent: Framed, received: Framed) -> Refusal | None:
    """Who turned the other away before it had accepted the other's response."""
    for side, framed in ((End.ACCEPTOR, received), (End.INITIATOR, sent)):
        for message in framed.messages:
            if message == TERMINATE:
                return Refusal(RefusalKind.TERMINATE, side, "TERMINATE")
            if isinstance(message, bytes):
                if message.startswith(_AUTHENTICATED):
                    break
                if _REFUSED.match(message):
                    said = decode(message[:_REFUSAL_LIMIT].rstrip(b"\n\0"))
                    return Refusal(RefusalKind.ANSWER, side, f"the answer {said!r}")
    return None


def _with_tls(hello: Hello, initiator: bytes, acceptor: bytes) -> Hello:
    """Shape C: the identity is the Hello's, the protection that of the TLS inside.

    Only a ClientHello and a ServerHello that answers it begin TLS: anybody can write the header of
    a record into a connection that goes on in cleartext.
    """
    inner = read_tls(initiator, acceptor)
    if not (inner.tls_offered and inner.tls_version):
        return replace(hello, refusal=hello.refusal or inner.refusal)
    return replace(
        hello,
        transport=inner.transport,
        tls_offered=inner.tls_offered,
        tls_version=inner.tls_version,
        certificate=inner.certificate,
        server_name=inner.server_name,
        refusal=hello.refusal or inner.refusal,
    )
