"""JUnit XML, as Jenkins and others show the results of tests: a test case a rule and expectation.

Green is what was proven: a rule that passed on some row and failed and doubted on none, and a
connection of the configuration that was seen for certain. What could not be seen is skipped, with
its reason, and so is a fail that does not count with ``--fail-on``, with all that is told of it;
what would be high and could not be decided, and captures that hold nothing to judge, are errors: a
pipeline that only counts failures must not take them for well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from auditor.judge.proof import sureness
from auditor.judge.verdicts import Confidence, Severity, Verdict
from auditor.report.audits_only import AuditsOnly
from auditor.report.cells import text, texts
from auditor.report.told.groups import Row, counts
from auditor.report.told.verdict import headline
from auditor.report.told.view import View
from auditor.site.connections import connections
from auditor.text import SENTENCE, printable
from auditor.text.times import iso

if TYPE_CHECKING:
    from auditor.result import Audit, Check

#: What XML 1.0 cannot hold, and of which ``printable`` leaves some.
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Findings that one test case tells.
_MOST = 50


class Case(NamedTuple):
    """One test case."""

    suite: str
    name: str
    outcome: str = ""
    """``failure``, ``error`` or ``skipped``; empty: it passed."""
    kind: str = ""
    """The severity of a failure."""
    message: str = ""
    lines: Sequence[str] = ()


class JunitReport(AuditsOnly):
    """The report for whoever shows the results of tests."""

    def audit_parts(self, audit: Audit) -> Iterator[str]:
        """Yield an audit: what could be judged at all, each rule, each expectation."""
        view = View(audit)
        return _document(audit, [_whole(view), *_rules(view), *_expectations(view)])

    def check(self, check: Check) -> str:
        """Return what was found in a configuration alone, in the same form."""
        return self.audit(check)


def _whole(view: View) -> Case:
    """Tell whether there was anything to judge."""
    told, _ = headline(view)
    name = "there is something to judge"
    if view.audit.blind:
        return Case("audit", name, "error", "unknown", told)
    return Case("audit", name)


def _rules(view: View) -> Iterator[Case]:
    found: dict[str, list[Row]] = {rule: [] for rule in view.rules}
    for row in view.findings:
        found[text(row, "rule")].append(row)
    for rule, rows in found.items():
        passed, unseen = view.audit.passed.get(rule, 0), view.audit.unobserved.get(rule, 0)
        yield _rule(rule, rows, passed, unseen, view.audit.basis.fail_on)


def _rule(rule: str, rows: Sequence[Row], passed: int, unseen: int, fail_on: str) -> Case:
    fails = [row for row in rows if row["verdict"] == Verdict.FAIL and counts(row)]
    doubts = [row for row in rows if row["verdict"] == Verdict.UNKNOWN and not row["waived"]]
    grave = any(row["severity"] == Severity.HIGH for row in doubts)
    failed = _failed("rules", rule, fails, fail_on) if fails else None
    if failed and (failed.outcome == "failure" or not grave):
        return failed
    if doubts:
        kind = text(doubts[0], "severity")
        lines = [text(row, "message") for row in doubts]
        words = "could not be decided"
        return Case("rules", rule, "error" if grave else "skipped", kind, words, lines)
    settled = [row for row in rows if row["verdict"] == Verdict.FAIL]
    if settled:
        words = text(settled[0], "waived") or "known from the baseline"
        return Case("rules", rule, "skipped", "waived", words)
    notes = [text(row, "message") for row in rows]
    if notes:
        return Case("rules", rule, "skipped", "info", "good to know", notes)
    hidden = f"{unseen:,} rows could not be observed" if unseen else ""
    if passed:
        told = f"{passed:,} rows passed"
        return Case("rules", rule, lines=[f"{told}; {hidden}" if hidden else told])
    return Case("rules", rule, "skipped", "unseen", hidden or "nothing to judge by it")


def _failed(suite: str, name: str, fails: Sequence[Row], fail_on: str) -> Case:
    """Tell what failed; what is of a lesser severity than counts is no failure."""
    fails = sorted(fails, key=lambda row: not _severity(row).counts(fail_on))
    lines = []
    for row in fails:
        lines.append(text(row, "message"))
        lines += [f"  see {place}" for place in texts(row, "sources")]
        lines += [f"  do: {text(row, 'remedy')}"] if text(row, "remedy") else []
        lines.append(f"  finding {text(row, 'id')}")
    first, severity = text(fails[0], "message"), _severity(fails[0])
    if severity.counts(fail_on):
        return Case(suite, name, "failure", severity, first, lines)
    told = f"does not count with --fail-on {fail_on}: {first}"
    return Case(suite, name, "skipped", severity, told, lines)


def _severity(row: Row) -> Severity:
    return Severity(text(row, "severity"))


def _expectations(view: View) -> Iterator[Case]:
    fails = _fails_by_expectation(view)
    surest = _surest(view)
    for row in view.expectations:
        name = text(row, "id")
        suite = f"connection {text(row, 'connection')}"
        if name in fails:
            yield _failed(suite, name, fails[name], view.audit.basis.fail_on)
        elif surest.get(name) is Confidence.CERTAIN:
            yield Case(suite, name)
        else:
            seen = "nothing was captured" if view.checked else "it was not seen"
            if name in surest or row["exercised"]:
                seen = "that it was seen is not certain"
            reason = text(row, "opportunity_reason")
            words = f"{seen}: {reason}" if reason else seen
            yield Case(suite, name, "skipped", text(row, "permission"), words)


def _fails_by_expectation(view: View) -> Mapping[str, list[Row]]:
    """Return the fails that are about each expectation: they name it, or one of its flows, or the
    connection that it is."""
    same: dict[str, list[str]] = {}
    for row in view.expectations:
        ends = f"{row['connection']}:{row['initiator']}>{row['acceptor']}"
        same.setdefault(ends, []).append(text(row, "id"))
    found: dict[str, list[Row]] = {}
    for row in view.findings:
        if row["verdict"] == Verdict.FAIL and counts(row):
            flows = (view.flow_by_id.get(flow) for flow in texts(row, "flows"))
            named = [text(flow, "expectation") for flow in flows if flow is not None]
            affected = [name for ends in texts(row, "affects") for name in same.get(ends, ())]
            for name in dict.fromkeys(filter(None, (text(row, "expectation"), *named, *affected))):
                found.setdefault(name, []).append(row)
    return found


def _surest(view: View) -> Mapping[str, Confidence]:
    """Return how sure the surest flow of each expectation is that nothing failed."""
    order, found = [*Confidence], dict[str, Confidence]()
    for row in view.audit.tables["flows"].rows():
        if row["expectation"] and row["id"] not in view.failed:
            known = found.get(row["expectation"], Confidence.GUESS)
            found[row["expectation"]] = min(known, sureness(row), key=order.index)
    return found


def _document(audit: Audit, cases: Sequence[Case]) -> Iterator[str]:
    suites: dict[str, list[Case]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="bareos-audit"{_counted(cases)}>\n'
    made = f" timestamp={_quoted(iso(audit.basis.made)[:19])}" if audit.basis.made else ""
    for name, listed in suites.items():
        skipped = sum(case.outcome == "skipped" for case in listed)
        counted = f'{_counted(listed)} skipped="{skipped}"'
        yield f"<testsuite name={_quoted(_title(name))}{counted}{made}>\n"
        for case in listed:
            yield from _case(case)
        yield "</testsuite>\n"
    yield "</testsuites>\n"


def _title(suite: str) -> str:
    number = suite.removeprefix("connection ")
    known = connections().get(number)
    return f"{suite} {known.title}" if known is not None else suite


def _counted(cases: Iterable[Case]) -> str:
    outcomes = [case.outcome for case in cases]
    failures, errors = outcomes.count("failure"), outcomes.count("error")
    return f' tests="{len(outcomes)}" failures="{failures}" errors="{errors}"'


def _case(case: Case) -> Iterator[str]:
    classname = f"bareos-audit.{case.suite.replace(' ', '-')}"
    head = f"<testcase classname={_quoted(classname)} name={_quoted(case.name)}"
    told = [_clean(line) for line in case.lines[:_MOST]]
    if left := len(case.lines[_MOST:]):
        told.append(f"and {left:,} more lines")
    body = escape("\n".join(told))
    if not case.outcome:
        said = f"<system-out>{body}</system-out>" if body else ""
        yield f"{head}>{said}</testcase>\n"
        return
    mark = f"{case.outcome} type={_quoted(case.kind)} message={_quoted(case.message)}"
    yield f"{head}><{mark}>{body}</{case.outcome}></testcase>\n"


def _quoted(words: str) -> str:
    return quoteattr(_clean(words))


def _clean(words: str) -> str:
    return _NO_CHARACTER.sub("", printable(words, SENTENCE))
