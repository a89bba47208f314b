"""Whether a login was refused: in clear, by silence, or inside TLS (bareos.md §3.3, §4.3, §11).

A login takes four messages of each side: Hello and two challenges with their responses, one in
each direction. The acceptor that closes before the initiator could send them has refused it.
"""

from __future__ import annotations

from auditor.flows.flow import Hello, Outcome, Side, Transport
from auditor.flows.hello.records import APPLICATION_DATA, SEALED_ALERT, record_sizes
from auditor.flows.hops import is_foreign_rst
from auditor.flows.refusal import End, Refusal, RefusalKind

#: Hello, response, challenge and consent: what the initiator sends in any login (measured.md 2).
_LOGIN_MESSAGES = 4

#: The smallest ServerHello is longer (RFC 8446 §4.1.3), so a shorter answer accepts nothing.
_SERVER_HELLO = 47

#: A fatal alert, and the same with the signal TERMINATE after it (bareos.md §11).
_ALERT_OCTETS = (7, 11)

#: TERMINATE without a body (§2).
_TERMINATE_OCTETS = 4


def find_refusal(
    outcome: Outcome,
    hello: Hello,
    sides: tuple[Side, Side],
    first: tuple[bytes, bytes],
    *,
    one_sided: bool,
) -> Refusal | None:
    """Return the refusal of a flow's login; None: none is seen.

    ``sides`` and ``first``, the first bytes without a hole, are initiator's and acceptor's. What
    began before the capture, and PostgreSQL, whose logins are not Bareos', have none. Of a flow
    that is ``one_sided`` only what refuses in words tells: what was not seen may have completed it.
    """
    if outcome is not Outcome.ESTABLISHED or hello.transport is Transport.POSTGRESQL:
        return None
    if hello.refusal is not None:
        return hello.refusal
    if one_sided:
        return None
    if not hello.tls_version:
        return _unaccepted(hello, *sides)
    if hello.line:
        return None  # TLS within a cleartext login: how much of that was done is not counted
    return _sealed(hello.tls_version == "1.3", sides, first)


def _unaccepted(hello: Hello, initiator: Side, acceptor: Side) -> Refusal | None:
    """The acceptor closed first, after a hello to which it had answered nothing of substance."""
    asked = bool(hello.tls_offered or hello.line)
    answer = acceptor.stream
    if not asked or hello.acceptor is not None or answer is None or not _first(acceptor, initiator):
        return None
    if hello.line and answer == _TERMINATE_OCTETS:
        return Refusal(RefusalKind.TERMINATE, End.ACCEPTOR, "TERMINATE")
    if hello.line or answer >= _SERVER_HELLO:
        return _closed(initiator, acceptor) if not answer else None
    if answer in _ALERT_OCTETS:
        return Refusal(RefusalKind.ALERT, End.ACCEPTOR, "a TLS alert")
    return _closed(initiator, acceptor)


def _closed(initiator: Side, acceptor: Side) -> Refusal:
    how = "RST" if acceptor.rst == acceptor.closed else "FIN"
    said = f"{how} after {_since(initiator, acceptor)}, without an answer"
    return Refusal(RefusalKind.CLOSED, End.ACCEPTOR, said, certain=False)


def _sealed(tls13: bool, sides: tuple[Side, Side], first: tuple[bytes, bytes]) -> Refusal | None:
    """What the sizes of encrypted records show of a login that was not completed.

    Only where the whole of both streams is at hand: what was not seen may have completed it.
    """
    initiator, acceptor = sides
    if any(side.stream is None for side in sides):
        return None
    if any((side.stream or 0) > len(data) for side, data in zip(sides, first, strict=True)):
        return None
    said = first[0][: initiator.stream]
    sent = [size for kind, size in record_sizes(said) if kind == APPLICATION_DATA]
    if tls13 and sent[:1] == [SEALED_ALERT]:  # in the place of its Finished
        return Refusal(RefusalKind.SEALED, End.INITIATOR, "an encrypted TLS alert", certain=False)
    if not _first(acceptor, initiator) or _is_of_the_way(acceptor):
        return None
    if tls13:  # the first is its Finished
        sent = [size for size in sent[1:] if size != SEALED_ALERT]
    if len(sent) >= _LOGIN_MESSAGES:
        return None
    how = f"closing after {_since(initiator, acceptor)}, before a login inside TLS was complete"
    return Refusal(RefusalKind.SEALED, End.ACCEPTOR, how, certain=False)


def _first(one: Side, other: Side) -> bool:
    """Tell whether ``one`` ended the connection, and not after ``other`` had: where a clock shows
    the same time of both, by their places in the capture."""
    if one.closed is None or other.closed is None:
        return one.closed is not None
    return (one.closed, one.frames.closing) <= (other.closed, other.frames.closing)


def _is_of_the_way(acceptor: Side) -> bool:
    """Tell whether it was another device that ended the connection in the acceptor's name."""
    return acceptor.closed == acceptor.rst and is_foreign_rst(acceptor)


def _since(initiator: Side, acceptor: Side) -> str:
    assert acceptor.closed is not None
    assert initiator.first is not None
    return f"{(acceptor.closed - initiator.first) / 1e9:.1f} s"
