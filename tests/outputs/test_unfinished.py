"""What is not finished when the program ends is removed, each once."""

from __future__ import annotations

from auditor.outputs.unfinished import begun, over, remove_unfinished


def test_what_began_and_is_not_over_is_removed_once() -> None:
    removed: list[str] = []
    first, second = (lambda: removed.append("first")), (lambda: removed.append("second"))
    begun(first)
    begun(second)
    over(first)
    remove_unfinished()
    remove_unfinished()
    assert removed == ["second"]


def test_what_was_never_begun_may_be_over() -> None:
    over(print)
    remove_unfinished()
