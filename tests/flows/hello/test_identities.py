from __future__ import annotations

import pytest

from auditor.flows.flow import Identity
from auditor.flows.hello.identities import challenge_identity, first_identity, psk_identity


def test_a_psk_identity_is_a_type_and_a_name_with_its_blanks() -> None:
    assert psk_identity(b"R_CLIENT\x1efd with blanks") == Identity("R_CLIENT", "fd with blanks")


def test_a_name_may_hold_the_separator() -> None:
    assert psk_identity(b"R_CLIENT\x1ea\x1eb") == Identity("R_CLIENT", "a\x1eb")


def test_a_type_that_bareos_has_not_got_is_shown_as_it_is() -> None:
    assert psk_identity(b"R_MONITOR\x1emon") == Identity("R_MONITOR", "mon")


def test_a_plain_name_is_kept_without_a_type() -> None:
    assert psk_identity(b"Client_identity") == Identity("", "Client_identity")
    assert str(Identity("", "Client_identity")) == "Client_identity"


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00\x01\x02", b"\xff\xfe", b"R_CLIENT\x1e", b"r_client\x1efd", b"x" * 257],
    ids=["empty", "controls", "not UTF-8", "no name", "no such type", "too long for a name"],
)
def test_what_is_neither_names_nobody(raw: bytes) -> None:
    assert psk_identity(raw) is None


def test_a_name_that_is_not_utf_8_is_shown_with_replacement_characters() -> None:
    assert psk_identity(b"R_CLIENT\x1ef\xffd") == Identity("R_CLIENT", "f\ufffdd")


def test_the_first_identity_in_bareos_form_goes_before_plain_names() -> None:
    offered = (b"\x00ticket", b"plain", b"R_JOB\x1ea", b"R_JOB\x1eb")
    assert first_identity(offered) == Identity("R_JOB", "a")
    assert first_identity(offered[:2]) == Identity("", "plain")
    assert first_identity(offered[:1]) is None


def test_a_challenge_names_its_sender_with_two_colons() -> None:
    assert challenge_identity("R_STORAGE::sd 1") == Identity("R_STORAGE", "sd 1")
    assert challenge_identity("php-bsock") == Identity("", "php-bsock")
    assert challenge_identity("") is None
