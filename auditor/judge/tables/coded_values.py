"""Texts and lists of a column, each different one kept once: of a million rows few differ."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

#: A column with more different values than this, and with one of four rows another, is kept as
#: plain values; so is one with more than the codes can tell apart.
_FEW, _SHARE, _MOST = 1024, 4, 60_000


class _Codes(dict[Any, int]):
    """The code of each value, given when it is first asked for."""

    def __init__(self, words: list[Any]) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, value: Any) -> int:
        code = self[value] = len(self)
        self._words.append(value)
        return code


class CodedValues:
    """A growing sequence of hashable values."""

    __slots__ = ("_code_of", "_plain", "codes", "words")

    def __init__(self) -> None:
        self.words: list[Any] = []
        """Every different value, once; empty: see ``codes``."""
        self.codes: array[int] | None = array("H")
        """For each value its place among the words; None: too many differ, and all are kept."""
        self._code_of = _Codes(self.words)
        self._plain: list[Any] = []

    def extend(self, values: Sequence[Any]) -> None:
        """Add values."""
        if self.codes is None:
            self._plain.extend(values)
            return
        code_of = self._code_of
        codes = [code_of[value] for value in values]
        different, rows = len(self.words), len(self.codes) + len(codes)
        if different > _MOST or (different > _FEW and different * _SHARE > rows):
            self._plain = [*self, *values]
            self.codes = None
            self.words.clear()
            self._code_of.clear()
        else:
            self.codes.extend(codes)

    def __len__(self) -> int:
        return len(self._plain if self.codes is None else self.codes)

    def __getitem__(self, index: int) -> Any:
        return self._plain[index] if self.codes is None else self.words[self.codes[index]]

    def __iter__(self) -> Iterator[Any]:
        if self.codes is None:
            return iter(self._plain)
        return map(self.words.__getitem__, self.codes)

    def between(self, start: int, stop: int) -> list[Any]:
        """Return the values of some rows."""
        if self.codes is None:
            return self._plain[start:stop]
        return list(map(self.words.__getitem__, self.codes[start:stop]))
