"""A bar in the cell of a notebook while large captures are read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from auditor.text.markup import inert

#: Bytes from which on reading takes longer than drawing a bar is worth.
LARGE = 64 << 20
#: Times that a bar is drawn anew.
_STEPS = 100

Advance = Callable[[int], None]


@contextmanager
def watched(captures: Sequence[str | Path], given: Advance | None) -> Iterator[Advance | None]:
    """Give what to call with the number of bytes read since the last call: what was given, else
    what draws a bar, in a notebook and where that makes sense."""
    if given is not None or not in_notebook():
        yield given
        return
    from auditor.kernels.native import when_compiling

    bar = _Bar(size(captures))
    with when_compiling(lambda: bar.say("Compiling machine code for this processor, once …")):
        try:
            yield bar.advance if bar.total >= LARGE else None
        finally:
            bar.end()


def in_notebook() -> bool:
    """Tell whether a kernel of Jupyter runs this."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return getattr(shell, "kernel", None) is not None


def size(captures: Sequence[str | Path]) -> int:
    """Return the bytes of these files together; what is none counts nothing."""
    total = 0
    for capture in captures:
        with suppress(OSError):
            total += Path(capture).stat().st_size
    return total


class _Bar:
    """One output of a cell, which is written over."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._read = 0
        self._drawn = -1
        self._handle: Any = None

    def advance(self, count: int) -> None:
        """Count bytes as read, and draw the bar where that would be seen."""
        self._read += count
        step = self._read * _STEPS // self.total
        if step != self._drawn:
            self._drawn = step
            told = f"{self._read >> 20:,} of {self.total >> 20:,} MiB read"
            self._show(f'<progress max="{_STEPS}" value="{step}"></progress> {told}')

    def say(self, sentence: str) -> None:
        """Show a sentence."""
        self._show(inert(sentence))

    def end(self) -> None:
        """Leave nothing of it."""
        if self._handle is not None:
            self._show("")

    def _show(self, markup: str) -> None:
        from IPython import display

        shown = display.HTML(markup)  # type: ignore[no-untyped-call]
        if self._handle is not None:
            self._handle.update(shown)
        else:
            self._handle = display.display(shown, display_id=True)  # type: ignore[no-untyped-call]
