"""``bareos-audit expect``: the connections that a configuration calls for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from auditor.cli import options
from auditor.report.firewall.syntax import Syntax
from auditor.report.formats import Format
from auditor.text import SENTENCE, printable

if TYPE_CHECKING:
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
@options.format_option(*Format, *Syntax)
@options.output_option
def expect(chosen: str, output: str, host: str, seen: tuple[str, ...], **known: Any) -> None:
    """Show the connections that a configuration requires, allows or forbids.

    Who dials whom, from and at which address and port, with which HeartbeatInterval and TLS, and
    what is wrong in the configuration or could not be read of it (with csv and firewall rules on
    standard error).

    As nft, firewalld or iptables: rules for a firewall between the hosts, or with --host for that
    host's own, that open what is required or allowed and close the daemons' ports to everybody
    else. What has no known address is left out, as a comment that says what is missing.
    """
    from auditor.cli import output as sink

    is_firewall = chosen in [*Syntax]
    if seen and not is_firewall:
        raise click.UsageError(f"--seen needs --format {', '.join(Syntax)}.")
    if seen.count("-") > 1:
        raise click.UsageError("standard input (-) can be read only once.")
    sink.check(output)
    from auditor import api
    from auditor.pipeline.expected_connections import problems

    network = api.load_network(**known)
    found = problems(network)
    if is_firewall:
        sink.write(_rules(network, Syntax(chosen), host, seen, known["config"]), output)
    else:
        sink.write(_connections(network, Format(chosen), host, found, output), output)
    if is_firewall or chosen == Format.CSV:
        _tell(dict.fromkeys(found))


def _connections(
    network: Network, chosen: Format, host: str, found: Sequence[str], output: str
) -> Iterator[str]:
    from auditor.cli.terminal import render_options
    from auditor.pipeline.expected_connections import expected_connections
    from auditor.report import reporter

    report = reporter(chosen, render_options(to_file=output != "-"))
    return report.expectation_parts(expected_connections(network, host), found)


def _rules(
    network: Network, syntax: Syntax, host: str, seen: Sequence[str], given: Sequence[str]
) -> Iterator[str]:
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
    return ruleset(syntax, openings, shown, given)


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(printable(line, SENTENCE), err=True)
