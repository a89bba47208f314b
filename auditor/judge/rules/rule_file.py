"""The keys of one rule's file, each checked as it is read; an error names the key's line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from auditor.errors import RuleError
from auditor.judge.rules.expression import Condition
from auditor.judge.tables.column import Column
from auditor.judge.tables.columns import JUDGED_TABLES
from auditor.judge.verdicts import Confidence, Severity

#: The keys that hold a condition.
CONDITIONS = ("applies", "fail", "doubt", "blind", "likely")

_REQUIRED = ("id", "title", "about", "severity", "applies", "fail", "message", "why", "remedy")
_OPTIONAL = (
    *("doubt", "blind", "abstain", "sources", "evidence", "confidence", "manual"),
    *("likely", "any_number", "once", "each", "explains"),
)
#: Keys that are only there together, and why.
_PAIRS = (("doubt", "abstain", "a doubt has words of its own"), ("once", "each", "it says which"))
#: Characters of one text: messages and reasons are made anew for each finding.
_MAX_TEXT = 4000
#: What to write instead of a key that rules had before.
_UNKNOWN = (
    "'unknown' is no key of a rule any more: write 'doubt' for rows that fail but may have another "
    "explanation, 'blind' for rows on which nothing could be observed, and nothing for guesses, "
    "which never fail"
)


class RuleFile:
    """One rule's file, and what it holds. Every method raises RuleError for what it does not
    allow."""

    def __init__(self, path: Path, data: Any) -> None:
        if not isinstance(data, Mapping):
            raise RuleError("must be a mapping of keys to values", str(path))
        self._data = data
        self._path = path
        self._check_names()
        self._check_choices()
        self.columns: Mapping[str, Column] = JUDGED_TABLES[self.text("about")]
        """Those of the table that the rule is about."""
        self._check_pairs()

    def _check_names(self) -> None:
        for key in _REQUIRED:
            value = self._data.get(key)
            if not (value.strip() if isinstance(value, str) else value):
                raise self._wrong(key, f"the key {key!r} is missing or empty")
        if "unknown" in self._data:
            raise self._wrong("unknown", _UNKNOWN)
        for key in map(str, self._data):
            if key not in _REQUIRED and key not in _OPTIONAL:
                raise self._wrong(key, f"the key {key[:80]!r} is not one of a rule's")

    def _check_choices(self) -> None:
        choices: Mapping[str, Iterable[str]] = {
            "id": {self._path.stem},
            "about": JUDGED_TABLES.keys(),
            "severity": [*Severity],
            "confidence": [*Confidence],
        }
        for key, allowed in choices.items():
            value = self.text(key)
            if key in self._data and value not in allowed:
                listed = ", ".join(sorted(allowed))
                raise self._wrong(key, f"{key} is {value[:80]!r}, and must be one of: {listed}")

    def _check_pairs(self) -> None:
        for one, other, why in _PAIRS:
            for given, lacking in ((one, other), (other, one)):
                if isinstance(self._data.get(given), Mapping):
                    continue  # a doubt in several: each has its words
                if self._data.get(given) and not self._data.get(lacking):
                    raise self._wrong(given, f"{given} needs {lacking} beside it: {why}")

    def text(self, key: str) -> str:
        """Return the text of a key; empty: it is not there. Several conditions become one."""
        value = self._data.get(key, "")
        if key == "doubt" and isinstance(value, Mapping):
            return " or ".join(f"({condition})" for condition in value.values())
        if not isinstance(value, str):
            raise self._wrong(key, f"{key} must be text")
        return self._short(key, value.strip())

    def flag(self, key: str) -> bool:
        """Return a yes or no; no where the key is not there."""
        value = self._data.get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(key, f"{key} must be yes or no")
        return value

    def condition(self, key: str) -> Condition:
        """Return a condition over the columns of the rule's table."""
        try:
            return Condition(self.text(key), self.columns)
        except ValueError as error:
            raise self._wrong(key, f"{key}: {error}") from None

    def optional_condition(self, key: str) -> Condition | None:
        """Return the same where the key is there."""
        return self.condition(key) if self.text(key) else None

    def reasons(self, key: str) -> tuple[tuple[str, Condition], ...]:
        """Return several conditions with the words of each; none where the key has one."""
        several = self._data.get(key)
        if not isinstance(several, Mapping):
            return ()
        found = []
        for words, condition in several.items():
            if not isinstance(condition, str):
                raise self._wrong(key, f"{key}: a condition must be text")
            try:
                found.append((self._template(key, str(words)), Condition(condition, self.columns)))
            except ValueError as error:
                raise self._wrong(key, f"{key}: {error}") from None
        return tuple(found)

    def template(self, key: str) -> str:
        """Return a text with ``{column}`` in it."""
        return self._template(key, self.text(key))

    def _template(self, key: str, text: str) -> str:
        try:
            parsed = Formatter().parse(self._short(key, text))
            fields = [part[1:] for part in parsed if part[1] is not None]
        except ValueError as error:
            raise self._wrong(key, f"{key}: {error}") from None
        for name, spec, conversion in fields:
            if spec or conversion or name not in self.columns:
                raise self._wrong(key, f"{key}: no column is called {(name or '')[:80]!r}")
        return text

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of columns."""
        listed = self.words(key, "columns")
        for name in listed:
            if name not in self.columns:
                raise self._wrong(key, f"{key}: no column is called {name!r}")
        return listed

    def words(self, key: str, what: str) -> tuple[str, ...]:
        """Return a list of different texts; ``what``: what they are, for people."""
        listed = self._data.get(key) or []
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            raise self._wrong(key, f"{key} must be a list of {what}")
        if len(set(listed)) < len(listed):
            raise self._wrong(key, f"{key} names one of its {what} twice")
        return tuple(listed)

    def _short(self, key: str, text: str) -> str:
        if len(text) > _MAX_TEXT:
            raise self._wrong(key, f"{key} is longer than {_MAX_TEXT} characters")
        return text

    def _wrong(self, key: str, message: str) -> RuleError:
        from auditor.text.yamlfile import line_of

        return RuleError(message, str(self._path), line_of(self._path, key))
