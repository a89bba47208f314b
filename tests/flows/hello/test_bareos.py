from __future__ import annotations

import pytest
from hello_wire import (
    CHANGE_CIPHER_SPEC,
    CLIENT,
    RESPONSE,
    RETRY,
    challenge,
    chosen,
    cleartext,
    client_hello,
    handshake_of,
    keys,
    message,
    record,
    selected,
    server_hello,
    versions,
)

from auditor.flows.flow import Hello, Identity, Transport
from auditor.flows.hello.bareos import is_challenge, is_hello, read_bareos

LINE = b'Hello Director bareos-dir calling Version="26.0.0"\n'
DIR = Identity("R_DIRECTOR", "bareos-dir")
TERMINATE = b"\xff\xff\xff\xfc"


def test_a_whole_authentication_names_and_proves_both_sides() -> None:
    assert read_bareos(*cleartext(LINE)) == Hello(
        transport=Transport.CLEARTEXT,
        identity=DIR,
        proven=True,
        line='Hello Director bareos-dir calling Version="26.0.0"',
        connections=frozenset({"3", "5a", "5b", "10", "11"}),
        acceptor=Identity("R_STORAGE", "sd1"),
        challenge_name="R_DIRECTOR::bareos-dir",
        version="26.0.0",
    )


def test_the_line_stays_as_it_is_on_the_wire() -> None:
    hello = read_bareos(message(b"Hello my\x01console calling\n"), b"")
    assert hello.line == "Hello my\x01console calling"
    assert hello.identity == Identity("R_CONSOLE", "my console")


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\0", b"\0"])
def test_a_line_ends_at_its_newline_or_zero_or_message(end: bytes) -> None:
    assert read_bareos(message(LINE[:-1] + end), b"").identity == DIR


@pytest.mark.parametrize("cut", [5, 20, len(LINE) + 3])
def test_a_line_that_the_capture_cut_off_claims_nothing(cut: int) -> None:
    hello = read_bareos(message(LINE)[:cut], b"")
    assert hello.transport is Transport.CLEARTEXT
    assert (hello.identity, hello.connections) == (None, frozenset())
    assert hello.line == LINE[: cut - 4].decode().rstrip("\n")


def test_a_line_too_long_to_be_true_is_cut_and_claims_nothing() -> None:
    hello = read_bareos(message(b"Hello " + b"x" * 600 + b" calling\n"), b"")
    assert (len(hello.line), hello.identity) == (512, None)


def test_a_tray_monitor_gives_itself_an_empty_name() -> None:
    assert read_bareos(*cleartext(LINE, own=b"")).challenge_name == ""


def test_a_storage_daemon_calls_itself_a_file_daemon_when_it_dials_one() -> None:
    assert read_bareos(*cleartext(LINE, own=b"File\x01daemon")).challenge_name == "File daemon"


def test_without_a_challenge_of_the_initiator_there_is_no_name() -> None:
    assert read_bareos(message(LINE), challenge(b"R_STORAGE::sd1")).challenge_name is None


def test_older_and_talkative_challenges_are_read() -> None:
    old = message(b"auth cram-md5c <1.2@R_STORAGE::sd1> ssl=0\n")
    dump = message(b"auth cram-md5 <1.2@R_STORAGE::sd1> ssl=4 qualified-name=R_STORAGE::sd1\n")
    for said in (old, dump):
        assert is_challenge(said)
        assert read_bareos(message(LINE), said).acceptor == Identity("R_STORAGE", "sd1")


@pytest.mark.parametrize(
    "text", [b"auth cram-md5 <1.2@R_STORAGE::sd1", b"auth cram-md5 <x@y> ssl=0\n", b"auth md5 <"]
)
def test_a_challenge_in_another_form_names_nobody(text: bytes) -> None:
    assert read_bareos(message(LINE), message(text)).acceptor is None


def test_an_unanswered_or_wrong_response_proves_nothing() -> None:
    initiator, acceptor = cleartext(LINE)
    asked = challenge(b"R_STORAGE::sd1")
    assert not read_bareos(initiator, asked).proven
    refused = read_bareos(initiator, asked + message(b"1999 Authorization failed.\n"))
    said = "acceptor: the answer '1999 Authorization failed.'"
    assert (refused.proven, str(refused.refusal)) == (False, said)
    assert read_bareos(initiator, acceptor).refusal is None


def test_consent_without_a_challenge_proves_nothing() -> None:
    assert not read_bareos(message(LINE), message(b"1000 OK auth\n")).proven


def test_a_bare_terminate_is_a_refusal_only_before_consent() -> None:
    assert str(read_bareos(message(LINE), TERMINATE).refusal) == "acceptor: TERMINATE"
    initiator, acceptor = cleartext(LINE)
    assert read_bareos(initiator + TERMINATE, acceptor + TERMINATE).refusal is None


