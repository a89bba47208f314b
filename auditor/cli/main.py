"""``bareos-audit``: the group of commands, each loaded only when it is asked for."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from difflib import get_close_matches
from importlib import import_module

import click

from auditor.cli import garbage
from auditor.cli.environment import name_options
from auditor.cli.errors import brief_excepthook, refusals
from auditor.cli.shells import register
from auditor.cli.stopping import end_at_once
from auditor.text import printable
from auditor.version import __version__

#: Command by name, in the order of the help. Their modules import no more than click.
_COMMANDS = (
    "check",
    "analyze",
    "capture",
    "sockets",
    "expect",
    "report",
    "compare",
    "excerpt",
    "notebook",
    "rules",
    "thin",
    "doctor",
    "completion",
)


_LISTED = f"{', '.join(_COMMANDS[:-1])} and {_COMMANDS[-1]}"


register()


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own names."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None where there is none of that name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(f"auditor.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        name_options(command, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; have signals answered while it runs, unless it does that itself."""
        if args[0] not in _COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            near = get_close_matches(args[0], _COMMANDS, n=2, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there is {_LISTED}."
            ctx.fail(f"there is no command {printable(args[0])!r}: {hint}")
        name, command, rest = super().resolve_command(ctx, args)
        if ctx.obj is not None and name != "capture":
            ctx.obj()
        return name, command, rest

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the group's own options; a mistake becomes one sentence."""
        with refusals(debug=False):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; errors that were raised on purpose become one sentence."""
        with refusals(debug=ctx.params["debug"]):
            return super().invoke(ctx)


@click.group(
    cls=LazyGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "BAREOS_AUDIT",
    },
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show a traceback with every error.")
def cli(debug: bool) -> None:
    """Prove from packet captures that a Bareos network behaves as its configuration says.

    No packet is ever sent, and no command in a configuration is ever run.
    """
    if debug:
        sys.excepthook = sys.__excepthook__


def main() -> None:
    """Run ``bareos-audit``; what nobody foresaw ends in one sentence and exit code 1."""
    garbage.seldom()
    # Looking at everything once more at the end cost a tenth of a short run.
    atexit.register(gc.freeze)
    # Before numpy is imported: its library for linear algebra, which nothing here uses, would
    # start a thread a processor.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.excepthook = brief_excepthook
    if sys.stdout is None or sys.stderr is None:  # closed by whoever started us
        raise SystemExit(2)
    cli(prog_name="bareos-audit", obj=end_at_once)
