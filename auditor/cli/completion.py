"""``bareos-audit completion``: the script with which a shell completes commands, options and what
they take."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from auditor.cli.output import write

#: What click asks for completions with: ``_PROGRAM_COMPLETE``.
_VARIABLE = "_BAREOS_AUDIT_COMPLETE"
_PROGRAM = "bareos-audit"
_EPILOG = """\
\b
For this session (zsh: after compinit):
  eval "$(bareos-audit completion bash)"
  bareos-audit completion fish | source
For good, write it to
  bash  ~/.local/share/bash-completion/completions/bareos-audit
  zsh   _bareos-audit in a folder of your fpath
  fish  ~/.config/fish/completions/bareos-audit.fish
"""
SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog=_EPILOG, short_help="Print the script that lets a shell complete what you type."
)
@click.argument("shell", type=click.Choice(SHELLS), metavar="|".join(SHELLS))
@click.pass_context
def completion(ctx: click.Context, /, shell: str) -> None:
    """Print the script that lets a shell complete commands, options and what they take.

    Rules, roles, formats, middleboxes and interfaces complete by name.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    maker = kind(ctx.find_root().command, {}, _PROGRAM, _VARIABLE)
    # Not bash's own source(), which asks the bash of this machine for its version first.
    write(ShellComplete.source(maker), "-")
