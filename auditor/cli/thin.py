"""``bareos-audit thin``: a capture without what an audit does not need."""

from __future__ import annotations

import shlex
from secrets import token_bytes
from typing import TYPE_CHECKING, Any

import click

from auditor.cli import options
from auditor.cli.inputs import inputs, recording_guard
from auditor.cli.report_options import force_option
from auditor.text import printable

if TYPE_CHECKING:
    from auditor.evidence.thin_file import ThinnedCapture
    from auditor.pipeline.anonymizing.configuration import AnonymizedConfiguration


@click.command(short_help="Leave out of a capture what an audit does not need, payload first.")
@click.argument("captures", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(),
    metavar="FILE",
    help="Write the thinned capture (pcapng) here; - is standard output.",
)
@force_option("Let -o replace a file that holds something. Never an input.")
@click.option(
    "--anonymize",
    is_flag=True,
    help="Let other addresses and names stand in it. Ports, times, sizes and what is common to all "
    "hosts of a network stay (docs/thinning.md).",
)
@click.option(
    "--config-out",
    type=click.Path(),
    metavar="FOLDER",
    help="With --anonymize: write the configuration with the same names here, and --hosts and "
    "--site, for audits of the thinned capture. A new folder, or with --force an earlier one.",
)
@click.option(
    "--key",
    type=click.Path(),
    metavar="FILE",
    help="With --anonymize: a secret of 16 bytes or more, by which the same address or name is "
    "replaced alike in all captures and configurations. Without it the key is forgotten.",
)
@options.config_option(required=False)
@options.site_options
@options.port_option
@options.decode_as_option
def thin(
    captures: tuple[str, ...],
    output: str,
    force: bool,
    anonymize: bool,
    config_out: str | None,
    key: str | None,
    ports: tuple[tuple[str, int], ...],
    **known: Any,
) -> None:
    """Write a capture that can be shared, and that is judged as the full one is.

    CAPTURES are pcap or pcapng files, packed or not, folders, patterns and rings, as for analyze;
    - is standard input. Several have to be of one recording: they become one file. Of the
    connections on the ports of Bareos are kept: their SYN, FIN and RST, keepalive probes and
    their answers, what begins and ends silences, and what names the peers in their first bytes.
    No file data and no password are kept; in cleartext, neither is what proves a login.
    """
    from auditor.cli import output as sink
    from auditor.cli.progress import progress
    from auditor.pipeline.capture_paths import capture_paths

    if key is not None and not anonymize:
        raise click.UsageError("--key is for --anonymize: without it nothing is replaced.")
    if config_out is not None and not (anonymize and known["config"]):
        raise click.UsageError("--config-out needs --anonymize, and --config to be given.")
    paths = capture_paths(captures)
    sink.check(
        output, recording_guard(inputs([*paths, *([key] if key else [])], **known), force=force)
    )
    from auditor import api

    secret, network = key or token_bytes(32), api.load_network(ports=dict(ports), **known)
    if config_out is not None:
        how = {name: known[name] for name in ("config", "include_root", "hosts", "site")}
        tree = api.anonymize(output=config_out, key=secret, force=force, **how)
        click.echo(_audited(tree), err=True)
    with progress(paths) as advance:
        result = api.thin(
            paths,
            output,
            force=force,
            anonymize=secret if anonymize else False,
            network=network,
            progress=advance,
        )
    click.echo(_told(result), err=True)


def _audited(tree: AnonymizedConfiguration) -> str:
    """Return how an audit is to be given a configuration, and what is missing in it."""
    given = [("--config", one) for one in tree.config]
    given += [("--include-root", one) for one in tree.include_root]
    beside = (("--hosts", tree.hosts), ("--site", tree.site))
    given += [(option, one) for option, one in beside if one]
    words = shlex.join(word for option in given for word in option)
    told = f"{tree.files} files of the configuration; audit with {words} --no-resolve"
    return "\n".join([printable(told, len(told)), *tree.notes])


def _told(result: ThinnedCapture) -> str:
    told = (
        f"{result.packets_in} packets ({result.octets_in} bytes) in, "
        f"{result.packets_out} packets ({result.octets_out} bytes) out"
    )
    if result.lost:
        told += (
            f"; {result.lost} segments found no room, and audits will call the capture incomplete"
        )
    return f"{told}."
