"""What a TLS handshake shows of who dials and how it is protected (bareos.md §3.4, §3.6)."""

from __future__ import annotations

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
    SERVER_HELLO,
    Message,
    SentRecords,
    read_records,
)
from auditor.flows.hello.suites import is_psk
from auditor.flows.refusal import End, Refusal


def read_tls(initiator: bytes, acceptor: bytes) -> Hello:
    """Return what the TLS records of both sides show; each argument begins with a record.

    Either may be empty or cut short anywhere: what was not seen stays empty.
    """
    sent, received = read_records(initiator), read_records(acceptor)  # by the initiator
    answer = _server_hello(received.clear)
    retried = answer is not None and answer.retry
    if retried:
        answer = _server_hello(received.clear[1:] + received.later)
    offer = _client_hello(sent.clear + sent.later if retried else sent.clear)
    identity, proven = _identity(offer, answer, sent, received)
    return Hello(
        transport=Transport.TLS,
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


def _client_hello(messages: tuple[Message, ...]) -> ClientHello | None:
    """The last one: after a HelloRetryRequest the second offer is the one that counts."""
    bodies = _bodies(messages, CLIENT_HELLO)
    return read_client_hello(bodies[-1]) if bodies else None


def _server_hello(messages: tuple[Message, ...]) -> ServerHello | None:
    bodies = _bodies(messages, SERVER_HELLO)
    return read_server_hello(bodies[0]) if bodies else None


def _identity(
    offer: ClientHello | None,
    answer: ServerHello | None,
    sent: SentRecords,
    received: SentRecords,
) -> tuple[Identity | None, bool]:
    """The identity that counts, and whether the acceptor checked its key.

    In TLS 1.3 the ServerHello that selects a key shows it; up to 1.2 it is the acceptor's
    ChangeCipherSpec, which in a full handshake follows the initiator's Finished (RFC 5246 §7.3).
    """
    offered = offer.identities if offer else ()
    if answer and answer.version < TLS_1_3 and is_psk(answer.suite):
        exchanged = _exchanged(sent)
        if exchanged is not None and (identity := psk_identity(exchanged)):
            return identity, received.changed
    if answer and answer.selected is not None and answer.selected < len(offered):
        selected = psk_identity(offered[answer.selected])
        if selected:
            return selected, True
    return first_identity(offered), False


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
