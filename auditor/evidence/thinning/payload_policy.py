"""What of the bytes that each side sends first may be kept: P1 to P7 of the definition.

Pure functions over the first bytes of both sides.
"""

from __future__ import annotations

from auditor.evidence.thinning.excerpt import Excerpt
from auditor.evidence.thinning.message_octets import add_answer, add_hello, is_challenge, is_hello
from auditor.evidence.thinning.postgresql_octets import (
    MAX_REQUESTS,
    REQUEST_BYTES,
    add_startup,
    count_requests,
    is_client,
)
from auditor.evidence.thinning.renaming import AS_THEY_ARE, Renaming
from auditor.evidence.thinning.tls_octets import add_tls, retries
from auditor.flows.hello.records import ALERT, HANDSHAKE

_TLS = (HANDSHAKE, ALERT)
#: First bytes of an acceptor's answer: of a length or signal, or to a request.
_ANSWERS = (b"", b"\0", b"\xff", b"N", b"S")
#: An acceptor that sent more than this, before it is known what it answers, answers no Hello.
_LONGEST_ANSWER = 520


def excerpt(
    sent: bytes,
    received: bytes,
    before: Excerpt | None = None,
    names: Renaming = AS_THEY_ARE,
    *,
    piece: bool = False,
) -> Excerpt:
    """Return what may be kept of a side that sent ``sent`` first and received ``received``.

    Both are as much of the beginning as is known without a hole. Which of both dialled is not
    asked, but told by what they say: a SYN can be forged. ``before`` is that of the same side when
    less was known, and is used up. ``names`` tells what stands for the names in it, ``piece`` that
    what follows may be in another file.
    """
    if before is None or not _goes_on(before, sent, received):
        before = Excerpt(sent, names, piece=piece)
        _add(before, received)
    if before.full:
        before.end()
    return before


def _goes_on(before: Excerpt, sent: bytes, received: bytes) -> bool:
    if before.reading is None:
        return False
    return before.reading.go_on(sent, retried=bool(what_matters(sent, received)))


def what_matters(sent: bytes, received: bytes) -> int:
    """Return what the excerpt of the bytes sent has to do with those received, as they become more:
    how many there are, or for TLS 1 if one side began with a HelloRetryRequest."""
    if sent[:1] and sent[0] in _TLS:
        return int(retries(sent) or retries(received))
    return len(received)


def _add(out: Excerpt, received: bytes) -> None:
    sent = out.sent
    if sent[:1] and sent[0] in _TLS:
        out.reading = add_tls(out, retried=bool(what_matters(sent, received)))
        return
    begins = _add_initiator(out, received)
    if begins is False:
        begins = _add_acceptor(out, received)
    if sent and begins is False:
        out.end()


def _add_initiator(out: Excerpt, received: bytes) -> bool | None:
    """Add what an initiator begins with; False: it does not begin so, None: more will tell."""
    hello, client = is_hello(out.sent), is_client(out.sent)
    if hello:
        add_hello(out)
    elif client:
        requests = count_requests(out.sent)
        out.keep(REQUEST_BYTES * requests)
        if requests and out.rest(1) == bytes([HANDSHAKE]):
            add_tls(out, retried=retries(received[requests:]))
        else:
            add_startup(out)
    return None if hello is None or client is None else hello or client


def _add_acceptor(out: Excerpt, received: bytes) -> bool | None:
    """Add an acceptor's first message, or its answers to requests for encryption; as above."""
    if is_hello(received) or is_challenge(out.sent):
        add_answer(out)
        return True
    if out.sent[:1] not in _ANSWERS:
        return False
    requests = count_requests(received)
    while out.size < requests and out.rest(1) in (b"N", b"S"):
        out.keep(1)
        if out.kept.endswith(b"S"):
            break
    if out.kept.endswith(b"S"):
        if out.rest(1) == bytes([HANDSHAKE]):
            add_tls(out, retried=retries(out.rest(len(out.sent))))
        elif out.rest(1):
            out.end()
        return True
    if out.size < requests and out.rest(1):
        return False  # it answers something else
    # The initiator may not have spoken yet, or go on asking.
    asks = len(received) < REQUEST_BYTES * min(requests + 1, MAX_REQUESTS) + 1
    waits = is_hello(received) is None or (asks and is_client(received) is not False)
    return None if waits and len(out.sent) < _LONGEST_ANSWER else False
