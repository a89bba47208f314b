"""Tables × rules → findings, and the count of what passed and of what could not be seen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from auditor.config.problem_kinds import ProblemKind
from auditor.judge.rules.baseline import Baseline
from auditor.judge.rules.crowds import FLOW_ID, crowds, flows_of, tell_of_all
from auditor.judge.rules.gathering import Found, gathered
from auditor.judge.rules.identity import finding_id
from auditor.judge.rules.row_text import RowText
from auditor.judge.rules.row_verdicts import RowVerdicts, row_verdicts
from auditor.judge.rules.rule import Rule
from auditor.judge.rules.waiving import Waiving
from auditor.judge.tables.problems import problem_row
from auditor.judge.tables.table import Row, Table, build
from auditor.judge.verdicts import FOUND, Confidence, Severity, Verdict
from auditor.site.waivers import Waiver

_SUREST_FIRST = [*Confidence]
_TWICE = re.compile(r"(?<!\S)(?P<address>\S+) at (?P=address)(?!\S)")


class Judgement(NamedTuple):
    """All findings of an audit, and per rule how many rows have none."""

    findings: Table
    passed: Mapping[str, int]
    """Rows that are seen to be right."""
    unobserved: Mapping[str, int]
    """Rows of which nobody could see whether they are."""
    failed: frozenset[str] = frozenset()
    """Ids of all flows that a fail is about which no waiver covers; a finding names some."""


def judge(
    tables: Mapping[str, Table],
    rules: Sequence[Rule],
    waivers: Sequence[Waiver] = (),
    today: dt.date | None = None,
    baseline: Baseline | None = None,
    left_out: Collection[str] = (),
    *,
    captured: bool | None = None,
) -> Judgement:
    """Return the findings of every rule on every row of its table.

    A row that would fail but for a doubt or a guess gives a finding with the verdict ``unknown``,
    and one that fails a rule of severity ``info`` a ``note``. A waiver marks the fails and notes
    that it covers, and a ``baseline`` the fails that it has; they hide nothing. A waiver that
    covers nothing is a finding too, where this is all that is found; ``captured``: of captures, or
    (False) of a configuration alone; None: it is not all.

    Of rules that are ``left_out`` there are no findings and no counts; yet a flow that fails one of
    them proves nothing, and is among ``failed``.
    """
    waiving = Waiving(waivers, today or dt.datetime.now(dt.UTC).date())
    found: list[Found] = []
    passed: dict[str, int] = {}
    unobserved: dict[str, int] = {}
    failed: set[str] = set()
    for rule in rules:
        table = tables[rule.about]
        rows = row_verdicts(rule, table)
        if rule.id in left_out:
            failed.update(flows_of(rule.about, table, np.flatnonzero(rows.fails).tolist()))
            continue
        passed[rule.id] = int(rows.passes.sum())
        unobserved[rule.id] = int(rows.unobserved.sum())
        for one in _marked(_of_rule(rule, table, rows, waiving), waiving, baseline):
            found.append(one)
            if one.cells["verdict"] == Verdict.FAIL and not one.cells["waived"]:
                failed.update(flows_of(rule.about, table, one.rows))
    if captured is not None and waivers:
        applied = [rule for rule in rules if rule.id not in left_out]
        late = _unused(tables, applied, waiving, captured=captured)
        found += _marked(late, waiving, baseline)
    rows_of = sorted(gathered(found), key=_order)
    return Judgement(build("findings", rows_of), passed, unobserved, frozenset(failed))


def _marked(found: Iterable[Found], waiving: Waiving, baseline: Baseline | None) -> Iterator[Found]:
    """Yield findings, marked by whatever says that they do not count."""
    known = baseline or Baseline()
    for one in found:
        one.cells["waived"] = waiving.reason(one)
        one.cells["known_since"] = known.since(one.cells)
        yield one


def _unused(
    tables: Mapping[str, Table], rules: Sequence[Rule], waiving: Waiving, *, captured: bool
) -> Iterator[Found]:
    """Yield what is found on waivers that are of no use, now that all else is found."""
    problems = list(tables["problems"].rows()) if captured else None
    wrong = waiving.unused({rule.id for rule in rules}, problems)
    table = build("problems", map(problem_row, wrong))
    for rule in rules:
        if rule.id == ProblemKind.WAIVER_UNUSED:
            yield from _of_rule(rule, table, row_verdicts(rule, table), waiving)


def _of_rule(rule: Rule, table: Table, rows: RowVerdicts, waiving: Waiving) -> Iterator[Found]:
    """Yield what a rule found on the rows of its table: fails, then guesses, then doubts."""
    if not (rows.fails | rows.guessed | rows.doubted).any():
        return
    apart = waiving.tells_ends_apart(rule.id)
    likely = rule.likely.mask(table) if rule.likely is not None else np.zeros_like(rows.fails)
    reasons = [(words, condition.mask(table)) for words, condition in rule.reasons]
    for worded, chosen in ((_fail, rows.fails), (_guess, rows.guessed), (_doubt, rows.doubted)):
        for crowd in crowds(rule, table, np.flatnonzero(chosen).tolist(), waived=apart):
            index = crowd.rows[0]
            row = table.row(index)
            why = [words for words, holds in reasons if holds[index]]
            one = _finding(rule, row, *worded(rule, RowText(row), why))
            one.rows = crowd.rows
            tell_of_all(one.cells, rule.about, table, crowd)
            if likely[index] or (len(crowd.rows) > 1 and likely[list(crowd.rows)].any()):
                sure = one.cells["confidence"]
                one.cells["confidence"] = _less_sure(sure, Confidence.LIKELY)
            yield one


def _order(finding: Mapping[str, Any]) -> tuple[int, int, str]:
    """Fails first, worst first, notes last; within a rule in the order of the table."""
    rank = FOUND.index(finding["verdict"])
    return rank, Severity(finding["severity"]).rank, finding["rule"]


def _fail(rule: Rule, shown: RowText, why: Sequence[str]) -> tuple[Verdict, str]:
    del why
    verdict = Verdict.FAIL if rule.severity.fails else Verdict.NOTE
    message = _message(rule, shown)
    if rule.any_number and shown["confidence"] == Confidence.GUESS and shown["connection"]:
        doubt = f"that this is connection {shown['connection']} is only a guess"
        message = f"{message.removesuffix('.')}; {doubt}"
    return verdict, message


def _doubt(rule: Rule, shown: RowText, why: Sequence[str]) -> tuple[Verdict, str]:
    """The explanations that hold on this very row, or the one sentence for all."""
    if why:
        reasons = ", and ".join(words.format_map(shown) for words in why)
        return Verdict.UNKNOWN, f"{_message(rule, shown)}, but {reasons}"
    return Verdict.UNKNOWN, rule.abstain.format_map(shown) or _message(rule, shown)


def _message(rule: Rule, shown: RowText) -> str:
    """An end that nobody knows is called by its address, which is then told once."""
    return _TWICE.sub(r"\g<address>", rule.message.format_map(shown).strip())


def _guess(rule: Rule, shown: RowText, why: Sequence[str]) -> tuple[Verdict, str]:
    """The engine's own words: no rule has to think of guesses."""
    del why
    message = _message(rule, shown)
    if rule.confidence is Confidence.GUESS or "connection" not in shown:
        return Verdict.UNKNOWN, f"{message}; but that is only a guess"
    number = shown["connection"]
    what = f"this is connection {number}" if number else "no number fits"
    reason = f" ({shown['match_reason']})" if shown["match_reason"] else ""
    return Verdict.UNKNOWN, f"{message}; but that {what} is only a guess{reason}"


