"""The line on what passed the network and not the tap, and back."""

from __future__ import annotations

import pytest

from auditor.packets.unseen_note import Lack, UnseenNote, unseen_from_comment, unseen_to_comment

NOTES = [
    UnseenNote(((("10.0.0.10", 40001), 1448), (("10.0.0.31", 9102), 0)), 1_800_000_000_000_000_000),
    UnseenNote(
        ((("10.0.0.10", 1), 0), (("10.0.0.31", 9102), 3)), 7, frozenset({Lack.DOUBTED, Lack.TWICE})
    ),
    UnseenNote(((("2001:db8::1", 1), 0), (("::1", 65535), 10**17)), 0),
]


@pytest.mark.parametrize("note", NOTES)
def test_what_is_written_is_read(note: UnseenNote) -> None:
    line = unseen_to_comment(note)
    assert unseen_from_comment(line) == note
    line = line.partition(" is=")[0]
    for text in (line + " ", " " + line, line.replace(":", ";"), line[:-1] + "x", line + "0" * 20):
        assert unseen_from_comment(text) is None


def test_numbers_that_are_none_are_refused() -> None:
    line = unseen_to_comment(NOTES[0])
    assert unseen_from_comment(line.replace(":40001", ":65536")) is None
    assert unseen_from_comment(line.replace("10.0.0.10", "10.0.0.310")) is None
    assert unseen_from_comment(line.replace("time=1", "time=9")) is None


def test_a_mark_that_nobody_knows_says_nothing() -> None:
    line = unseen_to_comment(NOTES[0])
    found = unseen_from_comment(f"{line} is=bound,sly")
    assert found is not None
    assert found.marks == {Lack.BOUND}
    assert unseen_from_comment(f"{line} is=") is None
