"""SARIF 2.1.0 (OASIS): findings at the lines of the configuration, for code scanning.

A fail is a result of kind ``fail`` and of the level that goes with its severity; what could not be
decided is a ``review``, a note is ``informational``, and both have the level ``none``, as the
standard demands. Files are named relative to the path given as configuration, so that they are the
same in every checkout; the id of a finding is its fingerprint. A waiver is a suppression with its
reason, and what a baseline had is ``unchanged``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from auditor.judge.rules.manual import manual_url
from auditor.judge.verdicts import Confidence, Severity, Verdict
from auditor.report.audits_only import AuditsOnly
from auditor.report.cells import Value, iter_records, text, texts
from auditor.report.told.view import View
from auditor.text import SENTENCE, printable
from auditor.text.times import iso
from auditor.version import __version__

if TYPE_CHECKING:
    from auditor.judge.rules.rule_text import RuleText
    from auditor.result import Audit, Check

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_DRIVER = {
    "name": "bareos-audit",
    "version": __version__,
    "informationUri": "https://docs.bareos.org/TasksAndConcepts/NetworkSetup.html",
}
#: The key of a finding's id among its fingerprints, with the version of what it is made of.
FINGERPRINT = "bareosAuditFinding/v1"
_LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_KINDS = {Verdict.FAIL: "fail", Verdict.UNKNOWN: "review", Verdict.NOTE: "informational"}
#: What code scanning orders alerts by: a number like a CVSS score.
_SCORES = {Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "3.0", Severity.INFO: "0.0"}
_PRECISION = {Confidence.CERTAIN: "very-high", Confidence.LIKELY: "high", Confidence.GUESS: "low"}
#: Places of one result, beside the first.
_MOST_PLACES = 20


class SarifReport(AuditsOnly):
    """The report for code scanning."""

    def audit_parts(self, audit: Audit) -> Iterator[str]:
        """Yield an audit as one SARIF log with one run, a result a line."""
        view, places = View(audit), _Places(audit.basis.configuration)
        index = {rule.id: position for position, rule in enumerate(audit.rules)}
        run = {
            "invocations": [_invocation(audit)],
            "originalUriBaseIds": places.bases,
            "columnKind": "unicodeCodePoints",
            "properties": {"summary": audit.summary()},
        }
        members = ",\n".join(f'"{key}": {_json(value)}' for key, value in run.items())
        rules = ",\n".join(_json(_rule(rule)) for rule in audit.rules)
        yield (
            f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{"tool": {{"driver": '
            f'{_json(_DRIVER)[:-1]}, "rules": [\n{rules}\n]}}}},\n{members},\n"results": ['
        )
        before = "\n"
        for row in iter_records(audit.tables["findings"]):
            yield f"{before}{_json(_result(row, index, places, view))}"
            before = ",\n"
        yield "\n]}]}\n"

    def check(self, check: Check) -> str:
        """Return what was found in a configuration alone, in the same form."""
        return self.audit(check)


def _json(value: object) -> str:
    return json.dumps(value, allow_nan=False)


def _rule(rule: RuleText) -> dict[str, Any]:
    manual = f" Bareos manual: {rule.manual}." if rule.manual else ""
    page = manual_url(rule.manual)
    return {
        "id": rule.id,
        "shortDescription": _message(rule.title),
        "fullDescription": _message(rule.why or rule.title),
        "help": _message(f"{rule.why} What to do: {rule.remedy}{manual}"),
        **({"helpUri": page} if page else {}),
        "defaultConfiguration": {"level": _LEVELS.get(rule.severity, "none")},
        "properties": {
            "security-severity": _SCORES[rule.severity],
            "tags": ["security", f"about-{rule.about}"],
        },
    }


def _invocation(audit: Audit) -> dict[str, Any]:
    notes = [*audit.statements, *audit.problems]
    told: dict[str, Any] = {"executionSuccessful": True}
    if audit.basis.made is not None:
        told["endTimeUtc"] = f"{iso(audit.basis.made)[:23]}Z"
    told["toolExecutionNotifications"] = [
        {"level": "note", "message": _message(sentence)} for sentence in notes
    ]
    return told


def _message(sentence: str) -> dict[str, str]:
    """Return a message: braces stand for placeholders in it, and ``[a](b)`` would be a link."""
    shown = printable(" ".join(sentence.split()) or "-", SENTENCE)
    shown = shown.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {"text": shown.replace("{", "{{").replace("}", "}}")}


def _result(
    row: Mapping[str, Value], index: Mapping[str, int], places: _Places, view: View
) -> dict[str, Any]:
    audit = view.audit
    verdict, severity = Verdict(text(row, "verdict")), Severity(text(row, "severity"))
    remedy = text(row, "remedy")
    failed = verdict is Verdict.FAIL
    result: dict[str, Any] = {
        "ruleId": row["rule"],
        "ruleIndex": index[text(row, "rule")],
        "kind": _KINDS[verdict],
        "level": _LEVELS[severity] if failed else "none",
        "message": _message(text(row, "message") + (f". What to do: {remedy}" if remedy else "")),
        "partialFingerprints": {FINGERPRINT: row["id"]},
        "locations": [],
        "properties": {
            "severity": row["severity"],
            "precision": _PRECISION[Confidence(text(row, "confidence"))],
            "confidence": row["confidence"],
            "flows": row["flows"],
            "frames": _frames(row, view),
            "evidence": row["evidence"],
            "affects": row["affects"],
        },
    }
    found = [places.location(one) for one in texts(row, "sources")[: _MOST_PLACES + 1]]
    # Code scanning takes no result without a place: what no line shows, the capture does.
    given = (
        text(row, "capture"),
        *audit.basis.configuration,
        *audit.tables["captures"].values("name"),
    )
    found = found or [places.location(one) for one in given if one][:1]
    result["locations"], others = found[:1], found[1:]
    if others:
        result["relatedLocations"] = [{"id": at, **one} for at, one in enumerate(others, 1)]
    if row["waived"]:
        reason = printable(text(row, "waived"), SENTENCE)
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": reason}
        ]
    if failed and audit.basis.baseline_made is not None:
        result["baselineState"] = "unchanged" if row["known_since"] else "new"
    return result


def _frames(row: Mapping[str, Value], view: View) -> list[str]:
    """Return where in which capture each connection of a finding is."""
    named = ((one, view.flow_by_id.get(one)) for one in texts(row, "flows")[:_MOST_PLACES])
    spans = {one: view.frames.span(flow, whole=True) for one, flow in named if flow is not None}
    return [f"{one}: {span}" for one, span in spans.items() if span]


class _Places:
    """Files as seen from the paths that were given as configuration."""

    def __init__(self, given: Sequence[str]) -> None:
        shown = (PurePosixPath(printable(one, 4096)) for one in given)  # as findings have them
        self._roots = {f"CONFIG{at or ''}": one for at, one in enumerate(shown)}

    @property
    def bases(self) -> dict[str, Any]:
        """Where each of them is; what is relative lies below the folder that we were called in,
        which whoever reads the report knows."""
        found: dict[str, Any] = {}
        for name, root in self._roots.items():
            uri = f"{_uri(root)}/"
            inside = {} if root.is_absolute() else {"uriBaseId": "SRCROOT"}
            found[name] = {"uri": uri if root.parts else "./", **inside}
        if any(not root.is_absolute() for root in self._roots.values()):
            found["SRCROOT"] = {"description": {"text": "the folder of the call"}}
        return found

    def location(self, place: str) -> dict[str, Any]:
        """Return the location of a ``file:line``, or of a file."""
        name, _, line = place.rpartition(":")
        known = bool(name) and line.isascii() and line.isdigit()
        path = PurePosixPath(name if known else place)
        physical: dict[str, Any] = {"artifactLocation": self._artifact(path)}
        if known and int(line[:9]) > 0:
            physical["region"] = {"startLine": int(line[:9])}
        return {"physicalLocation": physical}

    def _artifact(self, path: PurePosixPath) -> dict[str, str]:
        for base, root in self._roots.items():
            if path == root:
                return {"uri": _uri(PurePosixPath(path.name)) or ".", "uriBaseId": base}
            if path.is_relative_to(root):
                return {"uri": _uri(path.relative_to(root)), "uriBaseId": base}
        return {"uri": _uri(path) or "."}


def _uri(path: PurePosixPath) -> str:
    shown = quote(printable(str(path), 4096), safe="/")
    return f"file://{shown}" if path.is_absolute() else shown
