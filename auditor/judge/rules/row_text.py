"""The cells of a row as text that is safe to show, for the templates of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.judge.tables.table import Row
from auditor.text import SENTENCE, printable
from auditor.text.times import iso

#: Columns that name an end, and those with its address: a daemon of which only the role is known
#: is the one that was there.
_ADDRESSES = {f"{end}_daemon": f"{end}_address" for end in ("initiator", "acceptor")}
_ANY = "any "


class RowText(Mapping[str, str]):
    """The cells of a row as text, each made only when a template asks for it."""

    def __init__(self, row: Row) -> None:
        self._row = row

    def __getitem__(self, key: str) -> str:
        shown = _shown(self._row[key], self._row.table.columns[key].dtype)
        address = self._row.get(_ADDRESSES.get(key, ""))
        if address and shown.startswith(_ANY):
            return f"the {shown.removeprefix(_ANY)} at {address}"
        return shown

    def __iter__(self) -> Iterator[str]:
        return iter(self._row)

    def __len__(self) -> int:
        return len(self._row)


def _shown(value: Any, dtype: str) -> str:
    """Return a cell as text that is safe to show; a missing value as nothing."""
    if isinstance(value, list):
        return ", ".join(printable(str(item)) for item in value)
    if value is None:
        return ""
    if dtype == "time":
        return iso(value, brief=True)
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return printable(str(value), SENTENCE)
