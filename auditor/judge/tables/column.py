"""What one column of the public contract is."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from auditor.config.resources import Source


class Column(NamedTuple):
    """One column: its dtype, what it holds, and its words where these are few."""

    dtype: str
    """``str`` (missing: empty), ``Int64`` and ``Float64`` (missing: NA), ``bool``, ``time``
    (datetime64[ns, UTC], missing: NaT) or ``list`` (a Python list of str)."""
    meaning: str
    words: Iterable[str] = ()
    """Every text that it can hold, mostly an enum whose members these are; none: any text."""
    optional: bool = False
    """A word may be missing."""
    rising: Iterable[str] = ()
    """These words and perhaps others from the least to the greatest; none: they have no order."""

    def ordered_words(self) -> list[str]:
        """Return the words from the least to the greatest; empty: they have no order."""
        known = frozenset(self.listed_words())
        return [str(word) for word in self.rising if word in known]

    def listed_words(self) -> list[str]:
        """Return the words in their order, without the empty text."""
        return [str(word) for word in self.words if word]


@lru_cache(1 << 16)  # a line of a large configuration decides many rows, which share its text
def place(source: Source | None) -> str:
    """Return what a column of file:line holds of a place in the configuration; empty: there is
    none."""
    return str(source) if source is not None else ""
