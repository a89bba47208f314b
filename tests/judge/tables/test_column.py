from enum import StrEnum

import pytest

from auditor.judge.tables.column import Column


class Word(StrEnum):
    LAST = "z"
    NONE = ""
    FIRST = "a"


@pytest.mark.parametrize(
    ("words", "listed"),
    [((), []), (Word, ["z", "a"]), (("b", "", "a"), ["b", "a"]), ({"1": 0, "5a": 0}, ["1", "5a"])],
)
def test_the_words_of_a_column_keep_their_order_without_the_empty_one(words, listed) -> None:
    found = Column("str", "a word", words).listed_words()
    assert found == listed
    assert {type(word) for word in found} <= {str}
