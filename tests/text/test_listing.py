"""The first of many names, and how many more there are."""

import pytest

from auditor.text.listing import first_of

ADDRESSES = [f"10.0.0.{n}" for n in range(10, 18)]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([], ""),
        (["10.0.0.1", "10.0.0.2"], "10.0.0.1, 10.0.0.2"),
        (ADDRESSES[:5], "10.0.0.10, 10.0.0.11, 10.0.0.12, 10.0.0.13, 10.0.0.14"),
        (ADDRESSES, "10.0.0.10, 10.0.0.11, 10.0.0.12, 10.0.0.13, 10.0.0.14 and 3 more"),
    ],
)
def test_no_more_are_named_than_asked_for(names: list[str], shown: str) -> None:
    assert first_of(names, 5) == shown
