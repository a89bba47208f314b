from __future__ import annotations

from dataclasses import replace

import pytest
from hello_wire import (
    CHANGE_CIPHER_SPEC,
    CLIENT,
    HANDSHAKES,
    RETRY,
    WENT_ON,
    chosen,
    client_hello,
    extension,
    handshake,
    handshake_of,
    keys,
    record,
    sealed,
    selected,
    server_hello,
    vector,
    versions,
)
from hypothesis import given
from hypothesis import strategies as st

from auditor.flows.flow import Hello, Identity, Transport
from auditor.flows.hello.alerts import alert_refusal
from auditor.flows.hello.tls import read_tls
from auditor.flows.refusal import End

FD3 = Identity("R_CLIENT", "fd3")
TLS = Hello(transport=Transport.TLS)
CLAIMED = replace(TLS, identity=FD3, tls_offered="1.3")

#: What OpenSSL's own handshakes must be read as (data/README.md).
REAL = {
    "tls10-psk": replace(TLS, identity=FD3, proven=True, tls_offered="1.0", tls_version="1.0"),
    "tls12-certificate": replace(TLS, tls_offered="1.2", tls_version="1.2", certificate=True),
    "tls12-certificate-distrusted": replace(
        TLS,
        tls_offered="1.3",
        tls_version="1.2",
        certificate=True,
        refusal=alert_refusal(End.INITIATOR, 48),
    ),
    "tls12-certificate-offer13": replace(CLAIMED, tls_version="1.2", certificate=True),
    "tls12-certificate-resumed": replace(TLS, tls_offered="1.2", tls_version="1.2"),
    **{
        f"tls12-{kind}": replace(
            TLS, identity=FD3, proven=True, tls_offered="1.2", tls_version="1.2"
        )
        for kind in ("psk", "dhe-psk", "ecdhe-psk", "rsa-psk")
    },
    "tls12-psk-offer13": replace(CLAIMED, proven=True, tls_version="1.2"),
    "tls12-psk-resumed": replace(TLS, tls_offered="1.2", tls_version="1.2"),
    "tls12-psk-wrong-key": replace(
        CLAIMED, tls_version="1.2", refusal=alert_refusal(End.ACCEPTOR, 20)
    ),
    "tls13-certificate": replace(CLAIMED, tls_version="1.3", certificate=True),
    "tls13-certificate-resumed": replace(TLS, tls_offered="1.3", tls_version="1.3"),
    "tls13-certificate-retry": replace(CLAIMED, refusal=alert_refusal(End.INITIATOR, 80)),
    "tls13-no-psk": replace(TLS, tls_offered="1.3", refusal=alert_refusal(End.ACCEPTOR, 40)),
    "tls13-psk": replace(CLAIMED, proven=True, tls_version="1.3"),
    "tls13-psk-named-host": replace(
        CLAIMED, proven=True, tls_version="1.3", server_name="director.example"
    ),
    "tls13-psk-retry": replace(CLAIMED, proven=True, tls_version="1.3"),
    "tls13-psk-retry-no-middlebox": replace(CLAIMED, proven=True, tls_version="1.3"),
    "tls13-psk-unknown-name": replace(CLAIMED, refusal=alert_refusal(End.ACCEPTOR, 40)),
    "tls13-psk-wrong-key": replace(CLAIMED, refusal=alert_refusal(End.ACCEPTOR, 47)),
}


def offer(*identities: bytes) -> bytes:
    return record(client_hello(versions(0x0304, 0x0303), keys(*identities)))


def answer(*extensions: bytes, suite: int = 0x1303) -> bytes:
    return record(server_hello(chosen(0x0304), *extensions, suite=suite))


def test_every_real_handshake_has_its_row() -> None:
    assert sorted(REAL) == HANDSHAKES


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_real_handshake_is_read(name: str) -> None:
    assert read_tls(*handshake_of(name)) == REAL[name]


@pytest.mark.parametrize("name", HANDSHAKES)
def test_the_initiator_alone_claims_but_proves_nothing(name: str) -> None:
    hello = read_tls(handshake_of(name)[0], b"")
    assert not hello.proven
    assert hello.tls_offered == REAL[name].tls_offered
    assert (hello.tls_version, hello.certificate) == ("", False)


@pytest.mark.parametrize("name", HANDSHAKES)
def test_the_acceptor_alone_names_nobody(name: str) -> None:
    hello = read_tls(b"", handshake_of(name)[1])
    assert (hello.identity, hello.proven) == (None, False)
    assert hello.tls_version == REAL[name].tls_version


