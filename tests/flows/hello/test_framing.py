from __future__ import annotations

import pytest
from hello_wire import message

from auditor.flows.hello.framing import TERMINATE, Framed, cut_messages


def test_texts_signals_and_empty_messages_are_told_apart() -> None:
    stream = message(b"text") + message(b"") + b"\xff\xff\xff\xfc"
    assert cut_messages(stream) == Framed((b"text", b"", TERMINATE), b"")


def test_a_message_that_is_not_whole_is_left_over() -> None:
    assert cut_messages(message(b"one") + message(b"two")[:-1]) == Framed(
        (b"one",), message(b"two")[:-1]
    )


@pytest.mark.parametrize("rest", [b"\x00\x0f\x42\x41", b"\x16\x03\x01\x02\x00\x01"])
def test_a_length_that_bareos_refuses_ends_the_messages(rest: bytes) -> None:
    assert cut_messages(message(b"one") + rest) == Framed((b"one",), rest)


def test_only_the_opening_is_cut_into_messages() -> None:
    framed = cut_messages(message(b"") * 100)
    assert len(framed.messages) == 8
    assert len(framed.rest) == 4 * 92
