"""Any condition on any table chooses the rows that ``DataFrame.query`` chooses with its text."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.judge.rules.expression import Condition
from auditor.judge.tables.column import Column
from auditor.judge.tables.frames import frame
from auditor.judge.tables.table import Table

COLUMNS = {
    "name": Column("str", "a text"),
    "other": Column("str", "another"),
    "count": Column("Int64", "a whole number"),
    "most": Column("Int64", "another"),
    "size": Column("Float64", "a real number"),
    "good": Column("bool", "a flag"),
    "late": Column("bool", "another"),
    "first": Column("time", "a time"),
    "last": Column("time", "another"),
}

# Few and small values, so that rows agree often and pandas' whole numbers do not overflow.
_TEXT = st.sampled_from(["", "a", "b"])
_WHOLE = st.integers(-2, 2)
_REAL = st.sampled_from([-1.5, -1.0, 0.0, 0.5, 1.0, 2.0, float("inf")])
_TIME = st.integers(-1, 2)
_ROW = st.fixed_dictionaries(
    {},
    optional={
        "name": _TEXT,
        "other": _TEXT,
        "count": _WHOLE,
        "most": _WHOLE,
        "size": _REAL,
        "good": st.booleans(),
        "late": st.booleans(),
        "first": _TIME,
        "last": _TIME,
    },
)

_EQUALITY = st.sampled_from(["==", "!="])
_ANY = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
_NUMBER_CONSTANT = st.sampled_from(["0", "1", "2", "0.5", "1.0", "-1"])
_NUMBER_COLUMN = st.sampled_from(["count", "most", "size"])


def _reckoned(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sides = st.tuples(part, st.sampled_from("+-*/"), part | _NUMBER_CONSTANT)
    return sides.map(lambda s: f"({s[0]} {s[1]} {s[2]})") | part.map(lambda p: f"(-{p})")


_NUMBER = st.recursive(_NUMBER_COLUMN, _reckoned, max_leaves=4)
_COMPARED = st.tuples(_NUMBER, _ANY, _NUMBER | _NUMBER_CONSTANT).map(" ".join)
_CHAINED = st.tuples(_NUMBER_CONSTANT, _ANY, _NUMBER, _ANY, _NUMBER | _NUMBER_CONSTANT).map(
    " ".join
)
_TEXTS = st.tuples(
    st.sampled_from(["name", "other"]),
    _EQUALITY,
    st.sampled_from(["name", "other", '""', '"a"', '"b"', '"c"']),
).map(" ".join)
_TIMES = st.tuples(
    st.sampled_from(["first", "last"]), _ANY, st.sampled_from(["first", "last"])
).map(" ".join)
_IN = st.sampled_from(["in", "not in"])
_LISTED = st.tuples(_NUMBER, _IN, st.sampled_from(["[1]", "[0, 2]", "[0.5, 1]", "[1.0]"])).map(
    " ".join
) | st.tuples(
    st.sampled_from(["name", "other"]), _IN, st.sampled_from(['["a"]', '["", "b"]', '["c"]'])
).map(" ".join)
_FLAG = st.sampled_from(["good", "late"])
_LEAF = _COMPARED | _CHAINED | _TEXTS | _TIMES | _LISTED | _FLAG


def _joined(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    both = st.tuples(part, st.sampled_from(["and", "or", "==", "!="]), part)
    listed = st.tuples(part, _IN)
    return (
        both.map(lambda s: f"({s[0]}) {s[1]} ({s[2]})")
        | part.map(lambda p: f"not ({p})")
        | st.tuples(part, _EQUALITY).map(lambda s: f"({s[0]}) {s[1]} True")
        | listed.map(lambda s: f"({s[0]}) {s[1]} [True]")
    )


_CONDITION = st.recursive(_LEAF, _joined, max_leaves=5)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@example([{"good": False}], "not (good or count > 1)")
@example([{"good": True}, {"good": False}], "not (good and count > 1)")
@example([{"good": True}, {"good": False}], "not (count > 1 or good)")
@example([{"count": 0, "most": 0}], "not (count / most == 1)")
@example([{"count": 0, "most": 0}], "count / most != 1")
@example([{"first": 1}], "not (first == last)")
@given(st.lists(_ROW, min_size=1, max_size=6), _CONDITION)
def test_pandas_query_chooses_the_same_rows(rows: list[dict[str, object]], text: str) -> None:
    table = Table(COLUMNS, rows)
    mask = Condition(text, COLUMNS).mask(table).tolist()
    chosen = [index for index, fulfilled in enumerate(mask) if fulfilled]
    assert chosen == frame(table).query(text).index.tolist()
