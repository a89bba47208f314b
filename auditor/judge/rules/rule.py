"""Rules are data: one YAML file a rule, checked before it judges anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from auditor.errors import RuleError
from auditor.judge.rules.expression import Condition
from auditor.judge.tables.column import Column
from auditor.judge.tables.columns import JUDGED_TABLES
from auditor.judge.verdicts import Confidence, Severity
from auditor.site.connections import rules_directory
from auditor.text.yamlfile import load_yaml

_WORST_FIRST = [*Severity]

#: The table of what reading a configuration finds; no audit of captures has it.
_PROBLEMS = "problems"
#: The folder of the shipped rules that no audit of captures applies, nor reads (docs/adr/0009).
_CONFIGURATION = "configuration"

#: What else lies beside the shipped rules.
_NO_RULES = frozenset({"connections.yaml", "middleboxes.yaml"})

_REQUIRED = ("id", "title", "about", "severity", "applies", "fail", "message", "why", "remedy")
_OPTIONAL = (
    "doubt",
    "blind",
    "likely",
    "any_number",
    "abstain",
    "sources",
    "evidence",
    "confidence",
    "manual",
)
_CONDITIONS = ("applies", "fail", "doubt", "blind", "likely")
#: What to write instead of a key that rules had before.
_UNKNOWN = (
    "'unknown' is no key of a rule any more: write 'doubt' for rows that fail but may have another "
    "explanation, 'blind' for rows on which nothing could be observed, and nothing for guesses, "
    "which never fail"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it judges, when it fails, and its message then."""

    id: str
    title: str
    about: str
    """The table it judges, row by row: flows, probes, expectations, captures or problems."""
    severity: Severity
    applies: Condition
    fail: Condition
    doubt: Condition | None
    """Of the rows that fail, those that are unknown instead."""
    blind: Condition | None
    """Rows on which it could not be observed: they neither pass nor fail."""
    likely: Condition | None
    """Rows of which a finding can be no surer than likely."""
    any_number: bool
    """What it finds is true whatever the connection's number."""
    message: str
    """Template over the columns of the row."""
    abstain: str
    """The same where ``doubt`` holds."""
    sources: tuple[str, ...]
    """Columns that hold the file:line of what the configuration says."""
    evidence: tuple[str, ...]
    """Columns that are quoted with the finding."""
    confidence: Confidence
    """The most that a finding of it can be sure of."""
    why: str
    remedy: str
    manual: str
    """Chapter and section of the Bareos manual."""
    text: Mapping[str, str]
    """The conditions as written, for people; empty: none."""
    file: str


def load_rules(extra: Sequence[str | Path] = ()) -> tuple[Rule, ...]:
    """Return the rules that audits of captures apply, worst severity first: the shipped ones and
    those of further directories.

    A further rule replaces a shipped one of the same id. Raises RuleError.
    """
    rules = {**_shipped(""), **_further(extra)}
    return worst_first(rule for rule in rules.values() if rule.about != _PROBLEMS)


def load_configuration_rules(extra: Sequence[str | Path] = ()) -> tuple[Rule, ...]:
    """Return the other rules, which judge a configuration alone: those of ``rules/configuration``
    and, of further directories, those about its problems. Else as ``load_rules``."""
    further = _further(extra)
    rules = {rule.id: rule for rule in further.values() if rule.about == _PROBLEMS}
    shipped = (rule for rule in _shipped(_CONFIGURATION).values() if rule.id not in further)
    return worst_first((*shipped, *rules.values()))


def configuration_rule_ids(extra: Sequence[str | Path] = ()) -> frozenset[str]:
    """Return the ids of ``load_configuration_rules``; the shipped rules are not read for it."""
    shipped = {path.stem for path in _files(rules_directory() / _CONFIGURATION)}
    further = _further(extra)
    about_problems = {rule.id for rule in further.values() if rule.about == _PROBLEMS}
    return frozenset(shipped - further.keys() | about_problems)


