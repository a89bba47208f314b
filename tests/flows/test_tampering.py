"""Facts of tampering in words."""

from __future__ import annotations

import pytest

from auditor.flows.tampering import COPIES_DIFFER, WORDS, Tampering, frames_of, in_words


@pytest.mark.parametrize(
    ("frame", "other", "said"),
    [(7, 5, "(frames 5 and 7)"), (5, 7, "(frames 5 and 7)"), (7, 0, "(frame 7)")],
)
def test_a_fact_names_its_frames_in_order(frame: int, other: int, said: str) -> None:
    fact = Tampering(COPIES_DIFFER, frame, other, 1)
    assert str(fact) == f"{WORDS[COPIES_DIFFER]} {said}"
    assert fact.numbers == sorted({frame, other} - {0})


def test_every_kind_has_words_that_are_a_clause() -> None:
    assert all(words[0].islower() and words[-1] not in ".;" for words in WORDS.values())


def test_facts_of_a_flow_are_told_once_with_all_their_frames() -> None:
    one, other = Tampering(COPIES_DIFFER, 7, 5, 1), Tampering(COPIES_DIFFER, 9, 5, 2)
    assert in_words([one, one, other]) == f"{one}; {other}"
    assert frames_of([other, one, one]) == [5, 7, 9]
    assert (in_words([]), frames_of([])) == ("", [])
