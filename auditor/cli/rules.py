"""``bareos-audit rules``: the catalogue, or one rule explained."""

from __future__ import annotations

from difflib import get_close_matches

import click

from auditor.cli import options
from auditor.report.formats import Format


@click.command(short_help="List the rules, or explain one.")
@click.argument("rule", required=False, metavar="[ID]")
@options.rules_option
@options.format_option(*Format)
@options.output_option
def rules(rule: str | None, more_rules: tuple[str, ...], chosen: str, output: str) -> None:
    """List the rules; with an ID, explain that one.

    What it finds and why that matters, what it looks at, when it abstains, and the remedy.
    """
    from auditor.cli import output as sink
    from auditor.cli.terminal import look

    sink.check(output)
    from auditor.judge.rules.rule import load_rules
    from auditor.report import reporter

    catalogue = {one.id: one for one in load_rules(more_rules)}
    if rule is not None and rule not in catalogue:
        near = get_close_matches(rule, catalogue, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else "bareos-audit rules lists all."
        raise click.UsageError(f"there is no rule {rule!r}: {hint}")
    chosen_rules = [catalogue[rule]] if rule is not None else list(catalogue.values())
    report = reporter(Format(chosen), look(to_file=output != "-"))
    sink.write(report.rules(chosen_rules), output)