def resplit(stream: bytes, sizes: list[int]) -> bytes:
    """The same handshake messages in records of other sizes, other records as they are."""
    out, pending, turn = b"", b"", 0
    while len(stream) >= 5:
        end = 5 + int.from_bytes(stream[3:5], "big")
        kind, payload, whole, stream = stream[0], stream[5:end], stream[:end], stream[end:]
        pending += payload if kind == 22 else b""
        if kind == 22 and stream[:1] == b"\x16":
            continue
        while pending:
            size = sizes[turn % len(sizes)]
            out, pending, turn = out + record(pending[:size]), pending[size:], turn + 1
        out += b"" if kind == 22 else whole
    return out


@given(st.sampled_from(HANDSHAKES), st.lists(st.integers(20, 700), min_size=1, max_size=20))
def test_records_may_be_cut_in_any_way(name: str, sizes: list[int]) -> None:
    initiator, acceptor = handshake_of(name)
    assert read_tls(resplit(initiator, sizes), resplit(acceptor, sizes)) == REAL[name]


def test_the_key_that_the_acceptor_selected_names_the_initiator() -> None:
    offered = offer(CLIENT, b"R_CONSOLE\x1eadmin")
    hello = read_tls(offered + WENT_ON[0], answer(selected(1)) + WENT_ON[1])
    assert (hello.identity, hello.proven) == (Identity("R_CONSOLE", "admin"), True)


def test_a_selected_session_ticket_proves_no_name() -> None:
    hello = read_tls(offer(b"\x00ticket", CLIENT) + WENT_ON[0], answer(selected(0)) + WENT_ON[1])
    assert (hello.identity, hello.proven) == (FD3, False)


def test_a_selected_key_that_was_not_offered_proves_nothing() -> None:
    hello = read_tls(offer(CLIENT) + WENT_ON[0], answer(selected(1)) + WENT_ON[1])
    assert (hello.identity, hello.proven) == (FD3, False)


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (b"", b""),  # who repeats a hello that he saw gets so far
        (b"", CHANGE_CIPHER_SPEC + sealed(23, 53)),
        (WENT_ON[0], CHANGE_CIPHER_SPEC + sealed(23, 53)),
        (WENT_ON[0], CHANGE_CIPHER_SPEC + sealed(23, 53, 19)),
        (WENT_ON[0], CHANGE_CIPHER_SPEC + sealed(76, 19)),
        (b"", WENT_ON[1]),
        (CHANGE_CIPHER_SPEC + sealed(19), WENT_ON[1]),
    ],
)
def test_a_selected_key_proves_nothing_until_the_acceptor_goes_on(
    sent: bytes, received: bytes
) -> None:
    hello = read_tls(offer(CLIENT) + sent, answer(selected(0)) + received)
    assert (hello.identity, hello.proven, hello.tls_version) == (FD3, False, "1.3")
    assert read_tls(offer(CLIENT) + WENT_ON[0], answer(selected(0)) + WENT_ON[1]).proven


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ((0x0304,), record(server_hello(chosen(0x0303), selected(0)))),
        ((0x0303,), record(server_hello(chosen(0x0304), selected(0)))),
        ((0x0303, 0x0302), record(server_hello(legacy=0x0301, suite=0x00A9))),
        ((0x0304,), record(server_hello(legacy=0x0303, suite=0x00A9))),
        ((0x0304,), record(server_hello(chosen(0x0304), selected(0), suite=0x1305))),
        ((0x0304,), record(server_hello(legacy=0x0002))),
    ],
)
def test_a_server_hello_that_answers_another_offer_chooses_nothing(
    offered: tuple[int, ...], answered: bytes
) -> None:
    hello = read_tls(
        record(client_hello(versions(*offered), keys(CLIENT))) + WENT_ON[0], answered + WENT_ON[1]
    )
    assert (hello.tls_version, hello.certificate, hello.proven) == ("", False, False)


@pytest.mark.parametrize("side", [0, 1])
def test_what_goes_on_without_tls_after_the_handshake_is_cleartext(side: int) -> None:
    """TlsAuthenticate does it (bareos.md §5.8)."""
    said = [offer(CLIENT) + WENT_ON[0], answer(selected(0)) + WENT_ON[1]]
    assert read_tls(*said).transport is Transport.TLS
    said[side] += b"\0\0\0\x0dHello 1 2 3 4"
    assert read_tls(*said).transport is Transport.CLEARTEXT


