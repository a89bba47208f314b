"""Rules are data: one YAML file a rule, checked before it judges anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from auditor.errors import RuleError
from auditor.judge.columns import TABLES
from auditor.judge.expression import Condition
from auditor.judge.match import Confidence
from auditor.rulebook import load_yaml, rules_directory

#: From worst to best; ``info`` never fails an audit.
SEVERITIES = ("high", "medium", "low", "info")

_REQUIRED = ("id", "title", "about", "severity", "applies", "fail", "message", "why", "remedy")
_OPTIONAL = ("unknown", "abstain", "sources", "evidence", "confidence", "manual")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it judges, when it fails, and what it says then."""

    id: str
    title: str
    about: str
    """The table it judges, row by row: flows, probes, expectations or captures."""
    severity: str
    applies: Condition
    fail: Condition
    unknown: Condition | None
    """Rows for which it abstains, whatever ``fail`` says."""
    message: str
    """Template over the columns of the row."""
    abstain: str
    """The same for rows on which it abstains; empty: ``message`` after "cannot tell whether"."""
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
    """The conditions as written, for people: applies, fail, unknown."""
    file: str


def load_rules(extra: Sequence[str | Path] = ()) -> tuple[Rule, ...]:
    """Return the shipped rules and those of further directories, sorted by severity and id.

    A further rule replaces a shipped one of the same id. Raises RuleError.
    """
    rules: dict[str, Rule] = {}
    for directory in (rules_directory(), *map(Path, extra)):
        if not directory.is_dir():
            raise RuleError("is not a directory of rules", str(directory))
        for path in sorted(directory.glob("*.yaml")):
            if path.name != "connections.yaml":
                rule = read_rule(path)
                rules[rule.id] = rule
    return tuple(sorted(rules.values(), key=lambda r: (SEVERITIES.index(r.severity), r.id)))


def read_rule(path: Path) -> Rule:
    """Return one checked rule; raise RuleError naming the file."""
    data = load_yaml(path)
    if not isinstance(data, Mapping):
        raise RuleError("must be a mapping of keys to values", str(path))
    try:
        return _rule(data, path)
    except ValueError as error:
        raise RuleError(str(error), str(path)) from None


def _rule(data: Mapping[str, Any], path: Path) -> Rule:
    _check_keys(data, path)
    columns = TABLES[data["about"]]
    texts = {key: str(data.get(key) or "") for key in ("message", "abstain")}
    for text in texts.values():
        _check_template(text, columns)
    listed = {key: tuple(map(str, data.get(key) or ())) for key in ("sources", "evidence")}
    for name in (*listed["sources"], *listed["evidence"]):
        if name not in columns:
            raise ValueError(f"no column of {data['about']} is called {name!r}")
    unknown = str(data.get("unknown") or "")
    return Rule(
        id=data["id"],
        title=str(data["title"]),
        about=data["about"],
        severity=data["severity"],
        applies=Condition(str(data["applies"]), columns),
        fail=Condition(str(data["fail"]), columns),
        unknown=Condition(unknown, columns) if unknown else None,
        message=texts["message"],
        abstain=texts["abstain"],
        sources=listed["sources"],
        evidence=listed["evidence"],
        confidence=Confidence(data.get("confidence", "certain")),
        why=str(data["why"]),
        remedy=str(data["remedy"]),
        manual=str(data.get("manual", "")),
        text={key: str(data.get(key) or "").strip() for key in ("applies", "fail", "unknown")},
        file=str(path),
    )


def _check_keys(data: Mapping[str, Any], path: Path) -> None:
    for key in _REQUIRED:
        if not data.get(key):
            raise ValueError(f"the key {key!r} is missing")
    for key in data:
        if key not in _REQUIRED and key not in _OPTIONAL:
            raise ValueError(f"the key {key!r} is not one of a rule's")
    if data["id"] != path.stem:
        raise ValueError(f"the id {data['id']!r} must be the file's name {path.stem!r}")
    if data["about"] not in TABLES or data["about"] == "findings":
        raise ValueError(f"about: {data['about']!r} is no table that a rule can judge")
    if data["severity"] not in SEVERITIES:
        raise ValueError(f"severity: {data['severity']!r} is not one of {', '.join(SEVERITIES)}")


def _check_template(text: str, columns: Mapping[str, Any]) -> None:
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if spec or conversion or name not in columns:
            raise ValueError(f"no column is called {name!r} in the message")
