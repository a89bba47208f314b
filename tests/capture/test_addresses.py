"""This host's own addresses, from the kernel of a namespace made for the test."""

from __future__ import annotations

import socket
import struct
import subprocess

import pytest
from capture_stage import namespace

from auditor.capture import addresses as module
from auditor.capture.addresses import addresses_in, own_addresses

LOCAL, ADDRESS, LABEL = 2, 1, 3


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, timeout=10)


def test_they_are_those_of_the_namespaces_interfaces_without_loopback() -> None:
    with namespace():
        before = own_addresses()
        ip("addr", "add", "192.0.2.7/24", "dev", "bas0")
        ip("addr", "add", "2001:db8::7/64", "dev", "bas1", "nodad")
        ip("addr", "add", "192.0.2.8", "peer", "192.0.2.9", "dev", "bas1")
        ip("addr", "add", "127.0.0.7/8", "dev", "lo")
        assert own_addresses() - before == {"192.0.2.7", "2001:db8::7", "192.0.2.8"}


def test_more_than_one_answer_can_hold() -> None:
    wanted = {f"10.7.{number // 250}.{number % 250 + 1}" for number in range(997)}
    with namespace():
        lines = "".join(f"addr add {one}/32 dev bas0\n" for one in wanted)
        subprocess.run(["ip", "-batch", "-"], input=lines, text=True, check=True, timeout=30)
        assert wanted <= own_addresses()


def test_where_the_kernel_cannot_be_asked_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> socket.socket:
        raise PermissionError

    monkeypatch.setattr(module.socket, "socket", refused)
    assert own_addresses() == frozenset()


def attribute(kind: int, value: bytes) -> bytes:
    whole = struct.pack("=HH", 4 + len(value), kind) + value
    return whole + bytes(-len(whole) % 4)


def body(*attributes: bytes) -> bytes:
    return bytes(8) + b"".join(attributes)


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ([attribute(ADDRESS, bytes([10, 0, 0, 1]))], ["10.0.0.1"]),
        ([attribute(ADDRESS, bytes(15) + b"\1")], ["::1"]),
        (
            [attribute(ADDRESS, bytes([10, 0, 0, 2])), attribute(LOCAL, bytes([10, 0, 0, 1]))],
            ["10.0.0.1"],  # the far end of a point-to-point link is IFA_ADDRESS
        ),
        ([attribute(LABEL, b"eth0\0"), attribute(LOCAL, bytes([10, 0, 0, 1]))], ["10.0.0.1"]),
        ([attribute(ADDRESS, b"123")], []),
        ([b"\x02\x00\x01\x00"], []),
        ([b"\xff\x00\x01\x00"], []),
        ([], []),
    ],
)
def test_of_one_message_the_address_on_this_side_counts(
    attributes: list[bytes], found: list[str]
) -> None:
    assert addresses_in(body(*attributes)) == found
