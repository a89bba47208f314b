"""Values of a JSON report that somebody may have changed: of the right type, and safe to show."""

from __future__ import annotations

from typing import Any

from auditor.text import printable
from auditor.text.times import from_iso


def text_of(value: Any) -> str:
    """Return a text, empty for null. Raises ValueError for what is none."""
    if value is not None and not isinstance(value, str):
        raise ValueError("what must be text is none")
    return printable(value, len(value)) if value else ""


def given_text(value: Any) -> str:
    """Return a text that is never null, but may be empty. Raises ValueError for what is none."""
    if value is None:
        raise ValueError("what must be text is missing")
    return text_of(value)


def texts_of(value: Any) -> tuple[str, ...]:
    """Return a list of texts. Raises ValueError for what is none."""
    return tuple(map(text_of, list_of(value)))


def list_of(value: Any) -> list[Any]:
    """Return a list. Raises ValueError for what is none."""
    if not isinstance(value, list):
        raise ValueError("what must be a list is none")
    return value


def count_of(value: Any) -> int:
    """Return a whole number from 0 on. Raises ValueError for what is none."""
    if type(value) is not int or value < 0:
        raise ValueError("what must be a count is none")
    return value


def time_of(value: Any) -> int | None:
    """Return a time as ns UTC, None for null. Raises ValueError for what is none."""
    return None if value is None else from_iso(text_of(value))