def _finding(rule: Rule, row: Row, verdict: Verdict, message: str) -> Found:
    shown = RowText(row)
    flow = str(row[FLOW_ID[rule.about]]) if rule.about in FLOW_ID else ""
    cells = {
        "id": finding_id(rule, row),
        "rule": rule.id,
        "verdict": str(verdict),
        "severity": rule.severity,
        "confidence": _confidence(rule, row),
        "capture": row["name"] if rule.about == "captures" else row.get("capture", ""),
        "flow": flow,
        "flows": [flow] if flow else [],
        "rules": [rule.id],
        "affects": list(_affects(rule.about, row)),
        "expectation": row["id"] if rule.about == "expectations" else row.get("expectation", ""),
        "message": " ".join(message.split()),
        "evidence": [f"{name}={shown[name]}" for name in rule.evidence if shown[name] != ""],
        "sources": list(dict.fromkeys(_sources(rule, row))),
        "remedy": " ".join((_own_remedy(rule, row) or rule.remedy).split()),
    }
    return Found(rule, row, cells, rule.each.format_map(shown))


def _own_remedy(rule: Rule, row: Row) -> str:
    """What to write where on this very row: a problem has it, and so has a cause that was found,
    where the message says so."""
    return str(row.get("cause_remedy" if "{cause}" in rule.message else "remedy") or "")


def _affects(about: str, row: Row) -> Iterator[str]:
    """Yield the connections that a row is about."""
    match about:
        case "problems":
            yield from row["affects"]
        case "flows" if row["connection"]:
            yield f"{row['connection']}:{row['initiator_daemon']}>{row['acceptor_daemon']}"
        case "expectations":
            yield f"{row['connection']}:{row['initiator']}>{row['acceptor']}"


def _confidence(rule: Rule, row: Row) -> str:
    """The less sure of the rule's own limit and the row's confidence."""
    if rule.any_number:
        return str(rule.confidence)
    return _less_sure(rule.confidence, row.get("confidence") or Confidence.CERTAIN)


def _less_sure(*confidences: str) -> str:
    return str(max(map(Confidence, confidences), key=_SUREST_FIRST.index))


def _sources(rule: Rule, row: Row) -> Iterator[str]:
    for name in rule.sources:
        value = row[name]
        yield from (value if isinstance(value, list) else [value] if value else [])
