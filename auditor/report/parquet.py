"""Parquet files of an audit's tables, one a table, for pandas, DuckDB and whoever else reads them.

``audit.parquet`` stands for ``audit.flows.parquet``, ``audit.findings.parquet`` and so on. A folder
of that name would be taken for one table in parts, whose columns a reader mixes without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.errors import OutputError, install_command
from auditor.judge.tables.column import Column
from auditor.outputs import atomic_file
from auditor.text import printable
from auditor.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

    from auditor.judge.tables.table import Table

SUFFIX = ".parquet"
#: By this key of its metadata a file is known for ours; its value is the version.
WRITER = b"bareos-audit.version"


def parquet_names(tables: Iterable[str], target: str) -> Mapping[str, str]:
    """Return the file of each table by the table's name."""
    stem = target[: -len(SUFFIX)] if target.lower().endswith(SUFFIX) else target
    return {table: f"{stem}.{table}{SUFFIX}" for table in tables}


def save_parquet(tables: Mapping[str, Table], target: str) -> tuple[Path, ...]:
    """Write the tables, each file whole or not at all; return the files. Raises OutputError, also
    where the extra ``parquet`` is not installed."""
    check_parquet(target)
    names = parquet_names(tables, target)
    for table, content in tables.items():
        with atomic_file(names[table], private=False) as put:
            for block in parquet_bytes(content):
                put(block)
    return tuple(map(Path, names.values()))


def check_parquet(target: str) -> None:
    """Raise OutputError if pyarrow is missing."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise OutputError(
            f"{printable(target)} needs pyarrow, which is not installed: install it with "
            f"{install_command('bareos-audit[parquet]')}."
        ) from None


def parquet_bytes(table: Table) -> Iterator[bytes]:
    """Yield a table as one Parquet file. What pandas reads of it equals the DataFrame of the audit,
    but that a list is an array of numpy, and that a table without rows has no words in its
    categoricals."""
    import pyarrow as pa
    from pyarrow import parquet

    from auditor.judge.tables.frames import frame

    schema = pa.schema([(name, _type(column)) for name, column in table.columns.items()])
    rows = pa.Table.from_pandas(frame(table), schema=schema, preserve_index=False)
    known = {**(rows.schema.metadata or {}), WRITER: __version__.encode()}
    sink = pa.BufferOutputStream()
    parquet.write_table(rows.replace_schema_metadata(known), sink, compression="zstd")
    yield sink.getvalue().to_pybytes()


def _type(column: Column) -> pa.DataType:
    import pyarrow as pa

    types: Mapping[str, Any] = {
        "str": pa.string(),
        "Int64": pa.int64(),
        "Float64": pa.float64(),
        "bool": pa.bool_(),
        "time": pa.timestamp("ns", "UTC"),
        "list": pa.list_(pa.string()),
    }
    if column.ordered_words():
        return pa.dictionary(pa.int8(), pa.string(), ordered=True)
    return types[column.dtype]
