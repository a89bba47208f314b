"""Values behind an equals sign, as each shell hands them over and takes them back."""

from __future__ import annotations

import pytest
from commandline import run


def completed(shell: str, before: str, words: str, begun: str, count: int) -> list[str]:
    """Return the values that a shell gets: of it come the words, and the one that was begun."""
    # fish gives the word itself, the others its place.
    place = begun if shell == "fish" else str(count)
    result = run(
        _BAREOS_AUDIT_COMPLETE=f"{shell}_complete", COMP_WORDS=f"{before} {words}", COMP_CWORD=place
    )
    lines = [line for line in result.stdout.splitlines() if line]
    if shell == "zsh":
        return lines[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in lines]


@pytest.mark.parametrize(
    ("words", "count", "values"),
    [
        ("check --idle-limit = cisco-a", 4, ["cisco-asa"]),
        ("check --rule =", 3, None),
        ("analyze --port dir = 91", 5, ["9101"]),
        ("analyze --port = dir = 9", 6, ["9101"]),
        ("analyze --port di", 3, ["director=9101", "dir=9101"]),
        ("check -c = x --format h", 6, ["html"]),
    ],
)
def test_bash_splits_a_word_there_and_replaces_what_is_behind(
    words: str, count: int, values: list[str] | None
) -> None:
    found = completed("bash", "bareos-audit", words, "", count)
    assert found == values if values is not None else "heartbeat-missing" in found


@pytest.mark.parametrize("shell", ["zsh", "fish"])
@pytest.mark.parametrize(
    ("begun", "values"),
    [
        ("--idle-limit=cisco-a", ["--idle-limit=cisco-asa"]),
        ("--format=ht", ["--format=html"]),
        ("--format=nothing", []),
        ("--idle-l", ["--idle-limit"]),
    ],
)
def test_others_replace_the_whole_word(shell: str, begun: str, values: list[str]) -> None:
    assert completed(shell, "bareos-audit check", begun, begun, 2) == values
