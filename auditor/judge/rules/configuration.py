"""Judges a configuration without any capture: its problems, and what it calls for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from string import Formatter

from auditor.judge.rules.findings import Judgement, judge
from auditor.judge.rules.rule import Rule
from auditor.judge.rules.waiving import waiver_problems
from auditor.judge.tables.expectations import OBSERVED, expectation_row
from auditor.judge.tables.problems import problem_row
from auditor.judge.tables.settings import SEEN, setting_rows
from auditor.judge.tables.table import Table, build
from auditor.site.idle_limits import IdleLimits
from auditor.site.model import Site
from auditor.site.waivers import Waiver


def judge_configuration(
    site: Site,
    rules: Sequence[Rule],
    waivers: Sequence[Waiver] = (),
    today: dt.date | None = None,
    limits: IdleLimits | None = None,
) -> Judgement:
    """Return the findings of all rules that need no capture, on one site; ``limits`` are those of
    the site file where they are not given.

    ``rules`` are all there are (``load_rules`` and ``load_configuration_rules``): those that need
    a capture are left out, and a waiver that names none of them, has expired or covers nothing is
    itself a problem. A problem is
    found by the rule of its kind; a waiver marks it, as it marks any finding.
    """
    applied = [rule for rule in rules if not needs_capture(rule)]
    limits = site.site_file.idle_limits if limits is None else limits
    tables = configuration_tables(site, rules, limits, today)
    return judge(tables, applied, waivers, today, captured=False)


def configuration_tables(
    site: Site, rules: Sequence[Rule], limits: IdleLimits, today: dt.date | None = None
) -> dict[str, Table]:
    """Return the tables that those rules judge; ``rules`` are all there are."""
    unknown = waiver_problems(site.site_file.waivers, {rule.id for rule in rules}, today)
    return {
        "problems": build("problems", (problem_row(p) for p in (*site.problems, *unknown))),
        "expectations": build(
            "expectations",
            (expectation_row(row, {}, site.site_file.keepalive) for row in site.expectations),
        ),
        "settings": build("settings", setting_rows(site, limits)),
    }


def needs_capture(rule: Rule) -> bool:
    """Tell whether a rule judges what only a capture can show: any table but the problems,
    the settings and the expectations, or a column of these that an audit fills."""
    observed = {"problems": frozenset[str](), "expectations": OBSERVED, "settings": SEEN}
    if rule.about not in observed:
        return True
    return not observed[rule.about].isdisjoint(_columns(rule))


def _columns(rule: Rule) -> Iterator[str]:
    """Yield every column that a rule looks at or shows."""
    for condition in (rule.applies, rule.fail, rule.doubt, rule.blind, rule.likely):
        if condition is not None:
            yield from condition.names
    for template in (rule.message, rule.abstain, rule.each, *(words for words, _ in rule.reasons)):
        yield from (name for _, name, _, _ in Formatter().parse(template) if name)
    yield from (*rule.sources, *rule.evidence, *rule.once)
