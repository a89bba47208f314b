"""``docs/classification.md`` from the decision table and its steps.

``python -m auditor.report.pages.classification > docs/classification.md`` after any change to them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from auditor.judge.matching.agreement import Agreements
from auditor.judge.matching.classification import STEPS
from auditor.judge.matching.decision import (
    AGREEMENT_WORDS,
    PREFERENCES,
    TABLE,
    FlowFacts,
    Line,
)
from auditor.judge.matching.port_classifier import PORT_RULES

_HEAD = """\
# How a flow gets its connection number

Made by `python -m auditor.report.pages.classification > docs/classification.md`; do not edit.

A number says who dials whom for what ([bareos.md](bareos.md) §0). The configuration says which
connections there may be at all: `bareos-audit expect` lists these expectations. A flow is compared
with them in the order below. Sections (§) are those of [bareos.md](bareos.md); code is in
`auditor/judge/matching/`.
"""

#: Of each agreement: what it means for the identity, the initiator's address, and the target.
_AGREEMENTS = {
    "match": (
        "the name that the initiator must send; for 6, 7 and 8 a job that the Director has",
        "one of the initiator's, or the initiator proved its name there before",
        "one of the acceptor's, on its port",
    ),
    "none": (
        "not seen, or no name is configured; for 12 PostgreSQL",
        "the initiator may be anywhere, or both ends have one address",
        "the acceptor has no known address; its port",
    ),
    "mismatch": (
        "the right type, and another name",
        "another than the initiator's known ones",
        "nobody is known there; its port",
    ),
    "conflict": ("another number's", "", ""),
}

_FACTS = """\

And of the flow itself: **proven**, the acceptor checked the initiator's key and went on; **no
hello**, it was established within the capture, and yet its first bytes are no hello; **direction
guessed**, only the port numbers tell who dialled; **named**, its first bytes name the initiator or
are PostgreSQL's.
"""

_TABLE_HEAD = """\

## The decision table

Every combination is in exactly one line. `·` stands for any value, a comma for "or".

"""

_PREFERENCE_HEAD = """\

## The preferences

The first that tells candidates apart decides.

"""

_PORTS_HEAD = """\

## Without a configuration

Nobody's address is known, so port, hello and what the initiator's host does on other flows of the
capture have to do (`port_classifier.PORT_RULES`). The first line that holds decides; the number is
likely where the hello names somebody or is PostgreSQL's, else a guess. The steps *5b* and *no
number* follow. What no line holds for has no number, and neither has PostgreSQL on another port
than the catalog's.

