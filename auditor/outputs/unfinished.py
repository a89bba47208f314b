"""What has to go if the program ends in the middle: files that are not there yet."""

from __future__ import annotations

from collections.abc import Callable

#: What removes each of them; they are called at most once.
_UNFINISHED: set[Callable[[], None]] = set()


def begun(remove: Callable[[], None]) -> None:
    """Remember how an unfinished file is removed."""
    _UNFINISHED.add(remove)


def over(remove: Callable[[], None]) -> None:
    """Forget it: it is finished, or gone."""
    _UNFINISHED.discard(remove)


def remove_unfinished() -> None:
    """Remove every unfinished file; for whoever ends the program without unwinding it."""
    while _UNFINISHED:
        _UNFINISHED.pop()()
