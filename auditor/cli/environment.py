"""The environment variables that mean something: one for each option, and those listed here.

``python -m auditor.cli.environment > docs/environment.md`` after any change to them.
"""

from __future__ import annotations

import sys

import click

_PREFIX = "BAREOS_AUDIT"

_HEAD = """\
# Environment variables

Made by `python -m auditor.cli.environment > docs/environment.md`; do not edit. The manual page,
`man bareos-audit`, has the same. No other variable changes what bareos-audit does, but for those
of the C library and of Python.

| variable | what it does |
|---|---|
"""

#: What each does, in the order of the manual page. A test holds that no other is read.
VARIABLES = {
    "BAREOS_AUDIT_COMMAND_OPTION": "Gives an option of a command where the command line does not: "
    "BAREOS_AUDIT_ANALYZE_CONFIG=/etc/bareos is --config of analyze, and --idle-limit of check is "
    "BAREOS_AUDIT_CHECK_IDLE_LIMIT. Several paths are separated by colons, other values by blanks; "
    "a flag is given by 1. BAREOS_AUDIT_DEBUG=1 is --debug.",
    "BAREOS_AUDIT_CACHE": "Absolute path of the folder in which machine code is kept, instead of "
    "the usual one. Nobody else may be able to write to it or to what lies above it.",
    "CACHE_DIRECTORY": "The same, as systemd sets it for a service.",
    "XDG_CACHE_HOME": "Where the folder bareos-audit with the machine code is made, else in "
    "HOME/.cache; root's is /var/cache/bareos-audit.",
    "HOME": "See XDG_CACHE_HOME.",
    "NO_COLOR": "If it is not empty, no colours.",
    "FORCE_COLOR": "If it is neither empty nor 0, colours also where standard output is no "
    "terminal; NO_COLOR comes first.",
    "CLICOLOR_FORCE": "As FORCE_COLOR.",
    "TERM": "dumb has no colours.",
    "FORCE_HYPERLINK": "1: rules in a report on a coloured terminal are links to Bareos' manual "
    "(OSC 8), 0: never; if it is not set, on terminals that are known to have such links.",
    "VTE_VERSION": "One of what terminals that have such links are known by; so are TERM, "
    "TERM_PROGRAM, WT_SESSION and KONSOLE_VERSION.",
    "TERM_PROGRAM": "See VTE_VERSION.",
    "WT_SESSION": "See VTE_VERSION.",
    "KONSOLE_VERSION": "See VTE_VERSION.",
    "TZ": "The zone of --local-time, instead of that of /etc/localtime.",
    "COLUMNS": "How wide a report on standard output is, instead of the terminal's width; at most "
    "140.",
    "SOURCE_DATE_EPOCH": "Seconds since 1970 UTC: the time that a report says it was made at, so "
    "that it can be made again byte by byte.",
    "SUDO_UID": "Set by sudo: the account that capture becomes before it reads a packet, and as "
    "which links in a configuration are followed.",
    "SUDO_GID": "As SUDO_UID, of the group.",
    "OPENBLAS_NUM_THREADS": "How many threads numpy's linear algebra starts; 1 if it is not set, "
    "for nothing here uses it.",
    "JE_ARROW_MALLOC_CONF": "How pyarrow, which writes Parquet, keeps memory; "
    "background_thread:false for capture if it is not set, whose threads have to give up all "
    "rights.",
    "NUMBA_DISABLE_JIT": "1 runs the kernels as plain Python, to look for mistakes in them: some "
    "hundred times slower.",
    "NUMBA_BOUNDSCHECK": "1 compiles kernels that check every index.",
}


def name_options(command: click.Command, *commands: str) -> None:
    """Let each option of a command be given by a variable of its own long name, such as
    ``BAREOS_AUDIT_CHECK_IDLE_LIMIT``; click by itself would take the name of our parameter."""
    for option in command.params:
        if isinstance(option, click.Option) and option.envvar is None:
            longest = max(option.opts, key=len).lstrip("-")
            words = "_".join((_PREFIX, *commands, longest))
            option.envvar = words.replace("-", "_").upper()


def page() -> str:
    """Return ``docs/environment.md``."""
    return _HEAD + "".join(f"| `{name}` | {text} |\n" for name, text in VARIABLES.items())


if __name__ == "__main__":
    sys.stdout.write(page())
