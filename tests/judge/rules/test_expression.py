"""The language of conditions: what it has, what it refuses, and that pandas agrees with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutation import audit_recording

from auditor.judge.rules.expression import Condition
from auditor.judge.rules.rule import load_rules
from auditor.judge.tables.column import Column
from auditor.judge.tables.columns import FLOWS, TABLES
from auditor.judge.tables.table import Table, build

COLUMNS = {
    "name": Column("str", "a text"),
    "count": Column("Int64", "a whole number"),
    "size": Column("Float64", "a real number"),
    "good": Column("bool", "a flag"),
    "first": Column("time", "a time"),
    "last": Column("time", "another"),
    "places": Column("list", "a list"),
    "word": Column("str", "one of two", ("up", "down")),
    "may": Column("str", "one of two, or none", ("up", "down"), optional=True),
}


def table() -> Table:
    rows = [
        {"name": "a", "count": 1, "size": 0.5, "good": True, "first": 1},
        {"name": "b", "count": 2, "first": 2, "last": 2},
        {"size": 4.0, "last": 1},
    ]
    return Table(COLUMNS, rows)


def rows(text: str) -> list[bool]:
    return Condition(text, COLUMNS).mask(table()).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("good", [True, False, False]),
        ("not good", [False, True, True]),
        ('name == "a"', [True, False, False]),
        ('name != "a" and not good', [False, True, True]),
        ('name in ["a", "b"]', [True, True, False]),
        ('name not in ["a"]', [False, True, True]),
        ("count in [2, 3]", [False, True, False]),
        ("count > 1 or good", [True, True, False]),
        ("1 <= count < 2", [True, False, False]),
        ("count * 2 + 1 == 5", [False, True, False]),
        ("size / count >= 0.5", [True, False, False]),
        ("-count < -1", [False, True, False]),
        ("count - size > 0", [True, False, False]),
        ("first < last", [False, False, False]),
        ("first <= last", [False, True, False]),
        ("good == True", [True, False, False]),
        ("count / 0 > 1", [True, True, False]),
        ("count * 9007199254740992 * 9007199254740992 > 0", [True, True, False]),
    ],
)
def test_a_condition_chooses_rows(text: str, expected: list[bool]) -> None:
    assert rows(text) == expected


def test_whole_numbers_do_not_overflow() -> None:
    """Unlike those of pandas, which ``DataFrame.query`` multiplies as they are."""
    large = Table(COLUMNS, [{"count": 1 << 40}, {"count": -(1 << 40)}])
    assert Condition("count * count > 0", COLUMNS).mask(large).tolist() == [True, True]


@pytest.mark.parametrize("text", ["size > 1", "not size > 1", "size == size"])
def test_a_missing_value_fulfils_nothing(text: str) -> None:
    assert rows(text)[1] is False


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not an expression"),
        ("name ==", "not an expression"),
        ("good; good", "not an expression"),
        ("x = 1", "not an expression"),
        ("import os", "not an expression"),
        ("size > 0\x00", "not an expression"),
        ("wrong > 1", "no column is called 'wrong'"),
        ('__import__("os")', "Call is not allowed"),
        ("name.upper()", "Call is not allowed"),
        ("name.__class__", "Attribute is not allowed"),
        ("count[0] > 1", "Subscript is not allowed"),
        ("[n for n in name]", "ListComp is not allowed"),
        ("(lambda: good)()", "Call is not allowed"),
        ("lambda: good", "Lambda is not allowed"),
        ("good if good else good", "IfExp is not allowed"),
        ("(x := good)", "NamedExpr is not allowed"),
        ("f'{name}' == 'a'", "JoinedStr is not allowed"),
        ("{'a': 1}", "Dict is not allowed"),
        ("(1, 2) == count", "Tuple is not allowed"),
        ("count ** 9 > 1", "Pow is not allowed"),
        ("count % 2 == 1", "Mod is not allowed"),
        ("count // 2 == 1", "FloorDiv is not allowed"),
        ("count << 40 > 1", "LShift is not allowed"),
        ("count & 1 == 1", "BitAnd is not allowed"),
        ("~good", "UnaryOp is not allowed"),
        ("+count > 1", "UnaryOp is not allowed"),
        ("name is 'a'", "Is is not allowed"),
        ("name == b'a'", "bytes is not allowed"),
        ("name == None", "NoneType is not allowed"),
        ("name == ...", "ellipsis is not allowed"),
        ("count == 1j", "complex is not allowed"),
        ("await good", "Await is not allowed"),
    ],
)
def test_what_is_no_part_of_the_language_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refused:
        Condition(text, COLUMNS)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("count", "'count' is no condition but a number"),
        ("name", "'name' is no condition but text"),
        ("True", "True is no condition"),
        ("good and count", "'count' is no condition but a number"),
        ("good and True", "True is no condition"),
        ("not name", "'name' is no condition but text"),
        ('count == "1"', "'count' is a number, but '1' is text"),
        ("name == 1", "'name' is text, but 1 is a number"),
        ("good == 1", "'good' is yes or no, but 1 is a number"),
        ('name > "a"', "'name' is text, which has no order"),
        ("good > good", "'good' is yes or no, which has no order"),
        ("first == 1", "'first' is a time, but 1 is a number"),
        ("1 == 1", "compares no column"),
        ('name in "abc"', "'in' needs a list"),
        ("name in name", "'in' needs a list"),
        ("name in []", "'in' needs a list"),
        ("count in [1, 'a']", "'a' in the list is not a number"),
        ("count in [count]", "'count' in the list is not a number"),
        ("1 in [1, 2]", "'in' needs one column before it"),
        ("count in [1] in [2]", "'in' needs one column before it"),
        ("places == 1", "'places' is a list"),
        ("name + name == 'aa'", "'name' is text, and no number to reckon with"),
        ("-name == 'a'", "'name' is text, and no number to reckon with"),
        ("good * 2 == 2", "'good' is yes or no, and no number to reckon with"),
        ("[1] == count", "List is not allowed"),
    ],
)
def test_what_does_not_fit_together_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refused:
        Condition(text, COLUMNS)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ['word == "up"', '"up" != word', 'word in ["up", "down"]', 'may == ""', 'may in ["", "up"]',
     'may not in [""]', "word == may", 'word == name', 'name == "upp"'],
)  # fmt: skip
def test_a_column_may_be_compared_with_its_words(text: str) -> None:
    Condition(text, COLUMNS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('word == "upp"', "'word' is never 'upp', it is one of: up, down"),
        ('word != "Up"', "'word' is never 'Up'"),
        ('"upp" == word', "'word' is never 'upp'"),
        ('name == word == "upp"', "'word' is never 'upp'"),
        ('word in ["up", "upp"]', "'word' is never 'upp'"),
        ('not (good and word not in ["upp"])', "'word' is never 'upp'"),
        ('may == "upp"', "'may' is never 'upp', it is one of: up, down or \"\""),
    ],
)
def test_a_word_that_a_column_never_holds_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refused:
        Condition(text, COLUMNS)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        '"a" * 1000000000 == name',
        "name * 1000000000 == 'a'",
        "9**9**9 == count",
        "9 * 9 * 9 == count",
        "count == 99999999999999999999999999999999",
        "count == 1e999",
        "count == " + "9" * 1900,
        "count > 1 / 0",
        "not " * 450 + "good",
        "-" * 1900 + "count > 1",
        "(" * 900 + "good" + ")" * 900,
        "[" * 900 + "]" * 900,
        "good and " * 400,
        "good" + " or good" * 1000,
        "count > " + "(1 + count " * 150,
        "count" + " + count" * 200 + " > 1",
    ],
)
def test_a_condition_that_would_use_up_the_machine_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]{1,200}$"):
        Condition(text, COLUMNS)


@given(st.text(max_size=200))
def test_any_text_is_a_condition_or_refused_in_words(text: str) -> None:
    try:
        condition = Condition(text, COLUMNS)
    except ValueError as error:
        assert str(error)
    else:
        assert len(condition.mask(table())) == 3


_WORDS = st.sampled_from(
    [*COLUMNS, "1", "0.5", '"a"', "==", "<", "in", "[1]", "and", "or", "not", "+", "/", "(", ")"]
)


@given(st.lists(_WORDS, max_size=12).map(" ".join))
def test_whatever_is_accepted_can_be_evaluated(text: str) -> None:
    try:
        condition = Condition(text, COLUMNS)
    except ValueError:
        return
    assert condition.mask(table()).dtype == bool


RECORDINGS = [
    ("modes", ""),
    ("heartbeat", ""),
    ("cleartext", ""),
    ("trouble", ""),
    ("lan-nat-active", "wan"),
    ("lan-nat-active", "lan"),
]


@pytest.mark.parametrize(("recording", "tap"), RECORDINGS)
def test_pandas_query_chooses_the_same_rows_for_every_shipped_condition(
    recording: str, tap: str
) -> None:
    audit = audit_recording(recording, tap)
    for rule in load_rules():
        if rule.about not in audit.tables:
            continue
        rows, table = getattr(audit, rule.about), audit.tables[rule.about]
        texts = {key: text for key, text in rule.text.items() if text}
        for key, text in texts.items():
            chosen = rows[getattr(rule, key).mask(table)]
            assert chosen.index.equals(rows.query(text).index), (rule.id, key)


@pytest.mark.parametrize("name", TABLES)
def test_every_condition_works_on_a_table_without_rows(name: str) -> None:
    empty = build(name, [])
    for rule in load_rules():
        if rule.about == name:
            assert rule.fail.mask(empty).tolist() == []


def test_a_condition_sees_all_columns_of_its_table() -> None:
    usable = [name for name, column in FLOWS.items() if column.dtype != "list"]
    text = " and ".join(f"{name} == {name}" for name in usable[:20])
    assert Condition(text, FLOWS).mask(build("flows", [])).tolist() == []
