"""Hellos that a capture cut."""

from __future__ import annotations

import pytest

from auditor.flows.cut_hello import is_cut
from auditor.flows.flow import Hello, Identity

RECORD = b"\x16\x03\x01\x00\x20" + bytes(32)
MESSAGE = b"\0\0\0\x10Hello Director x"


@pytest.mark.parametrize("message", [RECORD, MESSAGE])
def test_a_first_message_of_which_a_part_is_there_is_cut(message: bytes) -> None:
    for size in range(len(message)):
        assert is_cut(Hello(), message[:size], len(message), 68)
        assert not is_cut(Hello(), message[:size], size, 68)
    for more in (b"", b"more"):
        assert not is_cut(Hello(), message + more, 9000, 68)


@pytest.mark.parametrize("snaplen", [0, 1514, 1600, 4096, 65535, 262144])
def test_a_capture_that_keeps_whole_packets_cuts_none(snaplen: int) -> None:
    assert not is_cut(Hello(), RECORD[:7], 9000, snaplen)
    assert is_cut(Hello(), RECORD[:7], 9000, 1513)


def test_a_name_that_was_seen_is_not_cut_nor_one_of_a_stream_of_unknown_length() -> None:
    assert not is_cut(Hello(identity=Identity("R_CLIENT", "fd1")), RECORD[:7], 9000, 68)
    assert not is_cut(Hello(), b"", None, 68)
