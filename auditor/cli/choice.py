"""What a command can write, and which of it the name of a file asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from os.path import lexists
from pathlib import Path
from typing import NamedTuple

import click

from auditor.report.formats import SUFFIXES
from auditor.report.interface import TableName
from auditor.text import printable

#: Suffixes of what people open with other programs, or unpack: a report in it would be a surprise.
_FOREIGN = re.compile(r"\.(db|docx?|gz|od[st]|pdf|png|sqlite|svg|tsv|xlsx?|ya?ml|zip|zst)", re.I)


class Choice(NamedTuple):
    """What a command can write; the first of the formats, and of the tables, is its default."""

    formats: Sequence[StrEnum]
    suffixes: Mapping[str, StrEnum] = SUFFIXES
    """What a suffix stands for, also where the command has it not."""
    tables: Sequence[TableName] = ()

    @property
    def names(self) -> list[str]:
        """The suffixes that ask for a format of the command."""
        return [suffix for suffix, one in self.suffixes.items() if one in self.formats]

    def format(self, chosen: str) -> StrEnum:
        """Return the format of that name."""
        return next(one for one in self.formats if one == chosen)

    def meant(self, target: str) -> StrEnum | None:
        """Return the format that the name of a file asks for; None: it says nothing."""
        fitting = [suffix for suffix in self.suffixes if target.lower().endswith(suffix)]
        return self.suffixes[max(fitting, key=len)] if fitting else None

    def refuse_foreign(self, targets: Iterable[str]) -> None:
        """Raise UsageError for a file whose suffix promises what none of our formats is."""
        for target in targets:
            # Of what is there already it is said what it is.
            if _FOREIGN.fullmatch(Path(target).suffix) and not lexists(target):
                raise click.UsageError(
                    f"-o {printable(target)}: no report has this suffix; name the file "
                    f"{', '.join(self.names)}, or say with --format what is to be in it."
                )
