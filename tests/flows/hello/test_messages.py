from __future__ import annotations

import pytest
from hello_wire import (
    CLIENT,
    RETRY,
    chosen,
    client_hello,
    extension,
    keys,
    selected,
    server_hello,
    vector,
    versions,
)
from hypothesis import given
from hypothesis import strategies as st

from auditor.flows.hello.messages import (
    ClientHello,
    read_client_hello,
    read_server_hello,
    version_name,
)


def offer(*extensions: bytes, legacy: int = 0x0303) -> ClientHello:
    found = read_client_hello(client_hello(*extensions, legacy=legacy)[4:])
    assert found is not None
    return found


def host(name: bytes, kind: int = 0) -> bytes:
    return extension(0, vector(2, bytes([kind]) + vector(2, name)))


def test_the_highest_version_offered_counts_whatever_its_place() -> None:
    assert offer(versions(0x0302, 0x0304, 0x0303)).version == 0x0304


def test_versions_that_nobody_knows_are_passed_over() -> None:
    assert offer(versions(0x7A7A, 0x0303)).version == 0x0303  # GREASE, RFC 8701
    assert offer(versions(0x7A7A)).version == 0


@pytest.mark.parametrize(
    ("legacy", "version"), [(0x0303, "1.2"), (0x0301, "1.0"), (0x0304, "1.2"), (0x0300, "SSL 3.0")]
)
def test_without_the_extension_the_legacy_version_counts_up_to_1_2(
    legacy: int, version: str
) -> None:
    assert version_name(offer(legacy=legacy).version) == version


def test_identities_keep_their_order() -> None:
    assert offer(keys(b"ticket", CLIENT)).identities == (b"ticket", CLIENT)


def test_the_host_name_is_read_and_other_kinds_of_name_are_not() -> None:
    assert offer(host(b"director.example")).server_name == "director.example"
    assert offer(host(b"director.example", kind=1)).server_name == ""


@pytest.mark.parametrize("number", [0, 41, 43])
@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff\xff", b"\x00\x05\x00\x09ab"])
def test_one_broken_extension_does_not_hide_the_others(number: int, data: bytes) -> None:
    parts = {0: host(b"h"), 41: keys(CLIENT), 43: versions(0x0304)}
    found = offer(*(parts | {number: extension(number, data)}).values())
    whole = {0: found.server_name == "h", 41: found.identities == (CLIENT,), 43: False}
    whole[43] = found.version == 0x0304
    assert whole == {n: n != number for n in parts}


def test_of_two_equal_extensions_the_first_counts() -> None:
    assert offer(versions(0x0303), versions(0x0304)).version == 0x0303


def test_a_server_hello_names_version_suite_and_key() -> None:
    body = server_hello(chosen(0x0304), selected(1), suite=0x1301)[4:]
    found = read_server_hello(body)
    assert found is not None
    assert (found.version, found.suite, found.selected, found.retry) == (0x0304, 0x1301, 1, False)


def test_a_server_hello_without_extensions_is_tls_1_2_or_before() -> None:
    found = read_server_hello(server_hello(legacy=0x0302)[4:])
    assert found is not None
    assert (found.version, found.selected) == (0x0302, None)


def test_a_hello_retry_request_is_told_by_its_random() -> None:
    found = read_server_hello(server_hello(chosen(0x0304), random=RETRY)[4:])
    assert found is not None
    assert found.retry


@given(st.integers(0, 400))
def test_a_message_that_ends_too_early_is_none(end: int) -> None:
    offered = client_hello(versions(0x0304), keys(CLIENT))[4:]
    answered = server_hello(chosen(0x0304), selected(0))[4:]
    # Before the extensions' own length a message may end: TLS 1.2 and before may send none.
    bare = len(client_hello()) - 4, len(server_hello()) - 4
    assert (read_client_hello(offered[:end]) is None) == (end < len(offered) and end != bare[0])
    assert (read_server_hello(answered[:end]) is None) == (end < len(answered) and end != bare[1])


def test_an_endless_list_is_read_no_further_than_an_honest_one_goes() -> None:
    assert len(offer(keys(*[CLIENT] * 60)).identities) == 16
    others = [extension(number, b"") for number in range(1000, 1064)]
    assert offer(*others, keys(CLIENT)).identities == ()
    assert offer(*others[1:], keys(CLIENT)).identities == (CLIENT,)
