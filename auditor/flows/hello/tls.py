"""What a TLS handshake shows of who dials and how it is protected (bareos.md §3.4, §3.6)."""

from __future__ import annotations

from functools import lru_cache

from auditor.flows.flow import Hello, Identity, Transport
from auditor.flows.hello.alerts import alert_refusal
from auditor.flows.hello.identities import first_identity, psk_identity
from auditor.flows.hello.messages import (
    TLS_1_3,
    ClientHello,
    ServerHello,
    read_client_hello,
    read_server_hello,
    version_name,
)
from auditor.flows.hello.reader import CutShortError, Reader
from auditor.flows.hello.records import (
    CERTIFICATE,
    CLIENT_HELLO,
    CLIENT_KEY_EXCHANGE,
    SEALED_ALERT,
    SERVER_HELLO,
    SERVER_HELLO_DONE,
    Message,
    SentRecords,
    read_records,
)
from auditor.flows.hello.suites import is_psk
from auditor.flows.refusal import End, Refusal

#: Records that an acceptor seals before it has seen the Finished of an initiator with a pre-shared
#: key: OpenSSL sends EncryptedExtensions and Finished in two (RFC 8446 §2.2).
_SEALED_BEFORE = 2


def read_tls(initiator: bytes, acceptor: bytes) -> Hello:
    """Return what the TLS records of both sides show; each argument begins with a record.

    Either may be empty or cut short anywhere: what was not seen stays empty.
    """
    sent, received = read_records(initiator), read_records(acceptor)  # by the initiator
    answer = _server_hello(received.clear)
    retried = answer is not None and answer.retry
    if retried:
        answer = _server_hello(received.clear[1:] + received.later)
    offer = _client_hello(sent.clear + (sent.later if retried else ()), retried=retried)
    if answer is not None and offer is not None and not offer.may_get(answer):
        answer = None  # whoever sent it does not answer this offer
    identity, proven = _identity(offer, answer, sent, received)
    return Hello(
        transport=Transport.CLEARTEXT if sent.broken or received.broken else Transport.TLS,
        identity=identity,
        proven=proven,
        tls_offered=version_name(offer.version) if offer else "",
        tls_version=version_name(answer.version) if answer else "",
        certificate=answer is not None and _certified(answer, received),
        server_name=offer.server_name if offer else "",
        refusal=_refusal(sent, received),
    )


def _bodies(messages: tuple[Message, ...], kind: int) -> list[bytes]:
    return [body for found, body in messages if found == kind]


def _client_hello(messages: tuple[Message, ...], *, retried: bool) -> ClientHello | None:
    """The first one, or the second after a HelloRetryRequest: nobody takes another."""
    bodies = _bodies(messages, CLIENT_HELLO)[: 1 + retried]
    return read_client_hello(bodies[-1]) if bodies else None


@lru_cache(maxsize=1024)
def _server_hello(messages: tuple[Message, ...]) -> ServerHello | None:
    bodies = _bodies(messages, SERVER_HELLO)
    return read_server_hello(bodies[0]) if bodies else None


def _identity(
    offer: ClientHello | None,
    answer: ServerHello | None,
    sent: SentRecords,
    received: SentRecords,
) -> tuple[Identity | None, bool]:
    """The identity that counts, and whether the acceptor checked its key and went on."""
    offered = offer.identities if offer else ()
    if answer and answer.version < TLS_1_3 and is_psk(answer.suite):
        exchanged = _exchanged(sent)
        if exchanged is not None and (identity := psk_identity(exchanged)):
            return identity, _is_exchange_done(sent, received)
    if answer and answer.version >= TLS_1_3 and answer.selected is not None:
        chosen = offered[answer.selected : answer.selected + 1]
        if chosen and (selected := psk_identity(chosen[0])):
            return selected, _is_finished(sent, received)
    return first_identity(offered), False


def _is_exchange_done(sent: SentRecords, received: SentRecords) -> bool:
    """Whether a full handshake up to TLS 1.2 was completed: the acceptor answers the initiator's
    Finished by its own (RFC 5246 §7.3). One that is resumed has no ServerHelloDone, and whatever
    looks like a key exchange in it was not asked for."""
    full = bool(_bodies(received.clear, SERVER_HELLO_DONE))
    both = sent.changed and sent.finished and received.changed and received.finished
    return full and both


def _is_finished(sent: SentRecords, received: SentRecords) -> bool:
    """Whether the acceptor went on after the initiator's Finished in TLS 1.3.

    That it selected a key proves nothing by itself: who repeats somebody's ClientHello gets the
    same answer, for the binder covers nothing else (RFC 8446 §4.2.11.2). Before that Finished the
    acceptor seals at most EncryptedExtensions and its own Finished, and if it is wrong an alert.
    """
    going_on = [size for size in received.sealed if size != SEALED_ALERT]
    return len(going_on) > _SEALED_BEFORE and any(size != SEALED_ALERT for size in sent.sealed)


def _exchanged(sent: SentRecords) -> bytes | None:
    """The identity at the front of a ClientKeyExchange (RFC 4279 §2)."""
    bodies = _bodies(sent.clear, CLIENT_KEY_EXCHANGE)
    try:
        return Reader(bodies[0]).vector(2) if bodies else None
    except CutShortError:
        return None


def _certified(answer: ServerHello, received: SentRecords) -> bool:
    """TLS 1.3 hides its certificate, but without a selected key there must be one."""
    if answer.version >= TLS_1_3:
        return answer.selected is None
    return not is_psk(answer.suite) and bool(_bodies(received.clear, CERTIFICATE))


def _refusal(sent: SentRecords, received: SentRecords) -> Refusal | None:
    for side, alert in ((End.ACCEPTOR, received.alert), (End.INITIATOR, sent.alert)):
        if alert is not None:
            return alert_refusal(side, alert)
    return None
