"""Rules are data: one YAML file a rule, checked before it judges anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from auditor.errors import RuleError
from auditor.judge.rules.expression import Condition
from auditor.judge.rules.rule_file import CONDITIONS, RuleFile
from auditor.judge.verdicts import Confidence, Severity
from auditor.site.connections import rules_directory
from auditor.site.shipped import shipped_yaml

#: The table of what reading a configuration finds; no audit of captures has it.
_PROBLEMS = "problems"
#: The folder of the shipped rules that no audit of captures applies, nor reads (docs/adr/0009).
_CONFIGURATION = "configuration"

#: Rules of one folder: each takes a millisecond to read, and judges every row.
_MAX_RULES = 1000
#: What else lies beside the shipped rules.
_NO_RULES = frozenset({"connections.yaml", "manual.yaml", "middleboxes.yaml"})


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
    reasons: tuple[tuple[str, Condition], ...]
    """Where ``doubt`` is several: the words of each, a template, and when it holds."""
    blind: Condition | None
    """Rows on which it could not be observed: they neither pass nor fail."""
    likely: Condition | None
    """Rows of which a finding can be no surer than likely."""
    any_number: bool
    """What it finds is true whatever the connection's number."""
    message: str
    """Template over the columns of the row."""
    abstain: str
    """The same where ``doubt`` holds and has no ``reasons``."""
    once: tuple[str, ...]
    """Columns: rows that fail and are equal in them are one finding; empty: each is one."""
    each: str
    """What to call each row of such a finding; template."""
    explains: tuple[str, ...]
    """Rules that find what this one is the cause of: on rows equal in ``once``, or on connections
    that the problem ``affects``. What they find is told with it."""
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


def rule_ids(extra: Sequence[str | Path] = ()) -> list[str]:
    """Return the ids of all rules by the names of their files, sorted; no rule is read for it.
    Raises RuleError where a folder of rules cannot be listed."""
    shipped = rules_directory()
    folders = (shipped, shipped / _CONFIGURATION, *map(Path, extra))
    return sorted({path.stem for folder in folders for path in _files(folder)})


def worst_first(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return rules in the order of their severities, and of their ids within one."""
    return tuple(sorted(rules, key=lambda r: (r.severity.rank, r.id)))


def _further(directories: Sequence[str | Path]) -> Mapping[str, Rule]:
    rules: dict[str, Rule] = {}
    for directory in map(Path, directories):
        rules |= _read(directory)
    return rules


@cache
def _shipped(folder: str) -> Mapping[str, Rule]:
    return _read_shipped(rules_directory() / folder)


def _read(directory: Path) -> dict[str, Rule]:
    return {rule.id: rule for rule in map(read_rule, _files(directory))}


def _read_shipped(directory: Path) -> Mapping[str, Rule]:
    rules = (_rule(path, shipped_yaml(path)) for path in _files(directory))
    return {rule.id: rule for rule in rules}


def _files(directory: Path) -> list[Path]:
    """Return the rules' files of a folder, by name; raise RuleError if it cannot be listed."""
    try:
        files = sorted(path for path in directory.iterdir() if path.suffix == ".yaml")
    except (FileNotFoundError, NotADirectoryError):
        raise RuleError("is not a directory of rules", str(directory)) from None
    except OSError as error:
        message = f"cannot be read as a directory of rules: {error.strerror}"
        raise RuleError(message, str(directory)) from None
    if len(files) > _MAX_RULES:
        raise RuleError(f"holds more than {_MAX_RULES} rules", str(directory))
    return [path for path in files if path.name not in _NO_RULES]


def read_rule(path: Path) -> Rule:
    """Return one checked rule; raise RuleError naming the file, and the line of the wrong key."""
    from auditor.text.yamlfile import load_yaml  # PyYAML is slow to load

    return _rule(path, load_yaml(path))


def _rule(path: Path, data: object) -> Rule:
    file = RuleFile(path, data)
    return Rule(
        id=file.text("id"),
        title=file.text("title"),
        about=file.text("about"),
        severity=Severity(file.text("severity")),
        applies=file.condition("applies"),
        fail=file.condition("fail"),
        doubt=file.optional_condition("doubt"),
        reasons=file.reasons("doubt"),
        blind=file.optional_condition("blind"),
        likely=file.optional_condition("likely"),
        any_number=file.flag("any_number"),
        message=file.template("message"),
        abstain=file.template("abstain"),
        once=file.names("once"),
        each=file.template("each"),
        explains=file.words("explains", "rules"),
        sources=file.names("sources"),
        evidence=file.names("evidence"),
        confidence=Confidence(file.text("confidence") or "certain"),
        why=file.text("why"),
        remedy=file.text("remedy"),
        manual=file.text("manual"),
        text={key: file.text(key) for key in CONDITIONS},
        file=str(path),
    )
