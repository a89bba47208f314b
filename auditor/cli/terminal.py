"""What this terminal can show, by the environment and its streams."""

from __future__ import annotations

import os
import shutil
import sys

from auditor.report.interface import RenderOptions, TableName

_WIDTH = 100
#: Terminals that have hyperlinks, by what they say of themselves.
_LINKING_PROGRAMS = {"iTerm.app", "WezTerm", "vscode", "ghostty"}
_LINKING_TERMS = {"xterm-kitty", "foot", "alacritty", "wezterm", "xterm-ghostty"}
#: Longer lines are hard to follow.
_WIDEST = 140


def render_options(
    *,
    to_file: bool,
    table: TableName = TableName.FLOWS,
    local_time: bool = False,
    brief: bool = False,
) -> RenderOptions:
    """Return how a report is to be rendered on standard output, or in a file."""
    columns = shutil.get_terminal_size((_WIDTH, 24)).columns
    return RenderOptions(
        width=_WIDTH if to_file else min(columns, _WIDEST),
        colour=not to_file and colour_wanted(),
        links=not to_file and links_wanted(),
        plain=not to_file and not _unicode(),
        table=table,
        local_time=local_time,
        brief=brief,
    )


def colour_wanted() -> bool:
    """Return whether standard output gets colours (no-color.org, bixense.com/clicolors)."""
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") != "0" for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def links_wanted() -> bool:
    """Return whether standard output is a terminal that is known to have hyperlinks (OSC 8); others
    may show what they do not know. FORCE_HYPERLINK decides, where it is set."""
    forced = os.environ.get("FORCE_HYPERLINK", "")
    if forced:
        return forced != "0"
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return False
    vte = os.environ.get("VTE_VERSION", "")  # of GNOME's and Xfce's terminals; 0.50 had a fault
    return (
        (vte.isascii() and vte.isdigit() and int(vte[:9]) > 5000)
        or os.environ.get("TERM_PROGRAM", "") in _LINKING_PROGRAMS
        or os.environ["TERM"] in _LINKING_TERMS
        or any(os.environ.get(name) for name in ("WT_SESSION", "KONSOLE_VERSION"))
    )


def _unicode() -> bool:
    return (sys.stdout.encoding or "ascii").lower().replace("-", "") in {"utf8", "utf16", "utf32"}
