"""The interface of report formats: what each can do, and what it may know of its reader."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.comparison import Comparison
    from auditor.judge.rules.rule import Rule
    from auditor.judge.tables.table import Table
    from auditor.report.machine import Machine
    from auditor.result import Audit, Check
    from auditor.site.middleboxes import Middlebox


class TableName(StrEnum):
    """The tables of an audit, for a format that shows only one of them."""

    FLOWS = "flows"
    FINDINGS = "findings"
    PROBES = "probes"
    EXPECTATIONS = "expectations"
    CAPTURES = "captures"


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What a format may know about whoever reads it; each takes from it what it needs."""

    width: int = 100
    """Columns of the terminal."""
    colour: bool = False
    """ANSI colours are welcome."""
    links: bool = False
    """Hyperlinks (OSC 8) are welcome, where colours are."""
    plain: bool = False
    """Only ASCII can be shown."""
    brief: bool = False
    """Only what a first screen holds: the verdict, and what failed in a line each."""
    local_time: bool = False
    """Times in the zone of this machine, for people; UTC otherwise."""
    table: TableName = TableName.FLOWS
    """The one table that a format without structure shows of an audit."""


class Report(ABC):
    """One format. Every text ends in a line feed, holds no control character of foreign origin,
    and is the same for the same input."""

    def audit(self, audit: Audit) -> str:
        """Return one audit as text."""
        return "".join(self.audit_parts(audit))

    @abstractmethod
    def audit_parts(self, audit: Audit) -> Iterator[str]:
        """Yield the same piece by piece: what a million flows come to is never held as a whole."""

    @abstractmethod
    def check(self, check: Check) -> str:
        """Return what was found in a configuration alone as text."""

    def expectations(self, table: Table, problems: Sequence[str] = ()) -> str:
        """Return the connections that a configuration calls for as text, and what is wrong in it
        or could not be read of it."""
        return "".join(self.expectation_parts(table, problems))

    @abstractmethod
    def expectation_parts(self, table: Table, problems: Sequence[str] = ()) -> Iterator[str]:
        """Yield the same piece by piece."""

    def comparison(self, comparison: Comparison) -> str:
        """Return what became of the findings of an audit in a later one. Raises
        NotImplementedError where the format does not have it."""
        raise NotImplementedError(type(self).__name__)

    def machine(self, machine: Machine) -> str:
        """Return what works on a machine for capturing. Raises NotImplementedError where the
        format does not have it."""
        raise NotImplementedError(type(self).__name__)

    @abstractmethod
    def sockets(self, table: Table) -> str:
        """Return this host's Bareos sockets as text."""

    @abstractmethod
    def idle_limits(self, boxes: Sequence[Middlebox]) -> str:
        """Return after how long each middlebox forgets a silent connection."""

    @abstractmethod
    def rules(self, rules: Sequence[Rule]) -> str:
        """Return the catalogue of rules, or one rule with all that is known of it."""
