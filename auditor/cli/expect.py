"""``bareos-audit expect``: the connections that a configuration calls for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from auditor.cli import options
from auditor.cli.inputs import inputs
from auditor.cli.places import Place, Reports
from auditor.cli.report_options import report_options
from auditor.report.firewall.syntax import Syntax
from auditor.report.formats import LISTINGS, SUFFIXES, Format
from auditor.text import SENTENCE, printable

if TYPE_CHECKING:
    from auditor.cli.output import Text
    from auditor.judge.tables.table import Table
    from auditor.result import Audit
    from auditor.site.openings.opening import Openings


@click.command(short_help="Show the connections that a configuration calls for.")
@options.config_option(required=True)
@options.site_options
@click.option(
    "--host",
    default="",
    metavar="NAME|ADDRESS",
    help="Only what this host dials and what dials it: the name of a daemon or console, a host "
    "name, or an address.",
)
@click.option(
    "--seen",
    multiple=True,
    type=click.Path(),
    metavar="CAPTURE",
    help="With firewall rules and csv: mark what this capture shows in use. The rules also list "
    "which of its traffic they would have refused, and why. Repeatable.",
)
@report_options(*LISTINGS, *Syntax, suffixes={**SUFFIXES, ".nft": Syntax.NFT})
def expect(reports: Reports, host: str, seen: tuple[str, ...], **known: Any) -> None:
    """Show the connections that a configuration requires, allows or forbids.

    Who dials whom, from and at which address and port, with which HeartbeatInterval and TLS, and
    what is wrong in the configuration or could not be read of it (with csv and firewall rules on
    standard error).

    As nft, firewalld or iptables: rules for a firewall between the hosts, or with --host for that
    host's own, that open what is required or allowed and close the daemons' ports to everybody
    else. What has no known address is left out, as a comment that says what is missing.
    """
    formats = {place.format for place in reports.places}
    if seen and not formats.intersection({*Syntax, Format.CSV}):
        known_to = ", ".join([*Syntax, Format.CSV])
        raise click.UsageError(f"--seen needs --format {known_to}; analyze tells all of a capture.")
    if seen.count("-") > 1:
        raise click.UsageError("standard input (-) can be read only once.")
    guard = reports.check(inputs(seen, **known))
    from auditor import api
    from auditor.cli.progress import progress
    from auditor.pipeline.expected_connections import expected_connections, problems

    network = api.load_network(**known)
    found = problems(network)
    table = expected_connections(network, host)
    audit = None
    if seen:
        with progress(seen) as advance:
            audit = api.audit(seen, network=network, progress=advance)
    rules = None
    if formats.intersection(Syntax):
        rules = _rules(api.openings(host=host, network=network), audit, known["config"])

    def told(place: Place) -> Text:
        if isinstance(place.format, Syntax):
            assert rules is not None
            return rules(place.format)
        if audit is not None and place.format is Format.CSV:
            return _exercised(audit, table)
        return reports.report(place).expectation_parts(table, found)

    reports.write_each(told, guard)
    if rules is not None or Format.CSV in formats:
        _tell(dict.fromkeys(found))


def _rules(
    openings: Openings, audit: Audit | None, given: Sequence[str]
) -> Callable[[Syntax], Iterator[str]]:
    """Return what writes the rules in a syntax; say what they lack."""
    from auditor.judge.openings_seen import openings_seen
    from auditor.report.firewall.preface import summary
    from auditor.report.firewall.syntax import ruleset

    seen = None
    if audit is not None:
        seen = openings_seen(openings, audit.tables["flows"], audit.tables["captures"])
    _tell(summary(openings, seen))
    return lambda syntax: ruleset(syntax, openings, seen, given)


def _exercised(audit: Audit, chosen: Table) -> Iterator[str]:
    """Return the chosen expectations as CSV with what the captures show of them."""
    from auditor.judge.tables.table import build
    from auditor.report.csv_table import CsvReport
    from auditor.report.interface import TableName

    ids = set(chosen.values("id"))
    rows = [row for row in audit.tables["expectations"].rows() if row["id"] in ids]
    tables = {**audit.tables, "expectations": build("expectations", rows)}
    return CsvReport(TableName.EXPECTATIONS).audit_parts(replace(audit, tables=tables))


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(printable(line, SENTENCE), err=True)
