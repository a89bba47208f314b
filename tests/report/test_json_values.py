"""Values of a report that somebody may have changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.report.json_values import count_of, given_text, list_of, text_of, texts_of, time_of


@pytest.mark.parametrize(
    ("read", "value", "made"),
    [
        (text_of, None, ""),
        (text_of, "a\x1bb", "a?b"),
        (given_text, "", ""),
        (texts_of, ["a", None], ("a", "")),
        (list_of, [1], [1]),
        (count_of, 0, 0),
        (time_of, None, None),
        (time_of, "2027-01-15T08:00:00.000000001Z", 1_800_000_000_000_000_001),
    ],
)
def test_what_fits_is_read(read: Callable[[Any], Any], value: Any, made: Any) -> None:
    assert read(value) == made


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (text_of, 1),
        (given_text, None),
        (texts_of, "ab"),
        (texts_of, [1]),
        (list_of, {}),
        (list_of, None),
        (count_of, True),
        (count_of, -1),
        (count_of, 1.0),
        (time_of, "today"),
        (time_of, 5),
    ],
)
def test_what_does_not_is_refused(read: Callable[[Any], Any], value: Any) -> None:
    with pytest.raises(ValueError, match=r"must be|is no time"):
        read(value)
