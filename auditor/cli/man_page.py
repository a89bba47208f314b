"""The manual page bareos-audit(1), made from the commands, in the language of man(7), which groff
and mandoc read. Building a wheel makes it (``packaging/build_hook.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from inspect import cleandoc
from textwrap import wrap

import click

from auditor.cli.environment import VARIABLES
from auditor.version import __version__

_NAME = "bareos-audit"
_EXIT = {
    "0": "Nothing failed.",
    "1": "The program itself failed; of compare, as of diff(1): something was opened or closed.",
    "2": "Wrong usage, or input that cannot be read: one sentence on standard error.",
    "3": "There was nothing to judge, or something that would be high could not be decided.",
    "12, 13, 14": "The worst severity that failed is low, medium, high.",
    "128 + N": "Signal N ended it; Ctrl-C is 130.",
}
_FILES = {
    "/var/cache/bareos-audit, ~/.cache/bareos-audit": "Machine code of root and of others, made at "
    "the first run.",
    "/etc/default/bareos-audit": "Settings of the systemd service: INTERFACE=eth0.",
    "/var/lib/bareos-audit": "What the service records.",
}
_SEE = (("bconsole", 1), ("dumpcap", 1), ("tshark", 1), ("bareos-dir", 8), ("tcpdump", 8))
_OPTION = re.compile(r"((?<![\w-])--?[\w-]+)")


def man_page(cli: click.Group, made: date) -> str:
    """Return the page of the program, which says on what day it was made."""
    return "\n".join(_page(cli, made)) + "\n"


def _page(cli: click.Group, made: date) -> Iterator[str]:
    context = click.Context(cli, info_name=_NAME, **cli.context_settings)
    aim = (cli.help or "").partition("\n")[0].rstrip(".")
    yield f'.TH {_quoted(_NAME.upper())} 1 "{made}" "{_NAME} {__version__}" "User Commands"'
    yield ".SH NAME"
    yield rf"{_text(_NAME)} \-"
    yield from _wrapped(aim[:1].lower() + aim[1:])
    yield ".SH SYNOPSIS"
    yield rf"\fB{_text(_NAME)}\fR [\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGS\fR]..."
    yield ".SH DESCRIPTION"
    yield from _paragraphs(cli.help or "", first=True)
    yield ".SH OPTIONS"
    yield from _options(cli, context)
    yield ".SH COMMANDS"
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield from _command(command, click.Context(command, context, info_name=name))
    for title, told in (("EXIT STATUS", _EXIT), ("ENVIRONMENT", VARIABLES), ("FILES", _FILES)):
        yield f".SH {_quoted(title)}"
        for word, text in told.items():
            yield from (".TP", rf"\fB{_text(word)}\fR", *_wrapped(text))
    yield ".SH SEE ALSO"
    yield ",\n".join(rf"\fB{_text(name)}\fR({section})" for name, section in _SEE)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    yield f".SS {_quoted(f'{context.command_path} {usage}')}"
    yield from _paragraphs(command.help or "", first=True)
    yield from _options(command, context)
    yield from _paragraphs(command.epilog or "", first=False)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield each option as --help tells it; --help itself only with the program's own."""
    for param in command.get_params(context) if context.parent is None else command.params:
        record = param.get_help_record(context)
        if isinstance(param, click.Option) and record is not None:
            parts = enumerate(_OPTION.split(record[0]))
            yield ".TP"
            yield "".join(rf"\fB{_text(part)}\fR" if i % 2 else _text(part) for i, part in parts)
            yield from _wrapped(record[1])


def _paragraphs(text: str, *, first: bool) -> Iterator[str]:
    """Yield the paragraphs of a help text, which comes first below its heading or not; what click
    leaves as it is keeps its lines."""
    for index, paragraph in enumerate(re.split(r"\n\s*\n", cleandoc(text)) if text else ()):
        if index or not first:
            yield ".PP"
        if paragraph.startswith("\b"):
            yield from (".nf", *map(_text, paragraph.splitlines()[1:]), ".fi")
        else:
            yield from _wrapped(paragraph)


def _wrapped(text: str) -> Iterator[str]:
    """Yield text in lines that an editor shows; escapes make them longer."""
    return map(_text, wrap(text, 70, break_long_words=False, break_on_hyphens=False))


def _quoted(text: str) -> str:
    return '"{}"'.format(_text(text).replace('"', r"\(dq"))


def _text(line: str) -> str:
    """Return a line as man(7) takes it: nothing in it is a request, and a hyphen can be copied."""
    line = line.replace("\\", r"\e").replace("-", r"\-")
    line = "".join(one if one.isascii() else rf"\[u{ord(one):04X}]" for one in line)
    return rf"\&{line}" if line.startswith((".", "'")) else line
