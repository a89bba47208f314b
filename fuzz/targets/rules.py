"""Files of rules, and the conditions in them on rows of a real table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from auditor.judge.rules.expression import Condition
from auditor.judge.rules.rule import load_rules
from auditor.judge.tables.columns import JUDGED_TABLES
from auditor.result import Audit
from fuzz.conversation import Conversation, pcap
from fuzz.draws import Draws
from fuzz.promises import one_sentence
from fuzz.targets import conversations


def check(data: bytes) -> None:
    """Take the bytes for a condition on flows, or for a rule's file."""
    draws = Draws(data)
    if draws.number() & 1:
        folder = _folder()
        (folder / "fuzzed-rule.yaml").write_bytes(draws.take(len(data)))
        with one_sentence():
            load_rules((folder,))
        return
    text = draws.take(len(data)).decode("utf-8", "replace")
    try:
        condition = Condition(text, JUDGED_TABLES["flows"])
    except ValueError as error:
        assert str(error)
        return
    rows = _audit().tables["flows"]
    fulfilled, refuted = condition.mask(rows), condition.refuted(rows)
    assert len(fulfilled) == len(refuted) == len(rows)
    assert not (fulfilled & refuted).any()


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


@cache
def _audit() -> Audit:
    frames = []
    for seed in conversations.seeds():
        frames += Conversation().frames(Draws(seed))
    return conversations.audited(pcap(frames), conversations.networks()[0])


def seeds() -> Iterator[bytes]:
    """Yield the shipped rules, and each of their conditions."""
    folder = Path(__file__).parents[2] / "rules"
    for path in sorted(folder.glob("*.yaml")):
        content = path.read_bytes()
        if content.startswith(b"id:"):
            yield b"\1" + content.replace(path.stem.encode(), b"fuzzed-rule")
        for line in content.splitlines():
            key, _, condition = line.partition(b": ")
            if key in {b"applies", b"fail", b"doubt", b"blind", b"likely"}:
                yield b"\0" + condition
