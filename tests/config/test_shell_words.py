"""The words of a shell command; what is not plain is refused."""

from __future__ import annotations

import pytest

from auditor.config.shell_words import VARIABLE, NotUnderstoodError, Word, WordReader, words


def said(command: str) -> list[str]:
    return [word.text.replace(VARIABLE, "|") for word in words(command)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cat a.conf  b.conf", ["cat", "a.conf", "b.conf"]),
        ("echo @${f}", ["echo", "@|f|"]),
        ("echo @$f", ["echo", "@|f|"]),
        ('echo "@$f"', ["echo", "@|f|"]),
        ('echo "@"${f}', ["echo", "@|f|"]),
        ("sed 's/^/@/'", ["sed", "s/^/@/"]),
        ('printf "@%s\\n" $f', ["printf", "@%s\\n", "|f|"]),
        ("a;b\nc|d", ["a", ";", "b", ";", "c", "|", "d"]),
        ("x -exec cat {} \\;", ["x", "-exec", "cat", "{}", ";"]),
        ("ls a 2>/dev/null | sort", ["ls", "a", "|", "sort"]),
        ('awk "{print \\"@\\" \\$0}"', ["awk", '{print "@" $0}']),
        ("", []),
    ],
)
def test_a_command_is_cut_into_words(command: str, expected: list[str]) -> None:
    assert said(command) == expected


@pytest.mark.parametrize(
    "command",
    ["cat ~/x", "cat ${f%x}", 'cat "$(x)"', "cat <x", "cat >x", "a & b", "cat {a,b}", "x # y",
     "cat 'open", 'cat "open', "cat !x", 'echo "`x`"', "cat $1"],
)  # fmt: skip
def test_what_is_not_plain_is_refused(command: str) -> None:
    with pytest.raises(NotUnderstoodError):
        words(command)


@pytest.mark.parametrize(
    ("command", "wild"),
    [("/x/*.conf", True), ("/x/?.conf", True), ("'/x/*.conf'", False), ("\\*", False)],
)
def test_only_what_stands_outside_of_quotes_is_expanded(command: str, wild: bool) -> None:
    (word,) = words(command)
    assert word.wild is wild


def test_words_are_read_one_after_the_other() -> None:
    reader = WordReader(words("ls ; a b"))
    assert reader.next() == Word("ls")
    assert not reader.take(";")
    reader.skip()
    assert reader.take_all("a", "b")
    assert reader.ended
    assert reader.peek().operator
    with pytest.raises(NotUnderstoodError):
        reader.need("more")