def test_an_initiator_may_refuse_too() -> None:
    initiator = message(LINE) + message(RESPONSE) + challenge(b"R_DIRECTOR::bareos-dir")
    initiator += message(b"1999 Authorization failed.\n")
    refusal = read_bareos(initiator, cleartext(LINE)[1]).refusal
    assert str(refusal) == "initiator: the answer '1999 Authorization failed.'"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"2999 Authentication failed.\n", "the answer '2999 Authentication failed.'"),
        (b"3999 No\0", "the answer '3999 No'"),
        # Where the File Daemon does not allow this direction (bareos.md §3.3).
        (b"Connection from Director dir is rejected\n",) * 2,
    ],
)
def test_a_refusal_in_words_is_shown(said: bytes, shown: bytes | str) -> None:
    words = shown if isinstance(shown, str) else f"the answer {shown.decode().rstrip()!r}"
    refusal = read_bareos(message(LINE), message(said)).refusal
    assert str(refusal) == f"acceptor: {words}"


def test_other_words_are_no_refusal() -> None:
    for said in (b"3000 OK Hello\n", b"29990 bytes", b"1000 OK: dir"):
        assert read_bareos(message(LINE), message(said)).refusal is None


def test_no_response_to_a_challenge_is_kept() -> None:
    assert RESPONSE.decode() not in repr(read_bareos(*cleartext(LINE)))


def test_a_text_of_the_session_is_no_challenge() -> None:
    initiator, acceptor = message(LINE) + message(b"data") * 7, message(b"data") * 8
    hello = read_bareos(
        initiator + challenge(b"R_DIRECTOR::other"), acceptor + challenge(b"R_STORAGE::other")
    )
    assert (hello.challenge_name, hello.acceptor) == (None, None)


def test_tls_after_the_hello_keeps_the_name_of_the_hello() -> None:
    initiator, acceptor = cleartext(b"Hello admin calling\n", own=b"R_CONSOLE::admin")
    inside = handshake_of("tls12-certificate-offer13")
    hello = read_bareos(initiator + inside[0], acceptor + inside[1])
    assert hello == Hello(
        transport=Transport.TLS,
        identity=Identity("R_CONSOLE", "admin"),
        proven=True,
        line="Hello admin calling",
        connections=frozenset({"1", "9"}),
        acceptor=Identity("R_STORAGE", "sd1"),
        challenge_name="R_CONSOLE::admin",
        tls_offered="1.3",
        tls_version="1.2",
        certificate=True,
    )


def test_a_key_inside_does_not_overrule_the_hello() -> None:
    initiator, acceptor = cleartext(LINE)
    offered = record(client_hello(versions(0x0304), keys(CLIENT)))
    answered = record(server_hello(chosen(0x0304), selected(0)))
    hello = read_bareos(initiator + offered, acceptor + answered + CHANGE_CIPHER_SPEC)
    assert (hello.identity, hello.tls_version) == (DIR, "1.3")


DATA = b"\x17\x03\x03\x00\x20" + bytes(32)
OFFER = record(client_hello(versions(0x0304), keys(CLIENT)))
ANSWER = record(server_hello(chosen(0x0304), selected(0)))


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (b"\x16\x03\x09\x00\x05rest", b""),
        (DATA, b""),
        (b"", DATA),
        (DATA, DATA),
        (OFFER, b""),
        (OFFER, DATA),
        (OFFER, record(bytes([2, 40]), kind=21)),
        (OFFER, OFFER),
        (OFFER, ANSWER[:40]),
        (OFFER[:40], ANSWER),
        (b"", ANSWER),
        (DATA, ANSWER),
        (DATA + OFFER, DATA + ANSWER),
        (CHANGE_CIPHER_SPEC + OFFER, ANSWER),
        (OFFER, record(server_hello(chosen(0x0304), selected(0), random=RETRY))),
        (OFFER, record(server_hello(suite=0x00A9))),
        (OFFER, record(server_hello(chosen(0x0304), suite=0x1399))),
        (OFFER + DATA + message(b"in clear"), ANSWER + DATA),
        (OFFER + DATA, ANSWER + DATA + message(b"in clear")),
    ],
)
def test_only_a_handshake_of_both_sides_makes_tls_of_cleartext(
    sent: bytes, received: bytes
) -> None:
    initiator, acceptor = cleartext(LINE)
    hello = read_bareos(initiator + sent, acceptor + received)
    assert (hello.transport, hello.identity, hello.proven) == (Transport.CLEARTEXT, DIR, True)
    assert read_bareos(initiator + OFFER, acceptor + ANSWER).transport is Transport.TLS


def test_the_acceptor_alone_names_itself() -> None:
    hello = read_bareos(b"", cleartext(LINE)[1])
    assert (hello.acceptor, hello.identity) == (Identity("R_STORAGE", "sd1"), None)
    assert (hello.line, hello.proven) == ("", False)


@pytest.mark.parametrize("length", [0, 5, 1_000_001, 0xFFFFFFFA])
def test_a_length_that_bareos_refuses_is_no_hello(length: int) -> None:
    assert is_hello(message(LINE)[:10])
    assert not is_hello(length.to_bytes(4, "big") + LINE)
    assert not is_hello(message(LINE)[:9])
