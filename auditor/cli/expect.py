"""``bareos-audit expect``: the connections that a configuration calls for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from auditor.cli import options
from auditor.cli.inputs import inputs
from auditor.cli.places import Place, Reports
from auditor.cli.report_options import report_options
from auditor.report.firewall.syntax import Syntax
from auditor.report.formats import SUFFIXES, Format
from auditor.text import SENTENCE, printable

if TYPE_CHECKING:
    from auditor.cli.output import Text
    from auditor.pipeline.network import Network


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
    help="With firewall rules: mark those that this capture shows in use, and list which of its "
    "traffic they would have refused, and why. Repeatable.",
)
@report_options(*Format, *Syntax, suffixes={**SUFFIXES, ".nft": Syntax.NFT})
def expect(reports: Reports, host: str, seen: tuple[str, ...], **known: Any) -> None:
    """Show the connections that a configuration requires, allows or forbids.

    Who dials whom, from and at which address and port, with which HeartbeatInterval and TLS, and
    what is wrong in the configuration or could not be read of it (with csv and firewall rules on
    standard error).

    As nft, firewalld or iptables: rules for a firewall between the hosts, or with --host for that
    host's own, that open what is required or allowed and close the daemons' ports to everybody
    else. What has no known address is left out, as a comment that says what is missing.
    """
    syntaxes = [place.format for place in reports.places if isinstance(place.format, Syntax)]
    if seen and not syntaxes:
        raise click.UsageError(f"--seen needs --format {', '.join(Syntax)}.")
    if seen.count("-") > 1:
        raise click.UsageError("standard input (-) can be read only once.")
    guard = reports.check(inputs(seen, **known))
    from auditor import api
    from auditor.pipeline.expected_connections import expected_connections, problems

    network = api.load_network(**known)
    found = problems(network)
    rules = _rules(network, host, seen, known["config"]) if syntaxes else None
    table = expected_connections(network, host)

    def told(place: Place) -> Text:
        if isinstance(place.format, Syntax):
            assert rules is not None
            return rules(place.format)
        return reports.report(place).expectation_parts(table, found)

    reports.write_each(told, guard)
    if syntaxes or Format.CSV in {place.format for place in reports.places}:
        _tell(dict.fromkeys(found))


def _rules(
    network: Network, host: str, seen: Sequence[str], given: Sequence[str]
) -> Callable[[Syntax], Iterator[str]]:
    """Return what writes the rules in a syntax; say what they lack."""
    from auditor import api
    from auditor.cli.progress import progress
    from auditor.judge.openings_seen import openings_seen
    from auditor.report.firewall.preface import summary
    from auditor.report.firewall.syntax import ruleset

    openings = api.openings(host=host, network=network)
    shown = None
    if seen:
        with progress(seen) as advance:
            audit = api.audit(seen, network=network, progress=advance)
        shown = openings_seen(openings, audit.tables["flows"], audit.tables["captures"])
    _tell(summary(openings, shown))
    return lambda syntax: ruleset(syntax, openings, shown, given)


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(printable(line, SENTENCE), err=True)
