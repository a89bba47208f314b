"""Options that several commands share, and the values they take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from auditor.cli.suggest import middlebox_names, ports_by_role, rule_ids
from auditor.judge.verdicts import Severity

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

#: Names of the acceptors' roles and their short forms, as Bareos' own programs are called.
_ROLES = {
    "director": "director",
    "dir": "director",
    "file": "file daemon",
    "fd": "file daemon",
    "storage": "storage daemon",
    "sd": "storage daemon",
    "catalog": "catalog",
    "db": "catalog",
}


class RolePort(click.ParamType[tuple[str, int]]):
    """``ROLE=N``: the port at which a role listens."""

    name = "ROLE=N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Return (role, port); fail with a sentence where it is not one."""
        if isinstance(value, tuple):
            return value
        role, _, port = str(value).partition("=")
        if role.lower() not in _ROLES:
            self.fail(f"{value!r}: ROLE is one of {', '.join(_ROLES)}.", param, ctx)
        if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
            self.fail(f"{value!r}: N is a TCP port, 1 to 65535.", param, ctx)
        return _ROLES[role.lower()], int(port)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """Return each role with the port that it has by default."""
        del ctx, param
        return ports_by_role(_ROLES, incomplete)


def config_option(*, required: bool) -> Decorator:
    """``--config PATH``, any number of times."""
    return click.option(
        "-c",
        "--config",
        multiple=True,
        required=required,
        # What cannot be read is said where it is read, with what to do.
        type=click.Path(readable=False),
        metavar="PATH",
        help="Bareos configuration: a file, a *.d directory, /etc/bareos, or a folder with the "
        "trees of several hosts. Repeatable.",
    )


def site_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--site``, ``--hosts``, ``--no-resolve`` and what else says how a site is read."""
    for option in reversed(_SITE):
        command = option(command)
    return command


_SITE: tuple[Decorator, ...] = (
    click.option(
        "--site",
        type=click.Path(),
        metavar="FILE",
        help="Site file: what no Bareos file can say (further addresses, waivers).",
    ),
    click.option(
        "--hosts",
        type=click.Path(),
        metavar="FILE",
        help="Names and addresses in the format of /etc/hosts.",
    ),
    click.option(
        "--no-resolve",
        "resolve",
        is_flag=True,
        # Not flag_value=False, with which BAREOS_AUDIT_CHECK_NO_RESOLVE=1 would mean the contrary.
        callback=lambda _ctx, _param, given: not given,
        help="Do not ask this machine's resolver for names in the configuration.",
    ),
    click.option(
        "--resolve-timeout",
        type=click.FloatRange(0, 3600),
        default=5.0,
        show_default=True,
        metavar="SECONDS",
        help="How long this machine's resolver has to answer for all names together.",
    ),
    click.option(
        "--include-root",
        multiple=True,
        type=click.Path(),
        metavar="PATH",
        help="File or folder that the configuration may include, beside what lies in the paths "
        "given. Repeatable.",
    ),
    click.option(
        "--strict",
        is_flag=True,
        help="Refuse a configuration when reading it finds anything wrong; notes do not count.",
    ),
)


exit_zero_option = click.option(
    "--exit-zero", is_flag=True, help="Exit with 0 whatever the verdict."
)

rules_option = click.option(
    "--rules",
    "more_rules",
    multiple=True,
    type=click.Path(),
    metavar="DIR",
    help="Directory with further rules; one replaces a shipped one of its id. Repeatable.",
)


def fail_on_option(*, saved: bool = False) -> Decorator:
    """``--fail-on``; of an audit that was ``saved`` it is what it was made with."""
    said = "The least severity that counts for the exit code, and as a failure in junit"
    return click.option(
        "--fail-on",
        type=click.Choice([str(one) for one in reversed(Severity) if one.fails]),
        default=None if saved else str(Severity.LOW),
        show_default=not saved,
        help=f"{said}; as the audit was made with, if nothing says it." if saved else f"{said}.",
    )


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--rule``, ``--skip-rule``, ``--fail-on``: what is looked for, and what of it counts."""
    for option in reversed(_SELECTION):
        command = option(command)
    return command


_SELECTION: tuple[Decorator, ...] = (
    click.option(
        "--rule",
        "only_rules",
        multiple=True,
        metavar="ID",
        shell_complete=rule_ids,
        help="Apply only this rule; the report names those that were left out. Repeatable.",
    ),
    click.option(
        "--skip-rule",
        "skip_rules",
        multiple=True,
        metavar="ID",
        shell_complete=rule_ids,
        help="Do not apply this rule; the report says so. Repeatable.",
    ),
    fail_on_option(),
)

baseline_option = click.option(
    "--baseline",
    type=click.Path(),
    metavar="AUDIT.json",
    help="JSON report of an earlier audit: only findings that it does not have count.",
)

idle_limit_option = click.option(
    "--idle-limit",
    metavar="TIME|NAME",
    shell_complete=middlebox_names,
    help="After how long the way forgets a silent connection, such as 350s or 60m, or the name of "
    "a middlebox (bareos-audit rules --idle-limits); instead of what the site file says.",
)

port_option = click.option(
    "--port",
    "ports",
    multiple=True,
    type=RolePort(),
    help="Listening port of a role (director, file, storage, catalog; dir, fd, sd, db) where no "
    "configuration says it. Repeatable.",
)

decode_as_option = click.option(
    "--decode-as",
    multiple=True,
    metavar="RULE",
    help="Read a UDP port of captures as a tunnel, in the words of tshark -d: "
    "udp.port==8473,vxlan. Those of the standards need no rule (docs/links-and-layers.md). "
    "Repeatable.",
)

_AUDIT: tuple[Decorator, ...] = (
    config_option(required=False),
    site_options,
    idle_limit_option,
    port_option,
    rules_option,
    selection_options,
    baseline_option,
)


def audit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that audits captures: what they are held against, and what counts
    of it."""
    for option in reversed(_AUDIT):
        command = option(command)
    return command
