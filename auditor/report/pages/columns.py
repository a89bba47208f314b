"""``docs/columns.md`` from the table contract: ``python -m auditor.report.pages.columns``."""

from __future__ import annotations

import sys

from auditor.judge.tables.column import Column
from auditor.judge.tables.columns import ALL_TABLES

_OPENING = """\
# The columns of every table

Made by `python -m auditor.report.pages.columns > docs/columns.md`; do not edit.

`auditor.audit(…)` returns these tables as pandas DataFrames (`auditor.sockets(…)` the table
`sockets`), rules judge them, and the reports show them. `problems` is what reading a configuration
finds; only rules see it. Columns may be added; none is renamed. A column that holds one of a few
words lists them; a rule that compares it with another one is refused.

Numbers of connections, severities, confidences and verdicts have an order, and are ordered
categoricals in pandas: the numbers as in the manual, and what is worse, or surer, is greater
(`severity >= "medium"`, `sort_values("severity", ascending=False)`). Nothing, the empty text, is
less than any.

| dtype | pandas | missing |
|---|---|---|
| `str` | str, or ordered category | empty text |
| `Int64`, `Float64` | nullable numbers | `NA` |
| `bool` | bool | never |
| `time` | datetime64[ns, UTC] | `NaT` |
| `list` | object: a list of str | empty list |

In JSON everything missing is `null` (lists stay `[]`) and a time is ISO 8601 with nanoseconds and
`Z`; the flow's columns `initiator_…`, `acceptor_…`, `identity_…`, `heartbeat_…` and `socket_…`
become objects (`docs/report.schema.json`). In CSV everything missing is empty, lists are joined
with `; `, control characters are `?`, and a text that begins with `=`, `+`, `-` or `@` has a `'` in
front, so that no spreadsheet takes it for a formula.
"""


def columns_page() -> str:
    """Return the page, in Markdown."""
    parts = [_OPENING]
    for name, columns in ALL_TABLES.items():
        parts.append(f"\n## {name}\n\n| column | dtype | meaning |\n|---|---|---|\n")
        parts.extend(
            f"| `{column}` | {of.dtype} | {of.meaning}{_words(of)} |\n"
            for column, of in columns.items()
        )
    return "".join(parts)


def _words(column: Column) -> str:
    listed = ", ".join(f"`{word}`" for word in column.listed_words())
    return f" ({listed})" if listed else ""


if __name__ == "__main__":
    sys.stdout.write(columns_page())