"""

_TABLE_COLUMNS = (
    "line",
    "identity",
    "address",
    "target",
    "proven",
    "no hello",
    "direction guessed",
    "named",
    "number is",
    "because",
)
_EXAMPLE_COLUMNS = ("candidate", "identity", "address", "target", "line", "number is")


class _Compared(NamedTuple):
    """One candidate of a worked example."""

    expectation: str
    agreements: tuple[str, str, str]
    """Of identity, address and target, in the words of the table."""


class _Example(NamedTuple):
    title: str
    story: str
    facts: FlowFacts
    candidates: tuple[_Compared, ...]
    end: str


_NAMED = FlowFacts(proven=True, hello_missing=False, direction_guessed=False, named=True)
_MIDSTREAM = FlowFacts(proven=False, hello_missing=False, direction_guessed=True, named=False)

_EXAMPLES = (
    _Example(
        "A backup",
        "fd1 (10.0.0.31) dials sd1 (10.0.0.20, port 9103). Its ClientHello carries `R_JOB` with "
        "the name of a run of job1, and the ServerHello accepts the key.",
        _NAMED,
        (
            _Compared("6, fd1 to sd1", ("match", "match", "match")),
            _Compared("8, sd2 to sd1", ("match", "mismatch", "match")),
            _Compared("5a, the Director to sd1", ("conflict", "mismatch", "match")),
        ),
        "Target and identity are equal, so the address decides: 6, certain.",
    ),
    _Example(
        "The same backup through NAT",
        "The SYN comes from 198.51.100.7, which no configuration has.",
        _NAMED,
        (
            _Compared("6, fd1 to sd1", ("match", "mismatch", "match")),
            _Compared("6, fd2 to sd1", ("match", "mismatch", "match")),
            _Compared("8, sd2 to sd1", ("match", "mismatch", "match")),
        ),
        "All agree alike. job1 is planned for fd1 and sd1 only, so the preference *planned job* "
        "leaves one: 6, likely. Without a proven key it would have been nobody's.",
    ),
    _Example(
        "A console that was there before the capture",
        "10.0.0.40 and the Director's port 9101 exchange data from the first packet on: no SYN, no "
        "hello.",
        _MIDSTREAM,
        (
            _Compared("2, any console to the Director", ("none", "none", "match")),
            _Compared("4, fd3 to the Director", ("none", "mismatch", "match")),
        ),
        "A 2 is plausible, but nothing is evidence for it except the port: step *anybody* leaves "
        "it without a number. If 10.0.0.40 dials once more and proves that it is the default "
        "console, the *second pass* knows its address, the address is a `match`, and the first "
        "flow is a 2, likely.",
    ),
)


def classification_page() -> str:
    """Return the page, in Markdown."""
    compared = [(f"`{word}`", *meanings) for word, meanings in _AGREEMENTS.items()]
    lines = [_row(index, line) for index, line in enumerate(TABLE, 1)]
    preferences = [(str(i), by.name, by.why) for i, by in enumerate(PREFERENCES, 1)]
    return "".join(
        [
            _HEAD,
            *_steps(),
            "\n## What is compared\n\n",
            *_table(
                ("", "the hello's identity", "the initiator's address", "the target"), compared
            ),
            _FACTS,
            _TABLE_HEAD,
            *_table(_TABLE_COLUMNS, lines),
            _PREFERENCE_HEAD,
            *_table(("", "by", "preferred is"), preferences),
            "\n## Worked examples\n",
            *(part for example in _EXAMPLES for part in _example(example)),
            _PORTS_HEAD,
            *_table(("port of", "identity in the hello", "and", "number"), _ports()),
        ]
    )


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|\n"
    for row in rows:
        yield f"| {' | '.join(row)} |\n"


def _steps() -> Iterator[str]:
    yield "\n## The steps\n\n"
    for index, step in enumerate(STEPS, 1):
        source = f"{step.source}; `{step.code}`" if step.source else f"`{step.code}`"
        yield f"{index}. **{step.name}**: {step.rule} ({source})\n"


def _row(index: int, line: Line) -> tuple[str, ...]:
    return (str(index), *map(_words, line[:7]), _decided(line), line.why)


def _words(words: str) -> str:
    return "·" if words == "any" else words.replace("|", ", ")


def _decided(line: Line) -> str:
    return "not this" if line.confidence == "no" else f"**{line.confidence}**"


def _example(example: _Example) -> Iterator[str]:
    yield f"\n**{example.title}.** {example.story}\n\n"
    rows = []
    for expectation, agreements in example.candidates:
        index, line = _line(example.facts, agreements)
        rows.append((expectation, *agreements, str(index), _decided(line)))
    yield from _table(_EXAMPLE_COLUMNS, rows)
    yield f"\n{example.end}\n"


def _line(facts: FlowFacts, words: tuple[str, str, str]) -> tuple[int, Line]:
    """Return the line of the table that holds, and its number."""
    wanted = Agreements(*(AGREEMENT_WORDS[word] for word in words))
    return next(
        (index, line)
        for index, line in enumerate(TABLE, 1)
        if line.holds_for(facts) and wanted in set(line.agreements())
    )


def _ports() -> Iterator[tuple[str, ...]]:
    for rule in PORT_RULES:
        identity = f"`{rule.identity}`" if rule.identity is not None else "none seen"
        yield str(rule.acceptor), identity, rule.condition or "·", rule.number


if __name__ == "__main__":
    sys.stdout.write(classification_page())
