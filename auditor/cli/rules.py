"""``bareos-audit rules``: the catalogue, or one rule explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from auditor.cli import options
from auditor.cli.inputs import inputs
from auditor.cli.places import Reports
from auditor.cli.report_options import report_options
from auditor.cli.suggest import rule_ids
from auditor.judge.rules.selection import no_rule
from auditor.report.formats import LISTINGS

if TYPE_CHECKING:
    from auditor.judge.rules.rule import Rule


@click.command(short_help="List the rules, or explain one.")
@click.argument("rule", required=False, metavar="[ID]", shell_complete=rule_ids)
@click.option(
    "--idle-limits",
    is_flag=True,
    help="List the middleboxes that --idle-limit knows by name, and where each limit was read.",
)
@options.rules_option
@report_options(*LISTINGS)
def rules(
    rule: str | None, idle_limits: bool, more_rules: tuple[str, ...], reports: Reports
) -> None:
    """List the rules, of captures and of configurations; with an ID, explain that one.

    What it finds and why that matters, what it looks at, when it abstains, and the remedy.
    """
    guard = reports.check(inputs(more_rules=more_rules))
    from auditor.judge.rules.rule import load_configuration_rules, load_rules, worst_first
    from auditor.site.middleboxes import middleboxes

    if idle_limits:
        if rule is not None or more_rules:
            raise click.UsageError("--idle-limits lists no rules: give neither an ID nor --rules.")
        reports.write(lambda report: report.idle_limits([*middleboxes().values()]), guard)
        return
    listed = worst_first((*load_rules(more_rules), *load_configuration_rules(more_rules)))
    chosen_rules = listed if rule is None else [_named(rule, {one.id: one for one in listed})]
    reports.write(lambda report: report.rules(chosen_rules), guard)


def _named(rule: str, catalogue: Mapping[str, Rule]) -> Rule:
    if rule in catalogue:
        return catalogue[rule]
    raise click.UsageError(no_rule(rule, catalogue))
