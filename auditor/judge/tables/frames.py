"""A table as a pandas DataFrame, for whoever audits from Python.

Nothing inside needs pandas, and loading it would take as long as a short audit: so this is the only
module that loads it, and only when a DataFrame is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from auditor.judge.tables.arrays import cells
from auditor.judge.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd


def frame(table: Table) -> pd.DataFrame:
    """Return the rows as a DataFrame with the columns and dtypes of ``docs/columns.md``."""
    import pandas as pd

    columns = {name: _array(table, name) for name in table.columns}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(table)))


def _array(table: Table, name: str) -> Any:
    """Return a column's values; an array costs a tenth of what a Series does."""
    import pandas as pd

    values, known = cells(table, name)
    if ordered := table.columns[name].ordered_words():  # missing: empty, the least of all
        return pd.Categorical(values, ["", *ordered], ordered=True)
    missing = np.zeros(len(values), bool) if known is None else ~known
    match table.columns[name].dtype:
        case "Int64":
            return pd.arrays.IntegerArray(values.copy(), missing)
        case "Float64":
            return pd.arrays.FloatingArray(values.copy(), missing)
        case "time":
            times = pd.arrays.IntegerArray(values.copy(), missing)
            return pd.to_datetime(times, unit="ns", utc=True)
        case "list":
            return pd.Series([list(value) for value in values], dtype=object).array
        case dtype:
            return pd.array(values, dtype=dtype)
