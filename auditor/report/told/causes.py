"""What failed, by cause: what the captures show and the mistake in the configuration that explains
it are told once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from auditor.judge.verdicts import Severity
from auditor.report.cells import text, texts
from auditor.report.told.groups import FindingGroup, Row, counts, group_findings
from auditor.report.told.view import View

_PROBLEMS = "problems"


@dataclass(slots=True)
class Cause:
    """Findings that are told together: with one remedy, or with one explanation."""

    seen: list[Row] = field(default_factory=list)
    """Findings of the captures, or of what the configuration calls for."""
    written: list[Row] = field(default_factory=list)
    """Findings of the configuration: why."""
    explained: bool = False
    """What was seen says the same as what is written already."""

    @property
    def rows(self) -> Sequence[Row]:
        """All of its findings, at least one; what was seen first."""
        return (*self.seen, *self.written)

    @property
    def rule(self) -> str:
        """The rule of its first finding."""
        return text(self.rows[0], "rule")

    @property
    def severity(self) -> Severity:
        """The worst of its findings."""
        found = {text(row, "severity") for row in self.rows}
        return min(map(Severity, found), key=lambda severity: severity.rank)

    @property
    def waived(self) -> bool:
        """No finding of it counts: each is waived, or a baseline had it."""
        return not any(map(counts, self.rows))

    @property
    def remedy(self) -> str:
        """What to do; empty: no finding of it counts."""
        rows = (*self.written, *self.seen) if not self.explained else (*self.seen, *self.written)
        return next((text(row, "remedy") for row in rows if counts(row)), "")

    @property
    def others(self) -> list[str]:
        """The rules whose findings are counted, though their messages are not told."""
        hidden = self.written if self.seen and self.explained else ()
        return list(dict.fromkeys(text(row, "rule") for row in hidden))

    def happened(self, view: View) -> list[FindingGroup]:
        """Return what was seen, equal findings once; where nothing was, what is written."""
        return group_findings(self.seen or self.written, view.flow_by_id)

    def reasons(self, view: View) -> list[FindingGroup]:
        """Return why, where what was seen does not say so itself."""
        untold = self.written if self.seen and not self.explained else ()
        return group_findings(untold, view.flow_by_id)

    def sources(self) -> list[str]:
        """Return the places to look at, those of the explanation first."""
        rows = (*self.written, *self.seen) if not self.explained else (*self.seen, *self.written)
        return list(dict.fromkeys(place for row in rows for place in texts(row, "sources")))


#: What was seen, by the connections that it concerns.
_Index = Mapping[str, Sequence[tuple[Cause, Row]]]


def causes(view: View) -> list[Cause]:
    """Return what failed, worst first; what was seen before what is only written, and what is
    waived last."""
    found: dict[object, Cause] = {}
    for row in view.findings:
        if row["verdict"] == "fail":
            written = view.rules[text(row, "rule")].about == _PROBLEMS
            what = (counts(row), written, row["severity"], row["remedy"] or row["rule"])
            cause = found.setdefault(what, Cause())
            (cause.written if written else cause.seen).append(row)
    seen = [cause for cause in found.values() if cause.seen]
    index = _index(seen)
    left = [cause for cause in found.values() if not cause.seen and not _joined(view, cause, index)]
    told = (*seen, *left)
    return sorted(told, key=lambda cause: (cause.waived, cause.severity.rank))


def _index(seen: Iterable[Cause]) -> _Index:
    """Find what was seen by ``3:director dir>file daemon fd1``, and with ``*`` for either end;
    what affects no connection by ``at`` and each place that it names."""
    index: dict[str, list[tuple[Cause, Row]]] = {}
    for cause in seen:
        for row in cause.seen:
            for place in texts(row, "sources") if not texts(row, "affects") else ():
                index.setdefault(f"at {place}", []).append((cause, row))
            for concerned in texts(row, "affects"):
                number, _, ends = concerned.partition(":")
                initiator, _, acceptor = ends.partition(">")
                for one, other in product((initiator, "*"), (acceptor, "*")):
                    index.setdefault(f"{number}:{one}>{other}", []).append((cause, row))
    return index


def _joined(view: View, cause: Cause, index: _Index) -> bool:
    """Tell what is written with what it explains, if that was seen: on a connection that it
    affects, a finding of a rule that it explains, or one that names all of its lines; and one that
    names them where no connection has a number."""
    for written in cause.written:
        for other, fail in index.get(f"at {next(iter(texts(written, 'sources')), '')}", ()):
            if _names_all(fail, written):
                other.explained = True
                other.written.extend(cause.written)
                return True
        explained = view.rules[text(written, "rule")].explains
        for affected in texts(written, "affects"):
            for other, fail in index.get(affected, ()):
                named = _names_all(fail, written)
                if named or text(fail, "rule") in explained:
                    other.explained = other.explained or named
                    other.written.extend(cause.written)
                    return True
    return False


def _names_all(fail: Row, written: Row) -> bool:
    places = texts(written, "sources")
    return bool(places) and set(places) <= set(texts(fail, "sources"))
