"""Waivers × findings: which covers a finding, and what is wrong with the waivers themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Problem
from auditor.judge.rules.gathering import Found
from auditor.judge.tables.table import Row
from auditor.judge.verdicts import Verdict
from auditor.site.waivers import Accused, Waiver

_DAEMONS = ("initiator_daemon", "acceptor_daemon", "initiator", "acceptor", "daemon")
_ADDRESSES = ("initiator_address", "acceptor_address", "initiator_addresses", "addresses")
_NUMBERS = ("connection", "connections", "affects")

#: The rules that judge waivers; an audit applies them where there are any.
WAIVER_RULES = frozenset(
    str(kind)
    for kind in (
        ProblemKind.WAIVER_RULE_UNKNOWN,
        ProblemKind.WAIVER_EXPIRED,
        ProblemKind.WAIVER_UNUSED,
    )
)


class Waiving:
    """The waivers of a site file on one day, and which of them were of use."""

    def __init__(self, waivers: Sequence[Waiver], today: dt.date) -> None:
        self._waivers = waivers
        self._today = today
        self._used = set[int]()
        self._by_key: dict[tuple[str, str], list[tuple[int, Waiver]]] = {}
        for rank, waiver in enumerate(waivers):
            if today <= waiver.until:  # no finding is held against all of them
                self._by_key.setdefault(waiver.key, []).append((rank, waiver))

    def tells_ends_apart(self, rule: str) -> bool:
        """Tell whether a waiver may cover some findings of a rule and not others, by their ends."""
        return any(
            waiver.daemon or waiver.address or waiver.network is not None
            for waiver in self._waivers
            if waiver.about in {"", rule}
        )

    def reason(self, one: Found) -> str:
        """Return the reason of the first waiver that covers a finding; empty: none does, or it is
        not known whether it fails."""
        if not self._by_key:
            return ""
        accused = _accused(one.cells["rule"], one.cells["id"], one.row)
        fitting = [
            (rank, waiver.reason)
            for key in _keys(accused)
            for rank, waiver in self._by_key.get(key, ())
            if waiver.covers(accused)
        ]
        self._used.update(rank for rank, _ in fitting)
        return min(fitting)[1] if fitting and one.cells["verdict"] != Verdict.UNKNOWN else ""

    def unused(self, applied: Collection[str], problems: Sequence[Row] | None) -> Iterator[Problem]:
        """Yield a problem for each waiver that covers nothing, where that can be told: its rule was
        ``applied``, or it names none and fits none of the ``problems`` of the configuration, which
        not all are told (None: no capture was judged)."""
        for rank, waiver in enumerate(self._waivers):
            if rank in self._used or self._today > waiver.until:
                continue
            if waiver.about:  # one for this very rule is of use once it is told
                told = waiver.about in applied and waiver.about != ProblemKind.WAIVER_UNUSED
            else:
                told = problems is not None and not any(
                    waiver.covers(_accused("", "", row)) for row in problems
                )
            if told:
                message = f"the waiver for {waiver} covers nothing that was found"
                yield Problem(ProblemKind.WAIVER_UNUSED, message, waiver.source, str(waiver))


def waiver_problems(
    waivers: Sequence[Waiver], known: Collection[str], today: dt.date | None
) -> Iterator[Problem]:
    """Yield a problem for each waiver that names none of the ``known`` rules, or has expired."""
    day = today or dt.datetime.now(dt.UTC).date()
    for waiver in waivers:
        if waiver.about and waiver.about not in known:
            message = f"a waiver speaks of {waiver.about!r}, which is no rule"
            kind = ProblemKind.WAIVER_RULE_UNKNOWN
        elif day > waiver.until:
            message = f"the waiver for {waiver} held until {waiver.until}"
            kind = ProblemKind.WAIVER_EXPIRED
        else:
            continue
        yield Problem(kind, message, waiver.source, str(waiver))


def _keys(one: Accused) -> Iterator[tuple[str, str]]:
    """Yield every key that a waiver which covers it may have."""
    yield "", ""
    yield "finding", one.finding
    for name, values in (
        ("address", one.addresses),
        ("daemon", one.daemons),
        ("connection", one.connections),
    ):
        yield from ((name, value) for value in values)


def _accused(rule: str, finding: str, row: Mapping[str, Any]) -> Accused:
    """Return what a waiver has to know of a finding on a row of any table."""
    numbers = frozenset(one.partition(":")[0] for one in _texts(row, _NUMBERS))
    addresses = frozenset(_texts(row, _ADDRESSES))
    names = frozenset(_texts(row, _DAEMONS))
    short = frozenset(name.rpartition(" ")[2] for name in names)
    return Accused(rule, finding, names | short, addresses, numbers)


def _texts(row: Mapping[str, Any], columns: Sequence[str]) -> Iterator[str]:
    for name in columns:
        value = row.get(name) or ()
        yield from (value,) if isinstance(value, str) else value
