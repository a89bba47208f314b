"""Own addresses and ports come together as bareos.md §5.7 says."""

from __future__ import annotations

import pytest
from bareosconf import own_client, parse, value_of

from auditor.config.resources import Listen, Program
from auditor.errors import ConfigurationError

ANY4, ANY6 = "0.0.0.0", "::"


@pytest.mark.parametrize(
    ("directives", "sockets"),
    [
        ("Port = 19510", [(ANY4, 19510, 4), (ANY6, 19510, 6)]),
        ("FD Port = http", [(ANY4, 80, 4), (ANY6, 80, 6)]),
        ("Address = 10.0.0.1", [("10.0.0.1", None, 4)]),
        ("Address = 10.0.0.1\nPort = 7", [("10.0.0.1", 7, 4)]),
        ("Port = 7\nAddress = 10.0.0.1", [("10.0.0.1", 7, 4)]),
        ("Address = ::", [(ANY6, None, 6)]),
        ("Address = fd00::1\nPort = 7", [("fd00::1", 7, 6)]),
        ("Address = host.example", [("host.example", None, 4)]),
        ("Address = 10.1", [("10.0.0.1", None, 4)]),
        ("Port = 19510\nPort = 19511", [(ANY4, 19511, 4), (ANY6, 19510, 6)]),
        ("Address = 10.0.0.1\nAddress = 10.0.0.2", [("10.0.0.2", None, 4)]),
        ("Port =\n 7", [(ANY4, 7, 4), (ANY6, 7, 6)]),
    ],
)
def test_address_and_port_come_to_these_sockets(
    directives: str, sockets: list[tuple[str, int | None, int]]
) -> None:
    parsed = own_client(directives)
    expected = tuple(Listen(*socket) for socket in sockets)
    written = [name for name in ("Address", "Port") if parsed.only.get(name)]
    assert written
    assert {value_of(parsed, name) for name in written} == {expected}


@pytest.mark.parametrize(
    ("blocks", "sockets"),
    [
        ("ipv4 = { addr = 10.0.0.1; port = 7; }", [("10.0.0.1", 7, 4)]),
        ("ip = { addr = 10.0.0.1 }", [("10.0.0.1", None, 4)]),
        ("ip = { port = 7 }", [(ANY4, 7, 4)]),
        ("ipv6 = { port = http }", [(ANY6, 80, 6)]),
        ("ip = { addr = :: ; port = 7 }", [(ANY6, 7, 6)]),
        ("ipv6 = { addr = host.example }", [("host.example", None, 6)]),
        (
            "IP = { addr = 10.0.0.1\nport = 7 }\nipv6 = { addr = fd00::1 }",
            [("10.0.0.1", 7, 4), ("fd00::1", None, 6)],
        ),
    ],
)
def test_addresses_come_to_these_sockets(
    blocks: str, sockets: list[tuple[str, int | None, int]]
) -> None:
    parsed = own_client(f"Addresses = {{ {blocks} }}")
    assert value_of(parsed, "Addresses") == tuple(Listen(*socket) for socket in sockets)


@pytest.mark.parametrize(
    "blocks",
    [
        "",
        "ip = { }",
        "ip4 = { port = 7 }",
        "ip6 = { port = 7 }",
        "ip { port = 7 }",
        "ip = { port = 7; port = 8 }",
        "ip = { addr = a; addr = b }",
        'ip = { addr = "10.0.0.1" }',
        "ip = { host = a }",
        "ip = { port = 65535 }",
        "ip = { addr = 10 }",
    ],
)
def test_other_address_blocks_are_errors(blocks: str) -> None:
    with pytest.raises(ConfigurationError):
        own_client(f"Addresses = {{ {blocks} }}")


@pytest.mark.parametrize(
    "directives",
    [
        "Port = 7\nAddresses = { ip = { port = 7 } }",
        "Addresses = { ip = { port = 7 } }\nPort = 7",
        "Addresses = { ip = { port = 7 } }\nAddress = 10.0.0.1",
    ],
)
def test_old_and_new_style_cannot_be_mixed(directives: str) -> None:
    with pytest.raises(ConfigurationError, match="mixed"):
        own_client(directives)


@pytest.mark.parametrize(
    "directive",
    [
        'Port = "9102"',
        'Address = "10.0.0.1"',
        "Port = 0",
        "Port = 65535",
        "Port = 70000",
        "Port = no-such-service-here",
        "Port = 9102 junk",
        "Address = 10.0.0.1 junk",
        "Address = fd00::zz",
        "Address = ${X}",
    ],
)
def test_quotes_other_ports_and_further_words_are_errors(directive: str) -> None:
    with pytest.raises(ConfigurationError):
        own_client(directive)


def test_quotes_around_the_port_and_address_of_a_peer_are_fine() -> None:
    parsed = parse('Client { Name = x\n Port = "9102"\n Address = "10.0.0.1"\n }')
    assert (value_of(parsed, "Port"), value_of(parsed, "Address")) == (9102, "10.0.0.1")


def test_a_second_port_is_a_problem_that_says_what_it_comes_to() -> None:
    parsed = own_client("Port = 19510\nPort = 19511")
    assert "now 0.0.0.0 port 19511, :: port 19510" in parsed.messages
    assert [problem.source.line for problem in parsed.problems if problem.source] == [4]


def test_the_blanks_in_an_own_address_vanish_and_that_is_a_problem() -> None:
    parsed = own_client("Address = a junk more")
    assert value_of(parsed, "Address") == (Listen("ajunkmore", None, 4),)
    assert "'ajunkmore'" in parsed.messages


def test_the_source_address_is_apart_from_what_is_listened_on() -> None:
    parsed = own_client("FD Source Address = fd00::9\nAddress = 10.0.0.1")
    assert value_of(parsed, "SourceAddress") == (Listen("fd00::9", None, 6),)
    assert value_of(parsed, "Address") == (Listen("10.0.0.1", None, 4),)


def test_ndmp_ports_are_apart_from_the_storage_daemons_own() -> None:
    text = "Storage { Name = sd\n Port = 9103\n NDMP Port = 10000\n NDMP Address = 10.0.0.2\n }"
    parsed = parse(text, Program.STORAGE_DAEMON)
    assert value_of(parsed, "NdmpAddress") == (Listen("10.0.0.2", 10000, 4),)
    assert value_of(parsed, "Port") == (Listen(ANY4, 9103, 4), Listen(ANY6, 9103, 6))
