"""GitHub flavoured Markdown in which foreign text does nothing: no mark, tag, link or mention.

What a forge makes of text goes beyond the specification (github.github.com/gfm): it turns
``@name``, ``#1``, ``GH-1``, commit ids, addresses and ``:name:`` into links, mentions and pictures,
also where a backslash or an entity stands before the sign. In code it does none of that, and code
knows no escapes. So every word with a sign in it becomes code, and no other word has any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from auditor.text import SENTENCE, printable

#: What has a meaning in Markdown, HTML or on a forge, wherever in a word it stands.
_SIGNS = re.compile(r"[\\`*_{}\[\]<>#|~&@$^:/]")
#: Words without a sign that a forge makes links of: host names with www, issues, commits.
_LINKED = re.compile(r"(?i)\bwww\.|gh-\d|\b(?=[a-f]*\d)[0-9a-f]{7,40}\b")
#: What begins a list or a rule at the beginning of a line.
_BLOCK = re.compile(r"[-+=]|\d{1,9}[.)]")
#: A word and the punctuation round it, which stays outside of code.
_WORD = re.compile(r"([(\"']*)(.*?)([.,;:!?)\"']*)", re.S)
#: What stands for an empty text: a dash that begins no list.
_NOTHING = "–"
#: Characters of a cell.
_CELL = 200


def told(sentence: str) -> str:
    """Return a sentence whose words with signs are code; never empty."""
    words = printable(sentence, SENTENCE).split()
    return " ".join([_told(word, first=not at) for at, word in enumerate(words)]) or _NOTHING


def _told(word: str, *, first: bool) -> str:
    found = _WORD.fullmatch(word)
    assert found is not None
    before, inner, after = found.groups()
    if not inner:
        return word
    if not (_SIGNS.search(inner) or _LINKED.search(inner) or (first and _BLOCK.match(word))):
        return word
    marked = re.fullmatch("`([^`]+)`", inner)  # our own sentences mark options so
    return f"{before}{code(marked[1] if marked else inner)}{after}"


def code(text: str, limit: int = SENTENCE) -> str:
    """Return a text as code, whatever is in it."""
    shown = printable(text, limit).strip()
    if not shown:
        return _NOTHING
    marks = "`" * (_longest(shown) + 1)
    space = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{marks}{space}{shown}{space}{marks}"


def fenced(lines: Iterable[str]) -> str:
    """Return lines as a block of code."""
    shown = [printable(line, SENTENCE).rstrip() for line in lines]
    marks = "`" * max(3, _longest("\n".join(shown)) + 1)
    return "\n".join([f"{marks}text", *shown, marks])


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are foreign text. A vertical bar, which would end the cell in code,
    too, is shown as a broken one."""
    lines = [header, ["---"] * len(header), *([_cell(text) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    shown = printable(text, _CELL).replace("|", "¦")
    return told(shown) if shown.strip() else ""


def details(summary: str, body: str) -> str:
    """Return what is folded below a summary, which has to be words of ours."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _longest(text: str) -> int:
    """Return how many backticks stand beside each other at most."""
    return max((len(run) for run in re.findall("`+", text)), default=0)
