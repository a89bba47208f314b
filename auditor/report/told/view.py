"""An audit as plain rows, made once and read by every section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from os.path import commonpath
from pathlib import PurePath
from typing import TYPE_CHECKING

from auditor.report.cells import PlainRows, records, text, texts
from auditor.report.told.groups import Row, counts
from auditor.report.told.shown_frames import ShownFrames

if TYPE_CHECKING:
    from auditor.config.resources import Excerpt
    from auditor.judge.rules.rule_text import RuleText
    from auditor.result import Audit


@dataclass(frozen=True)
class View:
    """What the sections need of an audit."""

    audit: Audit

    @cached_property
    def captures(self) -> Sequence[Row]:
        """The table captures."""
        return records(self.audit.tables["captures"])

    @cached_property
    def flows(self) -> Sequence[Row]:
        """The table flows."""
        return PlainRows(self.audit.tables["flows"])

    @cached_property
    def findings(self) -> Sequence[Row]:
        """The table findings."""
        return records(self.audit.tables["findings"])

    @cached_property
    def expectations(self) -> Sequence[Row]:
        """The table expectations."""
        return records(self.audit.tables["expectations"])

    @cached_property
    def flow_by_id(self) -> Mapping[str, Row]:
        """The flows that findings name, by their ids; a row is made when it is asked for."""
        wanted = {one for row in self.findings for one in (text(row, "flow"), *texts(row, "flows"))}
        ids = self.audit.tables["flows"].values("id") if wanted else []
        return {one: self.flows[index] for index, one in enumerate(ids) if one in wanted}

    @cached_property
    def frames(self) -> ShownFrames:
        """The frames of the flows."""
        return ShownFrames(self.captures)

    @cached_property
    def probe_frames(self) -> Mapping[str, Sequence[int]]:
        """The frames of the probes of flows that findings on probes name, by the flow's id."""
        wanted = {
            flow for row in self.findings if self.is_on_probes(row) for flow in texts(row, "flows")
        }
        found: dict[str, list[int]] = {flow: [] for flow in wanted}
        if wanted:
            table = self.audit.tables["probes"]
            for flow, frame in zip(table.values("flow"), table.values("frame"), strict=True):
                if flow in wanted and frame is not None:
                    found[flow].append(frame)
        return found

    def is_on_probes(self, row: Row) -> bool:
        """Tell whether a finding rests on probes, or on their absence."""
        about = any(self.rules[rule].about == "probes" for rule in texts(row, "rules"))
        return about or any(one.startswith("heartbeat") for one in texts(row, "evidence"))

    @cached_property
    def failed(self) -> Set[str]:
        """Ids of the flows that a fail is about which no waiver covers."""
        if self.audit.failed is not None:
            return self.audit.failed
        return self._flows_of_fails(counted=True)

    @cached_property
    def excused(self) -> Set[str]:
        """Ids of the flows that only fails are about which do not count: they are waived, or known
        from a baseline."""
        return self._flows_of_fails(counted=False) - self._flows_of_fails(counted=True)

    def _flows_of_fails(self, *, counted: bool) -> Set[str]:
        fails = (row for row in self.findings if row["verdict"] == "fail")
        rows = (row for row in fails if counts(row) == counted)
        return {flow for row in rows for flow in texts(row, "flows")}

    @cached_property
    def number_by_expectation(self) -> Mapping[str, str]:
        """The connection number of each expectation, by its id."""
        return {text(row, "id"): text(row, "connection") for row in self.expectations}

    @cached_property
    def excerpts(self) -> Mapping[str, Excerpt]:
        """What the configuration says where findings name it, by ``file:line``."""
        return {excerpt.source: excerpt for excerpt in self.audit.excerpts}

    @cached_property
    def checked(self) -> bool:
        """A configuration alone was looked at: nothing could be seen."""
        from auditor.result import Check

        return isinstance(self.audit, Check)

    @cached_property
    def rules(self) -> Mapping[str, RuleText]:
        """The rules that were applied, by id, worst first."""
        return {rule.id: rule for rule in self.audit.rules}

    @cached_property
    def written(self) -> Mapping[str, str]:
        """What the configuration says at a ``file:line`` that findings name, secrets hidden."""
        return {one.source: _decisive(one) for one in self.audit.excerpts}

    @cached_property
    def day(self) -> str:
        """The date on which everything was captured; empty: on several."""
        ends = [text(row, end) for row in self.captures for end in ("first", "last")]
        days = {end[:10] for end in ends if end}
        return days.pop() if len(days) == 1 else ""

    @cached_property
    def folder(self) -> str:
        """The folder that holds every file of the configuration that is named; empty: none does.

        A place is shown below it, because a full path seldom fits into a line.
        """
        return folder((*self.findings, *self.expectations), self.audit.basis.site_file)

    def short(self, sentence: str) -> str:
        """Return a sentence with its paths as seen from ``folder``."""
        return below(self.folder, sentence)

    def coverage(self) -> Mapping[str, int]:
        """The counts of the summary's coverage."""
        counts = self.audit.summary()["coverage"]
        assert isinstance(counts, dict)
        return {key: value for key, value in counts.items() if isinstance(value, int)}


def _decisive(excerpt: Excerpt) -> str:
    """Return the line that was asked for; with the head of a resource also its name."""
    at = max(0, excerpt.line - excerpt.first)
    line, *after = [text.strip() for text in excerpt.lines[at:]] or [""]
    names = (text for text in after if text.lower().startswith("name"))
    return f"{line} {next(names, '')}".rstrip() if line.endswith("{") else line


def folder(rows: Iterable[Row], apart: str = "") -> str:
    """Return the folder that holds every file which the sources of rows name, but for the one that
    lies ``apart``; empty: none does."""
    files = {place.rpartition(":")[0] for row in rows for place in texts(row, "sources")}
    folders = {str(PurePath(file).parent) for file in files - {apart} if "/" in file}
    if not folders or len({PurePath(one).is_absolute() for one in folders}) > 1:
        return ""
    return commonpath(folders).rstrip("/.")


def below(folder: str, sentence: str) -> str:
    """Return a sentence with its paths as seen from a folder."""
    if not folder:
        return sentence
    return re.sub(rf"(?<![\w./-]){re.escape(folder)}/", "", sentence)
