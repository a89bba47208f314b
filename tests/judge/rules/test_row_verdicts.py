"""Every row has one verdict: no rule abstains where it would not fail, or passes what it cannot
see."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.judge.rules.findings import judge
from auditor.judge.rules.row_verdicts import row_verdicts
from auditor.judge.rules.rule import Rule, load_configuration_rules, load_rules, read_rule
from auditor.judge.tables.column import Column
from auditor.judge.tables.columns import JUDGED_TABLES
from auditor.judge.tables.table import build

RULE = """\
id: late
title: Something is late
about: {about}
severity: low
confidence: {confidence}
applies: {applies}
fail: {fail}
{more}message: "{{id}} is late"
why: Because.
remedy: Be early.
"""
DOUBT = 'doubt: outcome == "midstream"\nabstain: "{id} may have begun before"\n'
BLIND = "blind: one_sided\n"


def rule(
    folder: Path,
    more: str = "",
    *,
    about: str = "flows",
    applies: str = "numbered",
    fail: str = "syns > 3",
    confidence: str = "certain",
) -> Rule:
    path = folder / "late.yaml"
    path.write_text(
        RULE.format(about=about, applies=applies, fail=fail, more=more, confidence=confidence)
    )
    return read_rule(path)


def flow(**cells: Any) -> dict[str, Any]:
    """A flow that ``rule`` fails, but for these cells."""
    row = {"id": "f1", "numbered": True, "connection": "6", "syns": 9, "confidence": "certain"}
    return {**row, **cells}


def word(of: Rule, row: Mapping[str, Any]) -> str:
    """The one mask that a row is in."""
    masks = row_verdicts(of, build(of.about, [row]))._asdict()
    (found,) = [name for name, mask in masks.items() if mask[0]] or [""]
    return found


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        ({}, "fails"),
        ({"syns": 2}, "passes"),
        ({"syns": None}, "unobserved"),
        ({"numbered": False}, ""),
        ({"outcome": "midstream"}, "doubted"),
        ({"outcome": "midstream", "syns": 2}, "passes"),
        ({"one_sided": True, "syns": 2}, "unobserved"),
        ({"one_sided": True}, "doubted"),
        ({"confidence": "guess"}, "guessed"),
        ({"confidence": "likely"}, "fails"),
        ({"confidence": "guess", "outcome": "midstream"}, "doubted"),
        ({"confidence": "guess", "syns": 2}, "unobserved"),
        ({"login_refused": True, "syns": 2}, "unobserved"),
        ({"hello_contradicts": True, "syns": 2}, "unobserved"),
        ({"hello_contradicts": True}, "fails"),
    ],
)
def test_a_row_has_one_verdict(cells: dict[str, Any], verdict: str, tmp_path: Path) -> None:
    assert word(rule(tmp_path, DOUBT + BLIND), flow(**cells)) == verdict


def message(of: Rule, row: Mapping[str, Any]) -> tuple[str, str]:
    (finding,) = judge({of.about: build(of.about, [row])}, [of]).findings.rows()
    return finding["verdict"], finding["message"]


def test_a_guess_is_called_one_with_its_reason_and_a_doubt_has_its_own_words(
    tmp_path: Path,
) -> None:
    of = rule(tmp_path, DOUBT)
    guess = flow(confidence="guess", match_reason="nothing told which")
    expected = "f1 is late; but that this is connection 6 is only a guess (nothing told which)"
    assert message(of, guess) == ("unknown", expected)
    assert message(of, flow(outcome="midstream")) == ("unknown", "f1 may have begun before")
    assert message(of, flow()) == ("fail", "f1 is late")


def test_of_several_doubts_those_are_told_that_hold(tmp_path: Path) -> None:
    several = (
        'doubt:\n  it began before: outcome == "midstream"\n'
        '  "{capture} shows one direction only": one_sided\n'
    )
    of = rule(tmp_path, several)
    row = {"outcome": "midstream", "capture": "a.pcap"}
    assert message(of, flow(**row)) == ("unknown", "f1 is late, but it began before")
    assert message(of, flow(**row, one_sided=True)) == (
        "unknown",
        "f1 is late, but it began before, and a.pcap shows one direction only",
    )
    assert message(of, flow(capture="a.pcap")) == ("fail", "f1 is late")


def test_there_being_no_number_may_be_a_guess_too(tmp_path: Path) -> None:
    of = rule(tmp_path, applies="not numbered")
    row = flow(confidence="guess", numbered=False, connection="")
    assert message(of, row) == ("unknown", "f1 is late; but that no number fits is only a guess")


@pytest.mark.parametrize("about", ["flows", "expectations"])
def test_a_rule_that_only_guesses_never_fails_a_row(about: str, tmp_path: Path) -> None:
    applies = {"flows": "numbered", "expectations": "heartbeat_known"}[about]
    fail = {"flows": "syns > 3", "expectations": "heartbeat_s == 0"}[about]
    of = rule(tmp_path, about=about, applies=applies, fail=fail, confidence="guess")
    row = {"flows": flow(), "expectations": {"id": "e", "heartbeat_known": True, "heartbeat_s": 0}}
    assert message(of, row[about]) == (
        "unknown",
        {"flows": "f1", "expectations": "e"}[about] + " is late; but that is only a guess",
    )


# ------------------------------------------------------------------ every shipped rule, any row

RULES = (*load_rules(), *load_configuration_rules())


def cells(column: Column) -> st.SearchStrategy[Any]:
    """Any value that a column may hold, those that rules ask for often among them."""
    match column.dtype:
        case "str" if words := column.listed_words():
            return st.sampled_from([*words, *([""] if column.optional else [])])
        case "str":
            return st.sampled_from(["", "x", "R_JOB"])
        case "bool":
            return st.booleans()
        case "Int64" | "time":
            return st.none() | st.integers(0, 9)
        case "Float64":
            return st.none() | st.sampled_from([0.0, 1.5, 2.9, 3.0, 9000.0])
    return st.just([])


def rows(of: Rule) -> st.SearchStrategy[dict[str, Any]]:
    """Any row, whether or not the world has it, in the columns that a rule looks at."""
    conditions = (of.applies, of.fail, of.doubt, of.blind)
    names = set[str]().union(*(one.names for one in conditions if one is not None))
    columns = JUDGED_TABLES[of.about]
    always = {"confidence", "login_refused", "hello_contradicts"} & columns.keys()
    asked = {name: cells(columns[name]) for name in {*names, *always}}
    return st.fixed_dictionaries(asked)


@pytest.mark.parametrize("of", RULES, ids=lambda of: of.id)
@settings(max_examples=20)
@given(data=st.data())
def test_a_shipped_rule_abstains_only_where_it_would_fail_and_passes_only_what_could_have_failed(
    of: Rule, data: st.DataObject
) -> None:
    table = build(of.about, data.draw(st.lists(rows(of), min_size=1, max_size=20)))
    found = row_verdicts(of, table)
    applies, fail = of.applies.mask(table), of.fail.mask(table)
    assert np.array_equal(sum(mask.astype(int) for mask in found), applies.astype(int))
    abstains = found.guessed | found.doubted
    assert not (abstains & ~fail).any()
    assert not ((found.passes | found.unobserved) & fail).any()
    if of.blind is not None:
        blind = of.blind.mask(table)
        assert not (found.passes & blind).any()
        assert not (applies & fail & blind).any(), "it calls blind what it sees to fail"
    for name in {"login_refused", "hello_contradicts"} & table.columns.keys():
        assert not (found.passes & np.array(table.values(name), np.bool_)).any(), name
    if "confidence" in table.columns and not of.any_number:
        guess = np.array([value == "guess" for value in table.values("confidence")])
        assert not ((found.fails | found.passes) & guess).any()


def test_what_is_true_of_any_number_fails_for_a_guessed_one_too(tmp_path: Path) -> None:
    of = rule(tmp_path, "any_number: yes\nlikely: one_sided\n")
    guessed = flow(confidence="guess")
    assert word(of, guessed) == "fails"
    other = flow(one_sided=True, acceptor_daemon="another")
    rows = [guessed, flow(connection="", confidence="guess"), other]
    found = judge({"flows": build("flows", rows)}, [of]).findings
    assert found.values("message") == [
        "f1 is late; that this is connection 6 is only a guess",
        "f1 is late",
        "f1 is late",
    ]
    assert found.values("confidence") == ["certain", "certain", "likely"]
    assert set(found.values("verdict")) == {"fail"}
