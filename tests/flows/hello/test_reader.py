from __future__ import annotations

import pytest

from auditor.flows.hello.reader import CutShortError, Reader


def test_numbers_are_big_endian() -> None:
    assert Reader(b"\x01\x02").number(2) == 0x0102


def test_a_vector_follows_its_own_length() -> None:
    fields = Reader(b"\x00\x02ab!")
    assert fields.vector(2) == b"ab"
    assert fields.more()
    assert fields.take(1) == b"!"
    assert not fields.more()


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x03ab", b"\xff\xff"])
def test_a_length_beyond_the_end_is_not_believed(data: bytes) -> None:
    with pytest.raises(CutShortError):
        Reader(data).vector(2)


def test_a_field_that_is_cut_short_takes_nothing() -> None:
    fields = Reader(b"abc")
    with pytest.raises(CutShortError):
        fields.take(4)
    assert fields.take(3) == b"abc"
