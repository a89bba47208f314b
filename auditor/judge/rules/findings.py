"""Tables × rules → findings, and the count of what passed and of what could not be seen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from auditor.judge.rules.baseline import Baseline
from auditor.judge.rules.crowds import FLOW_ID, crowds, flows_of, tell_of_all
from auditor.judge.rules.gathering import Found, gathered
from auditor.judge.rules.identity import finding_id
from auditor.judge.rules.row_text import RowText
from auditor.judge.rules.row_verdicts import RowVerdicts, row_verdicts
from auditor.judge.rules.rule import Rule
from auditor.judge.tables.table import Row, Table, build
from auditor.judge.verdicts import FOUND, Confidence, Severity, Verdict
from auditor.site.site_file import Waiver

_WORST_FIRST = [*Severity]
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
) -> Judgement:
    """Return the findings of every rule on every row of its table.

    A row that would fail but for a doubt or a guess gives a finding with the verdict ``unknown``,
    and one that fails a rule of severity ``info`` a ``note``. A waiver marks the fails and notes
    that it covers, and a ``baseline`` the fails that it has; they hide nothing.

    Of rules that are ``left_out`` there are no findings and no counts; yet a flow that fails one of
    them proves nothing, and is among ``failed``.
    """
    known = baseline or Baseline()
    day = today or dt.datetime.now(dt.UTC).date()
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
        reasons = _reasons(rule, waivers, day)
        some_waived = any(waiver.daemon for waiver in waivers if waiver.rule == rule.id)
        for one in _of_rule(rule, table, rows, some_waived):
            one.cells["waived"] = _waiver(one, reasons)
            one.cells["known_since"] = known.since(one.cells)
            found.append(one)
            if one.cells["verdict"] == Verdict.FAIL and not one.cells["waived"]:
                failed.update(flows_of(rule.about, table, one.rows))
    rows_of = sorted(gathered(found), key=_order)
    return Judgement(build("findings", rows_of), passed, unobserved, frozenset(failed))


def _of_rule(rule: Rule, table: Table, rows: RowVerdicts, some_waived: bool) -> Iterator[Found]:
    """Yield what a rule found on the rows of its table: fails, then guesses, then doubts."""
    if not (rows.fails | rows.guessed | rows.doubted).any():
        return
    likely = rule.likely.mask(table) if rule.likely is not None else np.zeros_like(rows.fails)
    reasons = [(words, condition.mask(table)) for words, condition in rule.reasons]
    for worded, chosen in ((_fail, rows.fails), (_guess, rows.guessed), (_doubt, rows.doubted)):
        for crowd in crowds(rule, table, np.flatnonzero(chosen).tolist(), waived=some_waived):
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
    return rank, _WORST_FIRST.index(finding["severity"]), finding["rule"]


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


def _daemons(row: Row) -> Iterator[str]:
    """Names that a waiver may give: with or without the role in front."""
    for key in ("initiator_daemon", "acceptor_daemon", "initiator", "acceptor", "daemon"):
        value = str(row.get(key, ""))
        yield value
        yield value.rpartition(" ")[2]


def _reasons(
    rule: Rule, waivers: Sequence[Waiver], today: dt.date
) -> Mapping[str, tuple[int, str]]:
    """Return rank and reason of the first waiver of a rule by its daemon (empty: any), so that no
    finding is held against all of them."""
    found: dict[str, tuple[int, str]] = {}
    for rank, waiver in enumerate(waivers):
        if waiver.covers(rule.id, (waiver.daemon,), today):
            found.setdefault(waiver.daemon, (rank, waiver.reason))
    return found


def _waiver(one: Found, reasons: Mapping[str, tuple[int, str]]) -> str:
    if not reasons or one.cells["verdict"] == Verdict.UNKNOWN:
        return ""
    fitting = [reasons[name] for name in {"", *_daemons(one.row)} if name in reasons]
    return min(fitting)[1] if fitting else ""