def test_no_selected_key_in_tls_1_3_means_a_certificate() -> None:
    hello = read_tls(offer(CLIENT), answer())
    assert (hello.certificate, hello.proven) == (True, False)


def test_after_a_hello_retry_request_the_second_offer_counts() -> None:
    retry = record(server_hello(chosen(0x0304), random=RETRY))
    first, second = offer(b"R_CLIENT\x1eold"), offer(CLIENT)
    hello = read_tls(
        first + CHANGE_CIPHER_SPEC + second + WENT_ON[0][6:],
        retry + answer(selected(0)) + WENT_ON[1],
    )
    assert (hello.identity, hello.proven, hello.tls_version) == (FD3, True, "1.3")


def test_a_hello_retry_request_alone_chooses_nothing_yet() -> None:
    hello = read_tls(offer(CLIENT), record(server_hello(chosen(0x0304), random=RETRY)))
    assert hello == CLAIMED


def test_ciphertext_that_looks_like_a_second_offer_is_not_believed() -> None:
    forged = CHANGE_CIPHER_SPEC + offer(b"R_CLIENT\x1eforged")
    hello = read_tls(offer(CLIENT) + forged, answer(selected(0)))
    assert hello.identity == FD3


def test_two_offers_with_post_quantum_key_shares_fit_into_what_is_read() -> None:
    share = extension(51, vector(2, b"\x11\xec" + vector(2, bytes(1216))))
    hello = client_hello(versions(0x0304), share, keys(b"R_JOB\x1e" + b"j" * 122))
    assert 2 * len(record(hello)) + len(CHANGE_CIPHER_SPEC) < 4096


#: ChangeCipherSpec and the sealed Finished of TLS 1.2.
FINISHED = CHANGE_CIPHER_SPEC + record(bytes(40))


def exchange(suite: int, *more: bytes) -> Hello:
    """TLS 1.2 in which the initiator's key exchange begins with ``CLIENT``."""
    done = record(handshake(14, b""))
    return complete(record(server_hello(suite=suite)) + done + b"".join(more), FINISHED)


def complete(answered: bytes, finished: bytes) -> Hello:
    """TLS 1.2 in which the initiator's key exchange is followed by ``finished``."""
    initiator = record(client_hello()) + record(handshake(16, vector(2, CLIENT)))
    return read_tls(initiator + finished, answered)


def test_a_key_exchange_names_nobody_when_the_suite_has_no_pre_shared_key() -> None:
    assert exchange(0x00A9).identity == FD3
    assert exchange(0x009D).identity is None


def test_a_key_exchange_is_proven_once_the_acceptor_finished_the_handshake() -> None:
    assert not exchange(0x00A9).proven
    assert not exchange(0x00A9, CHANGE_CIPHER_SPEC).proven
    assert exchange(0x00A9, FINISHED).proven


@pytest.mark.parametrize("finished", [b"", CHANGE_CIPHER_SPEC, sealed(40)])
def test_a_key_exchange_without_the_initiators_finished_proves_nothing(finished: bytes) -> None:
    answered = record(server_hello(suite=0x00A9) + handshake(14, b"")) + FINISHED
    assert complete(answered, FINISHED).proven
    assert not complete(answered, finished).proven


def test_a_key_exchange_in_a_session_that_is_resumed_names_nobody_else() -> None:
    """The acceptor finishes such a handshake first, whatever comes after it."""
    resumed = record(server_hello(suite=0x00A9)) + FINISHED
    assert not complete(resumed, FINISHED).proven


def test_a_certificate_beside_a_pre_shared_key_does_not_replace_it() -> None:
    certificate = record(handshake(11, vector(3, b"")))
    assert not exchange(0x00AD, certificate).certificate  # RSA_PSK
    assert exchange(0x009D, certificate).certificate


def test_a_key_exchange_that_is_cut_short_names_nobody() -> None:
    initiator = record(client_hello()) + record(handshake(16, b"\x00\x20R_CLI"))
    assert read_tls(initiator, record(server_hello(suite=0x00A9))).identity is None


def test_an_alert_of_the_acceptor_goes_before_one_of_the_initiator() -> None:
    alerts = record(b"\x02\x28", kind=21), record(b"\x02\x0a", kind=21)
    refusal = read_tls(offer(CLIENT) + alerts[1], alerts[0]).refusal
    assert str(refusal) == "acceptor: TLS alert 40 (handshake_failure)"
