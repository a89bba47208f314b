"""The reports that a command line asks for: where each goes, and in which format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import click

from auditor.cli.choice import Choice
from auditor.errors import OutputError
from auditor.report.formats import ONE_TABLE, Format, TableFormat
from auditor.report.interface import TableName
from auditor.text import printable

if TYPE_CHECKING:
    from auditor.cli.inputs import Inputs
    from auditor.cli.output import Text
    from auditor.judge.tables.table import Table
    from auditor.outputs import Guard
    from auditor.report.interface import Report
    from auditor.result import Audit


#: An audit → its report, piece by piece.
Renderer = Callable[["Audit"], Iterable[str] | Iterable[bytes]]


class Place(NamedTuple):
    """One report of a command."""

    target: str
    """A file; ``-`` is standard output."""
    format: StrEnum
    """One of ``Format``, or another that the command has."""
    table: str = ""
    """The one table that it is of; empty: the report is of all."""


class Reports(NamedTuple):
    """All reports of a command: the work is done once, and written to each place."""

    places: tuple[Place, ...]
    table: TableName = TableName.FLOWS
    """The table for formats that show only one."""
    table_named: bool = False
    """That table was chosen with --table."""
    force: bool = False
    """Other files than reports may be replaced, too."""
    local_time: bool = False
    """For people, times are in the zone of this machine."""
    brief: bool = False
    """For a terminal, what is shown is the first screen only."""
    named: bool = True
    """Some place was named with -o."""

    def check(self, read: Inputs, *others: str) -> Guard:
        """Refuse now what could not be written after the work: places that are inputs, hold what
        must stay, or are one file with another place or with one of ``others``.

        Returns the guard to write with. Raises OutputError.
        """
        from auditor.cli import output as sink
        from auditor.cli.inputs import report_guard

        guard = report_guard(read, force=self.force)
        for place in self.places:
            if place.table:
                from auditor.report.parquet import check_parquet

                check_parquet(place.target)
            sink.check(place.target, guard)
        _check_apart([*others, *(place.target for place in self.places)])
        return guard

    def report(self, place: Place) -> Report:
        """Return what renders the report of a place."""
        from auditor.cli.terminal import render_options
        from auditor.report import reporter

        shown = render_options(
            to_file=place.target != "-",
            table=self.table,
            local_time=self.local_time,
            brief=self.brief,
        )
        return reporter(Format(place.format), shown)

    def renderer(self, place: Place) -> Renderer:
        """Return what makes the report of an audit for a place."""
        if not place.table:
            return self.report(place).audit_parts
        from auditor.report.parquet import parquet_bytes

        return lambda audit: parquet_bytes(audit.tables[place.table])

    def write(
        self,
        render: Callable[[Report], Text],
        guard: Guard,
        tables: Mapping[str, Table] | None = None,
    ) -> None:
        """Write what ``render`` makes of each report, and ``tables`` where they are asked for.
        Raises OutputError."""

        def text(place: Place) -> Text:
            if not place.table or tables is None:
                return render(self.report(place))
            from auditor.report.parquet import parquet_bytes

            return parquet_bytes(tables[place.table])

        self.write_each(text, guard)

    def write_each(self, text: Callable[[Place], Text], guard: Guard) -> None:
        """Write the text of each place. Raises OutputError, when the others have been written."""
        from auditor.cli import output as sink

        failed: list[OutputError] = []
        for place in self.places:
            try:
                sink.write(text(place), place.target, guard)
            except OutputError as error:
                failed.append(error)
        if failed:
            raise failed[0]


def reports(
    outputs: Sequence[str],
    chosen: str | None,
    choice: Choice,
    table: str | None = None,
    *,
    force: bool = False,
    local_time: bool = False,
    brief: bool = False,
) -> Reports:
    """Return the reports that options ask for; raise UsageError where they contradict.

    The suffix of an output says its format, else ``chosen`` does.
    """
    given = None if chosen is None else choice.format(chosen)
    meant = {target: choice.meant(target) for target in outputs}
    if given is not None and outputs and all(meant.values()) and given not in meant.values():
        target, other = next(iter(meant.items()))
        own = [suffix for suffix, one in choice.suffixes.items() if one is given][:1]
        raise click.UsageError(
            f"--format {given} contradicts -o {printable(target)}, whose suffix stands for "
            f"{other}: leave --format away, or name the file {(own or ['otherwise'])[0]}."
        )
    choice.refuse_foreign(outputs if given is None else ())
    default = given or choice.formats[0]
    places = [Place(target, meant.get(target) or default) for target in outputs or ("-",)]
    for target, format_, _ in places:
        if format_ not in choice.formats:
            raise click.UsageError(
                f"-o {printable(target)}: this command writes no {format_}; name the file "
                f"{', '.join(choice.names)}."
            )
    if table is not None and not any(place.format in ONE_TABLE for place in places):
        raise click.UsageError(
            f"--table {table} chooses the one table of --format csv, which is not asked for: "
            "add --format csv, or name a file .csv with -o."
        )
    if brief and not any(place.format is Format.TABLE for place in places):
        raise click.UsageError(
            "--brief shortens --format table, which is not asked for: leave --brief away, or ask "
            "for the table, such as with -o report.txt."
        )
    first = next(iter(choice.tables), TableName.FLOWS)
    return Reports(
        tuple(_each_file(places, choice.tables)),
        first if table is None else TableName(table),
        table_named=table is not None,
        force=force,
        local_time=local_time,
        brief=brief,
        named=bool(outputs),
    )


def _each_file(places: Sequence[Place], tables: Sequence[TableName]) -> Iterator[Place]:
    """Yield the places, one a table where a format is one file a table."""
    for place in places:
        if not isinstance(place.format, TableFormat):
            yield place
            continue
        if place.target == "-":
            raise click.UsageError(
                f"{place.format} is one file a table: name the first part of their names with -o "
                f"NAME.{place.format}."
            )
        from auditor.report.parquet import parquet_names

        for table, file in parquet_names(map(str, tables), place.target).items():
            yield Place(file, place.format, table)


def _check_apart(targets: Sequence[str]) -> None:
    """Raise OutputError if two outputs are one file, whatever it is called."""
    from auditor.outputs import place

    seen: dict[object, str] = {}
    for target in targets:
        try:
            where = place(target)
        except OSError:  # is told where it is opened
            continue
        if where is not None and where in seen:
            both = (
                f"{target} is named twice"
                if seen[where] == target
                else f"{seen[where]} and {target} are one file"
            )
            raise OutputError(f"{both}: give each output a file of its own.")
        seen[where] = target