def worst_first(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return rules in the order of their severities, and of their ids within one."""
    return tuple(sorted(rules, key=lambda r: (_WORST_FIRST.index(r.severity), r.id)))


def _further(directories: Sequence[str | Path]) -> Mapping[str, Rule]:
    rules: dict[str, Rule] = {}
    for directory in map(Path, directories):
        if not directory.is_dir():
            raise RuleError("is not a directory of rules", str(directory))
        rules |= _read(directory)
    return rules


@cache
def _shipped(folder: str) -> Mapping[str, Rule]:
    return _read(rules_directory() / folder)


def _read(directory: Path) -> dict[str, Rule]:
    return {rule.id: rule for rule in map(read_rule, _files(directory))}


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob("*.yaml") if path.name not in _NO_RULES)


def read_rule(path: Path) -> Rule:
    """Return one checked rule; raise RuleError naming the file, and the line of the wrong key."""
    data = load_yaml(path)
    if not isinstance(data, Mapping):
        raise RuleError("must be a mapping of keys to values", str(path))
    return _Reader(data, path).rule()


class _Reader:
    """Checks one rule's keys, each error naming the line on which the key stands."""

    def __init__(self, data: Mapping[Any, Any], path: Path) -> None:
        self._data = data
        self._path = path

    def rule(self) -> Rule:
        self._check_keys()
        data, columns = self._data, JUDGED_TABLES[self._data["about"]]
        doubt, blind, likely = (
            self._condition(key, columns) if self._text(key) else None for key in _CONDITIONS[2:]
        )
        return Rule(
            id=data["id"],
            title=self._text("title"),
            about=data["about"],
            severity=Severity(data["severity"]),
            applies=self._condition("applies", columns),
            fail=self._condition("fail", columns),
            doubt=doubt,
            blind=blind,
            likely=likely,
            any_number=self._flag("any_number"),
            message=self._template("message", columns),
            abstain=self._template("abstain", columns),
            sources=self._columns("sources", columns),
            evidence=self._columns("evidence", columns),
            confidence=Confidence(data.get("confidence", "certain")),
            why=self._text("why"),
            remedy=self._text("remedy"),
            manual=self._text("manual"),
            text={key: self._text(key) for key in _CONDITIONS},
            file=str(self._path),
        )

    def _wrong(self, key: str, message: str) -> RuleError:
        lines = self._path.read_text(encoding="utf-8").splitlines()
        found = (number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:"))
        return RuleError(message, str(self._path), next(found, 0))

    def _check_keys(self) -> None:
        data = self._data
        for key in _REQUIRED:
            if not data.get(key):
                raise self._wrong(key, f"the key {key!r} is missing or empty")
        if "unknown" in data:
            raise self._wrong("unknown", _UNKNOWN)
        for key in map(str, data):
            if key not in _REQUIRED and key not in _OPTIONAL:
                raise self._wrong(key, f"the key {key!r} is not one of a rule's")
        if bool(self._text("doubt")) != bool(self._text("abstain")):
            lacking, given = ("abstain", "doubt") if self._text("doubt") else ("doubt", "abstain")
            raise self._wrong(
                given, f"{given} needs {lacking} beside it: a doubt has its own words"
            )
        choices = {
            "id": {self._path.stem},
            "about": JUDGED_TABLES.keys(),
            "severity": [*Severity],
            "confidence": [*Confidence],
        }
        for key, allowed in choices.items():
            value = self._text(key)
            if value and value not in allowed:
                listed = ", ".join(sorted(allowed))
                raise self._wrong(key, f"{key} is {value[:80]!r}, and must be one of: {listed}")

    def _text(self, key: str) -> str:
        if not isinstance(value := self._data.get(key, ""), str):
            raise self._wrong(key, f"{key} must be text")
        return value.strip()

    def _flag(self, key: str) -> bool:
        if (value := self._data.get(key, False)) not in (True, False):
            raise self._wrong(key, f"{key} must be yes or no")
        return bool(value)

    def _condition(self, key: str, columns: Mapping[str, Column]) -> Condition:
        try:
            return Condition(self._text(key), columns)
        except ValueError as error:
            raise self._wrong(key, f"{key}: {error}") from None

    def _template(self, key: str, columns: Mapping[str, Column]) -> str:
        text = self._text(key)
        try:
            fields = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
        except ValueError as error:
            raise self._wrong(key, f"{key}: {error}") from None
        for name, spec, conversion in fields:
            if spec or conversion or name not in columns:
                raise self._wrong(key, f"{key}: no column is called {name!r}")
        return text

    def _columns(self, key: str, columns: Mapping[str, Column]) -> tuple[str, ...]:
        listed = self._data.get(key) or []
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            raise self._wrong(key, f"{key} must be a list of columns")
        for name in listed:
            if name not in columns:
                raise self._wrong(key, f"{key}: no column is called {name!r}")
        return tuple(listed)
